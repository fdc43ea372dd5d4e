"""Several nodes that exporters write for one function of PyTorch, as one node again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import pi, sqrt
from typing import Any

import numpy as np

from archdsl.importing.files.onnx.folding import UNFIT, axes_of, folded
from archdsl.importing.files.onnx.graph import Call, Fixed, Graph

EXCHANGEABLE = frozenset({"Add", "Mul"})
Form = Any
"""What a tensor is made by: a tuple of an operator and the forms of its inputs, a number, or a name
that stands for any tensor, the same everywhere."""

HALF = ("Mul", "x", 0.5)
ERF = [("Erf", ("Div", "x", sqrt(2))), ("Erf", ("Mul", "x", 1 / sqrt(2)))]
CUBE = ("Mul", ("Pow", "x", 3.0), 0.044715)
TANH = ("Tanh", ("Mul", ("Add", "x", CUBE), sqrt(2 / pi)))
SIXTH = ("Clip", ("Add", "x", 3.0), 0.0, 6.0)
HARD = [("Div", SIXTH, 6.0), ("Mul", SIXTH, 1 / 6)]
HARD_SIGMOID = ("HardSigmoid", "x")


def _halved(one: Form) -> list[Form]:
    """The ways to write the product of `x`, a half and something else."""
    return [("Mul", HALF, one), ("Mul", ("Mul", "x", one), 0.5), ("Mul", "x", ("Mul", one, 0.5))]


FORMS: Mapping[str, list[Form]] = {
    "Gelu": [each for erf in ERF for each in _halved(("Add", erf, 1.0))],
    "GeluTanh": _halved(("Add", TANH, 1.0)),
    "Silu": [("Mul", "x", ("Sigmoid", "x"))],
    "HardSwish": [
        ("Mul", "x", HARD_SIGMOID),
        *[("Mul", "x", each) for each in HARD],
        ("Div", ("Mul", "x", SIXTH), 6.0),
    ],
    "HardSigmoid": HARD,
    "Mish": [("Mul", "x", ("Tanh", ("Softplus", "x")))],
}


def fold(graph: Graph) -> None:
    """Compute what depends on no input, where the sizes of tensors are known."""
    kept = []
    for call in graph.calls:
        given = [graph.fixed.get(name) if name else None for name in call.inputs]
        is_fixed = all(
            each is not None for each, name in zip(given, call.inputs, strict=True) if name
        )
        result = None
        if is_fixed and (given or call.op == "Constant"):
            try:
                result = folded(call, given)
            except UNFIT:
                # What is wrong with it is said where the node is translated.
                result = None
        if result is None:
            kept.append(call)
            continue
        graph.fixed[call.outputs[0]] = result
    graph.calls = kept
    graph.link()


def joined(graph: Graph) -> None:
    """Put one node in the place of each group that is one function."""
    graph.calls = [_joined(graph, call) for call in graph.calls]
    graph.link()
    _without_unread(graph)


def _joined(graph: Graph, call: Call) -> Call:
    for op, forms in FORMS.items():
        for form in forms:
            found: dict[str, str] = {}
            if call.op == form[0] and _matches(graph, call, form, found):
                return _function(op, call, found["x"])
    for special in (_layer_norm, _attention):
        made = special(graph, call)
        if made is not None:
            return made
    return call


def _function(op: str, call: Call, x: str) -> Call:
    attributes: dict[str, Any] = {"approximate": "tanh"} if op == "GeluTanh" else {}
    if op == "HardSigmoid":
        attributes = {"alpha": 1 / 6, "beta": 0.5}
    name = "Gelu" if op == "GeluTanh" else op
    return replace(call, op=name, inputs=[x], attributes=attributes)


def _matches(graph: Graph, call: Call, form: Form, found: dict[str, str]) -> bool:
    op, *forms = form
    if call.op != op:
        return False
    if op == "HardSigmoid" and abs(call.get("alpha", 0.2) - 1 / 6) > 1e-6:
        return False
    names = [*call.inputs]
    if op == "Clip" and len(names) == 1:
        return _old_clip(graph, call, forms, found)
    for order in _orders(op, names):
        known = dict(found)
        if len(order) == len(forms) and all(
            _is(graph, name, each, known) for name, each in zip(order, forms, strict=True)
        ):
            found.update(known)
            return True
    return False


def _old_clip(graph: Graph, call: Call, forms: list[Form], found: dict[str, str]) -> bool:
    """A `Clip` whose bounds are attributes, as they were until opset 11."""
    bounds = [call.get("min"), call.get("max")]
    return bounds == forms[1:] and _is(graph, call.inputs[0], forms[0], found)


def _orders(op: str, names: list[str]) -> Iterator[list[str]]:
    yield names
    if op in EXCHANGEABLE:
        yield names[::-1]


def _is(graph: Graph, name: str, form: Form, found: dict[str, str]) -> bool:
    if isinstance(form, float):
        number = number_of(graph, name)
        return number is not None and abs(number - form) <= 1e-6 * max(1.0, abs(form))
    if isinstance(form, str):
        return found.setdefault(form, name) == name and name not in graph.fixed
    maker = graph.makers.get(name)
    return maker is not None and _matches(graph, maker, form, found)


def number_of(graph: Graph, name: str) -> float | None:
    """The only number of a fixed tensor."""
    fixed = graph.fixed.get(name)
    number = None if fixed is None else fixed.number
    return None if number is None else float(number)


# --- normalisation over the features ---


def _layer_norm(graph: Graph, call: Call) -> Call | None:
    """`(x - mean) / sqrt(variance + eps) * scale + shift`, as files before opset 17 have it."""
    normal = _normal(graph, call)
    if normal is None:
        return None
    x, eps, axis = normal
    scaled = _applied(graph, call.outputs[0], "Mul")
    shifted = _applied(graph, scaled[0].outputs[0], "Add") if scaled else None
    if scaled is None or shifted is None:
        return None
    last = shifted[0]
    last.op, last.inputs = "LayerNormalization", [x, scaled[1], shifted[1]]
    last.attributes = {"epsilon": eps, "axis": axis}
    return call


def _normal(graph: Graph, call: Call) -> tuple[str, float, int] | None:
    """What is normalised by a division, with what, and over which last axis."""
    if call.op != "Div":
        return None
    away, root = [graph.makers.get(name) for name in call.inputs]
    if away is None or away.op != "Sub" or root is None or root.op != "Sqrt":
        return None
    x, mean = away.inputs[0], graph.makers.get(away.inputs[1])
    summed = graph.makers.get(root.inputs[0])
    if mean is None or summed is None or (mean.op, summed.op) != ("ReduceMean", "Add"):
        return None
    eps = [number_of(graph, name) for name in summed.inputs]
    variance = [graph.makers.get(name) for name in summed.inputs]
    number = next((each for each in eps if each is not None), None)
    squared = next((each for each in variance if each is not None), None)
    if number is None or squared is None or squared.op != "ReduceMean" or mean.inputs[0] != x:
        return None
    power = graph.makers.get(squared.inputs[0])
    is_square = power is not None and power.op == "Pow" and number_of(graph, power.inputs[1]) == 2
    if power is None or not is_square or not _is_same(graph, power.inputs[0], call.inputs[0]):
        return None
    axes = [_axes(graph, each) for each in (mean, squared)]
    return (x, number, axes[0][0]) if axes[0] == axes[1] and len(axes[0]) == 1 else None


def _is_same(graph: Graph, one: str, other: str) -> bool:
    """Whether two tensors are one, or made alike of the same ones."""
    first, second = graph.makers.get(one), graph.makers.get(other)
    if one == other or first is None or second is None:
        return one == other
    return (first.op, first.inputs, first.attributes) == (
        second.op,
        second.inputs,
        second.attributes,
    )


def _axes(graph: Graph, call: Call) -> list[int]:
    given = graph.fixed.get(call.inputs[1]) if len(call.inputs) > 1 else None
    return axes_of(call, None if given is None else given.array)


def _applied(graph: Graph, name: str, op: str) -> tuple[Call, str] | None:
    """The node that alone reads a tensor, and applies a fixed vector to it."""
    reader = graph.only_reader(name)
    if reader is None or reader.op != op:
        return None
    others = [each for each in reader.inputs if each != name]
    is_vector = (
        len(others) == 1 and others[0] in graph.fixed and graph.fixed[others[0]].array.ndim == 1
    )
    return (reader, others[0]) if is_vector else None


# --- attention ---


def _attention(graph: Graph, call: Call) -> Call | None:
    """`softmax(q k * scale) v`; scores that are masked are left as they are."""
    if call.op != "MatMul":
        return None
    weights = graph.makers.get(call.inputs[0])
    if weights is None or weights.op != "Softmax" or weights.get("axis", -1) not in (-1, 3):
        return None
    scores, factor = _scaled(graph, weights.inputs[0])
    product = graph.makers.get(scores)
    if product is None or product.op != "MatMul":
        return None
    (query, one), (key, other) = [_scaled(graph, name) for name in product.inputs]
    scale = factor * one * other
    attributes = {"scale": scale, "is_turned": True}
    return replace(call, op="Attention", inputs=[query, key, call.inputs[1]], attributes=attributes)


def _scaled(graph: Graph, name: str) -> tuple[str, float]:
    """A tensor without the numbers that it is multiplied or divided by, and their product."""
    factor = 1.0
    while True:
        maker = graph.makers.get(name)
        if maker is None or maker.op not in ("Mul", "Div"):
            return name, factor
        numbers = [number_of(graph, each) for each in maker.inputs]
        if maker.op == "Div":
            if numbers[1] is None:
                return name, factor
            name, factor = maker.inputs[0], factor / numbers[1]
            continue
        place = next((p for p, number in enumerate(numbers) if number is not None), None)
        if place is None:
            return name, factor
        name, factor = maker.inputs[1 - place], factor * float(numbers[place] or 0.0)


def _without_unread(graph: Graph) -> None:
    """Leave out nodes that nothing reads any more."""
    wanted = {*graph.results}
    kept = []
    for call in reversed(graph.calls):
        if wanted & {*call.outputs}:
            kept.append(call)
            wanted |= {*call.inputs}
    graph.calls = kept[::-1]
    graph.link()


def with_sizes(graph: Graph, sizes: Mapping[str, tuple[int, ...]]) -> None:
    """Make fixed tensors of the sizes that nodes ask for."""
    kept: list[Call] = []
    for call in graph.calls:
        known = sizes.get(call.inputs[0]) if call.op == "Shape" else None
        if known is None:
            kept.append(call)
            continue
        part = known[call.get("start", 0) : call.get("end")]
        graph.fixed[call.outputs[0]] = Fixed(np.asarray(part, np.int64))
    graph.calls = kept
    graph.link()
