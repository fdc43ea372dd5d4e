"""ONNX files as text, and their weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper, parser


def onnx_model(text: str, opset: int = 17, count: int = 1) -> onnx.ModelProto:
    """A model; the inputs behind the first `count` are its weights. Names have `__` for dots."""
    model = parser.parse_model(f'<ir_version: 8, opset_import: ["" : {opset}]> {text}')
    draw = np.random.default_rng(0)
    for info in model.graph.input[count:]:
        sizes = [each.dim_value for each in info.type.tensor_type.shape.dim]
        # Variances are above zero.
        numbers = draw.uniform(0.5, 1, sizes) if "var" in info.name else draw.normal(0, 0.3, sizes)
        name = info.name.replace("__", ".")
        model.graph.initializer.append(numpy_helper.from_array(numbers.astype(np.float32), name))
    del model.graph.input[count:]
    for node in model.graph.node:
        names = [name.replace("__", ".") for name in node.input]
        del node.input[:]
        node.input.extend(names)
    return model


def save(model: onnx.ModelProto, folder: Path, name: str = "net.onnx") -> Path:
    """Write a model to a file."""
    path = folder / name
    path.write_bytes(model.SerializeToString())
    return path
