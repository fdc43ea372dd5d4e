"""Sums and products of tensors in ONNX files, linear layers and attention among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.nn import functional

from archdsl.importing.files.onnx.graph import Call, Fixed, float32
from archdsl.importing.files.onnx.layers import linear
from archdsl.importing.files.onnx.translation import Held, Rule, Translation
from archdsl.importing.trace import Value


def _of_two(name: str, function: Callable[..., Any]) -> Rule:
    """A sum, difference, product or quotient, of tensors or with numbers."""

    def rule(translation: Translation, call: Call) -> Held:
        one, other = [_operand(translation, call, place) for place in (0, 1)]
        if not isinstance(one, Value) and not isinstance(other, Value):
            raise call.refuse("computes with numbers alone")
        return translation.function(call, name, function, one, other)

    return rule


def _operand(translation: Translation, call: Call, place: int) -> Value | float:
    found = translation.held(call, place)
    if isinstance(found, Fixed) and found.number is not None and not found.array.ndim:
        return float32(found.number)
    if isinstance(found, Fixed) and found.number is not None and not found.name:
        return float32(found.number)
    return translation.value(call, place)


def _sum(translation: Translation, call: Call) -> Value:
    found = translation.value(call, 0)
    for place in range(1, len(call.inputs)):
        other = translation.value(call, place)
        found = translation.function(call, "add", torch.add, found, other)
    return found


def _matmul(translation: Translation, call: Call) -> Value:
    matrix, x = translation.held(call, 1), translation.value(call, 0)
    if not isinstance(matrix, Fixed) or matrix.array.ndim != 2:
        raise call.refuse("multiplies matrices that are computed, outside of an attention")
    bias = _bias_behind(translation, call, matrix.shape[1])
    return linear(translation, call, x, matrix.permuted((1, 0)), bias)


def _bias_behind(translation: Translation, call: Call, size: int) -> Fixed | None:
    """The bias that the next node adds, which is left out then."""
    graph, output = translation.graph, call.outputs[0]
    reader = graph.only_reader(output)
    if reader is None or reader.op != "Add" or len({*reader.inputs}) != 2:
        return None
    (name,) = [each for each in reader.inputs if each != output]
    bias = translation.known.get(name)
    if not isinstance(bias, Fixed) or bias.shape != (size,):
        return None
    reader.op, reader.inputs = "Identity", [output]
    return bias


def _attend(translation: Translation, call: Call) -> Value:
    """Attention of heads, as `patterns.py` puts it together, or as the operator of newer files."""
    if len(call.outputs) > 1 or len(call.inputs) > 3:
        raise call.refuse("attends with a mask or a memory, which no rule reads yet")
    query, key, value = [translation.value(call, place) for place in range(3)]
    if call.get("is_turned"):
        key = translation.function(call, "transpose", torch.transpose, key, -2, -1)
    if any(len(each.shape) != 4 for each in (query, key, value)) or call.get("softcap", 0.0):
        raise call.refuse("attends over tensors that are not [samples, heads, positions, d]")
    scale = call.get("scale", query.shape[-1] ** -0.5)
    # It is often the product of two rounded roots.
    is_usual = abs(scale / query.shape[-1] ** -0.5 - 1) < 1e-6
    settings: dict[str, Any] = {} if is_usual else {"scale": float32(scale)}
    if call.get("is_causal", 0):
        settings["is_causal"] = True
    attend = functional.scaled_dot_product_attention
    name = "scaled_dot_product_attention"
    return translation.function(call, name, attend, query, key, value, **settings)


RULES: Mapping[str, Rule] = {
    "Add": _of_two("add", torch.add),
    "Sub": _of_two("sub", torch.sub),
    "Mul": _of_two("mul", torch.mul),
    "Div": _of_two("div", torch.div),
    "Sum": _sum,
    "MatMul": _matmul,
    "Attention": _attend,
}
