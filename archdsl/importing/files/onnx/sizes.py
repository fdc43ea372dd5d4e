"""The sizes of all tensors of an ONNX file, for inputs of known sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from archdsl.importing.files.onnx.graph import Call, Graph
from archdsl.importing.files.onnx.translation import Rule, Translation, broadcast
from archdsl.importing.refusal import Refusal
from archdsl.importing.trace import Value


def sizes_of(
    graph: Graph, inputs: Mapping[str, Tensor], rules: Mapping[str, Rule]
) -> dict[str, tuple[int, ...]]:
    """The sizes of tensors up to the first node of which nothing is known."""
    calls = [replace(call, inputs=[*call.inputs]) for call in graph.calls]
    copied = replace(graph, calls=calls, fixed=dict(graph.fixed))
    copied.link()
    translation = Translation(copied, inputs)
    known = {**rules, **dict.fromkeys(ELEMENTWISE, _elementwise), "MatMul": _product}
    for call in calls:
        try:
            translation.take(call, known)
        except Refusal:
            break
    several = translation.known.items()
    return {name: each.shape for name, each in several if isinstance(each, Value)}


ELEMENTWISE = "Add Sub Mul Div Pow Sqrt Erf Exp Log Neg Abs Reciprocal Where Min Max".split()
"""Parts of functions that `patterns.py` puts together; alone, few of them are ops."""


def _elementwise(translation: Translation, call: Call) -> Value:
    shapes = [
        each.shape for place in range(len(call.inputs)) if (each := translation.held(call, place))
    ]
    return _made(translation, call, broadcast(*shapes))


def _product(translation: Translation, call: Call) -> Value:
    one, other = translation.held(call, 0), translation.held(call, 1)
    assert one is not None
    assert other is not None
    product = torch.empty(one.shape, device="meta") @ torch.empty(other.shape, device="meta")
    return _made(translation, call, tuple(product.shape))


def _made(translation: Translation, call: Call, shape: tuple[int, ...]) -> Value:
    return translation.function(call, call.op, lambda: torch.empty(shape, device="meta"))
