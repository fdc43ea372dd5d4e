"""The sizes of all tensors of an ONNX file, for inputs of known sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

LARGE = 256
"""An initializer of more numbers is no size."""


def sizes_of(model: Any, inputs: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """The sizes of tensors, as far as ONNX infers them; empty where it cannot."""
    import onnx

    small = _without_weights(model, inputs)
    try:
        inferred = onnx.shape_inference.infer_shapes(small, data_prop=True)
    except Exception:
        return {}
    found = {}
    for info in [*inferred.graph.value_info, *inferred.graph.output, *inferred.graph.input]:
        described = info.type.tensor_type
        sizes = tuple([dim.dim_value for dim in described.shape.dim])
        if described.HasField("shape") and all(dim.HasField("dim_value") for dim in described.shape.dim):
            found[info.name] = sizes
    return found


def _without_weights(model: Any, inputs: Mapping[str, Tensor]) -> Any:
    """The model with inputs of the sizes of some, and large tensors by their sizes alone."""
    import onnx
    from onnx.helper import make_tensor_value_info

    small = onnx.ModelProto()
    small.ir_version = model.ir_version
    small.opset_import.extend(model.opset_import)
    graph = small.graph
    graph.name = model.graph.name
    graph.node.extend(model.graph.node)
    graph.output.extend([onnx.ValueInfoProto(name=each.name) for each in model.graph.output])
    for each in model.graph.input:
        if each.name in inputs:
            kind = each.type.tensor_type.elem_type
            graph.input.append(make_tensor_value_info(each.name, kind, [*inputs[each.name].shape]))
    for tensor in model.graph.initializer:
        count = 1
        for size in tensor.dims:
            count *= max(1, size)
        if count <= LARGE:
            graph.initializer.append(tensor)
        else:
            graph.input.append(make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))
    return small
