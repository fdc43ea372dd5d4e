"""Runs an ONNX file with ONNX Runtime, from memory and with other weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from archdsl.diagnostics import first_line
from archdsl.importing.files.onnx.graph import Array, Fixed
from archdsl.importing.refusal import Refusal


class Session:
    """A model whose weights are given with its inputs; `parts` are tensors of the file by key."""

    def __init__(self, model: Any, inputs: Sequence[str], parts: Mapping[str, Fixed]) -> None:
        self.inputs = inputs
        named = {tensor.name: tensor for tensor in model.graph.initializer}
        self.parts = {key: part for key, part in parts.items() if part.name in named}
        self.sizes = {name: tuple(each.dims) for name, each in named.items()}
        self.types = {part.name: part.array.dtype for part in self.parts.values()}
        self.session = _session(_with_open_weights(model, {*self.types}))

    def results(self, inputs: Sequence[Tensor], weights: Mapping[str, Tensor]) -> list[Tensor]:
        """What the file gives for some inputs, with other weights by key."""
        given = {
            name: _single(each).numpy() for name, each in zip(self.inputs, inputs, strict=True)
        }
        for key, part in self.parts.items():
            given[part.name] = self._as_in_file(part, weights[key])
        try:
            found = self.session.run(None, given)
        except Exception as fault:
            raise Refusal("E0986", f"ONNX Runtime cannot run it: {first_line(fault)}") from fault
        return [torch.from_numpy(np.asarray(each)) for each in found]

    def _as_in_file(self, part: Fixed, weight: Tensor) -> Array:
        array = weight.numpy()
        if part.order is not None:
            array = array.transpose(np.argsort(part.order))
        sizes = self.sizes[part.name]
        return np.ascontiguousarray(array.reshape(sizes), dtype=self.types[part.name])


def _single(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor


def _with_open_weights(model: Any, names: set[str]) -> bytes:
    """The model with some of its weights as inputs."""
    import onnx

    known = {each.name for each in model.graph.input}
    opened = onnx.ModelProto()
    opened.CopyFrom(model)
    kept = []
    for tensor in opened.graph.initializer:
        if tensor.name not in names:
            kept.append(tensor)
        elif tensor.name not in known:
            info = onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
            opened.graph.input.append(info)
    remaining = [onnx.TensorProto.FromString(each.SerializeToString()) for each in kept]
    del opened.graph.initializer[:]
    opened.graph.initializer.extend(remaining)
    content: bytes = opened.SerializeToString()
    return content


def _session(content: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # As the file says it: what is made faster is computed in another order.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(content, options, ["CPUExecutionProvider"])
    except Exception as fault:
        raise Refusal("E0986", f"ONNX Runtime cannot read it: {first_line(fault)}") from fault
