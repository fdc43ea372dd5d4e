"""Networks in exact arithmetic: fractions in arrays of numpy, so that equal means equal."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import isqrt, prod
from typing import Any

import numpy

from archdsl.ops.axes import each
from archdsl.ops.conv import padding_of
from archdsl.rewriting.network import Plan

State = Mapping[str, Any]


class Fractions:
    """Arithmetic of fractions; only squares have a root."""

    def number(self, value: float) -> Fraction:
        return Fraction(str(value))

    def zeros(self, shape: Sequence[int]) -> Any:
        return _array(shape, lambda: Fraction(0))

    def root(self, of: Any) -> Any:
        return _array(of.shape, iter([_root(each) for each in of.flat]).__next__)

    def joined(self, parts: Sequence[Any], axis: int) -> Any:
        return numpy.concatenate([*parts], axis)


def _root(number: Fraction) -> Fraction:
    found = Fraction(isqrt(number.numerator), isqrt(number.denominator))
    assert found * found == number, "no square of a fraction"
    return found


def _array(shape: Sequence[int], draw: Callable[[], Fraction]) -> Any:
    numbers = numpy.empty(prod(shape), dtype=object)
    numbers[:] = [draw() for _ in range(prod(shape))]
    return numbers.reshape(tuple(shape))


def drawn_state(plan: Plan, chance: random.Random) -> dict[str, Any]:
    """Small whole numbers as weights; variances whose sum with epsilon is a square."""
    state: dict[str, Any] = {}
    for number, node in plan.nodes.items():
        for weight in plan.entries(number):
            key = weight.key(node.path)
            state[key] = _array(weight.shape, lambda: Fraction(chance.randint(-3, 3)))
            if weight.name == "running_var":
                eps = Fraction(str(node.op.eps))
                state[key] = _array(weight.shape, lambda: _square(chance)) - eps
    return state


def _square(chance: random.Random) -> Fraction:
    return Fraction(chance.randint(1, 5), chance.randint(1, 3)) ** 2


def drawn_input(plan: Plan, chance: random.Random) -> list[Any]:
    """One sample of whole numbers for every input."""
    shapes = [plan.nodes[number].shape.sizes for number in plan.inputs.values()]
    return [_array(shape, lambda: Fraction(chance.randint(-3, 3))) for shape in shapes]


def results(plan: Plan, state: State, inputs: Sequence[Any]) -> dict[str, Any]:
    """The results of a network in inference, by name."""
    values = dict(zip(plan.inputs.values(), inputs, strict=True))
    for number, node in plan.nodes.items():
        if node.op is not None and not node.training_only:
            weights = {e.name: state[e.key(node.path)] for e in plan.entries(number)}
            read = [values[source] for source in node.inputs]
            values[number] = OPS[node.op.name](node.op, weights, *read)
            assert values[number].shape == node.shape.sizes, node
    return {name: values[number] for name, number in plan.results.items()}


def _windows(x: Any, kernel: Any, stride: Any, dilation: Any) -> Any:
    """How many windows there are along every axis, and what each of them holds."""
    reach = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    sizes = [(n - r - 1) // s + 1 for n, r, s in zip(x.shape[1:], reach, stride, strict=True)]
    found = {}
    for place in product(*map(range, sizes)):
        cut = zip(place, stride, reach, dilation, strict=True)
        found[place] = x[(slice(None), *[slice(p * s, p * s + r + 1, d) for p, s, r, d in cut])]
    return sizes, found


def _padded(x: Any, pad: Sequence[int], value: Any) -> Any:
    whole = _array(
        [x.shape[0], *[n + 2 * p for n, p in zip(x.shape[1:], pad, strict=True)]], lambda: value
    )
    whole[(slice(None), *[slice(p, p + n) for n, p in zip(x.shape[1:], pad, strict=True)])] = x
    return whole


def _conv(op: Any, weights: State, x: Any) -> Any:
    axes = x.ndim - 1
    names = [each(v, axes) for v in (op.kernel, op.stride, op.dilation)]
    x = _padded(x, each(padding_of(op), axes), Fraction(0))
    sizes, windows = _windows(x, *names)
    made = Fractions().zeros((op.out, *sizes))
    width, own = x.shape[0] // op.groups, op.out // op.groups
    for out in range(op.out):
        group = out // own
        for place, window in windows.items():
            read = window[group * width : (group + 1) * width]
            made[(out, *place)] = (read * weights["weight"][out]).sum()
    if op.bias:
        made = made + weights["bias"].reshape(-1, *[1] * axes)
    return made


def _conv_transpose(op: Any, weights: State, x: Any) -> Any:
    axes = x.ndim - 1
    names = (op.kernel, op.stride, op.dilation, op.pad, op.output_pad)
    kernel, stride, dilation, pad, extra = [each(value, axes) for value in names]
    rows = [*zip(x.shape[1:], kernel, stride, dilation, pad, extra, strict=True)]
    whole = [(n - 1) * s + d * (k - 1) + 1 + more for n, k, s, d, _, more in rows]
    made = Fractions().zeros((op.out, *whole))
    own, width = op.out // op.groups, x.shape[0] // op.groups
    for channel, *place in product(*map(range, x.shape)):
        group = channel // width
        cut = [
            slice(p * s, p * s + d * (k - 1) + 1, d)
            for p, (_, k, s, d, _, _) in zip(place, rows, strict=True)
        ]
        added = weights["weight"][channel] * x[(channel, *place)]
        made[(slice(group * own, (group + 1) * own), *cut)] += added
    inside = [slice(p, n - p) for n, (*_, p, _) in zip(whole, rows, strict=True)]
    made = made[(slice(None), *inside)]
    return made + weights["bias"].reshape(-1, *[1] * axes) if op.bias else made


def _linear(op: Any, weights: State, x: Any) -> Any:
    made = x @ weights["weight"].T
    return made + weights["bias"] if op.bias else made


def _bn(op: Any, weights: State, x: Any) -> Any:
    shape = (-1, *[1] * (x.ndim - 1))
    named = {name: value.reshape(shape) for name, value in weights.items() if value.shape}
    deviation = Fractions().root(named["running_var"] + Fraction(str(op.eps)))
    return (x - named["running_mean"]) / deviation * named["weight"] + named["bias"]


def _pool(op: Any, weights: State, x: Any) -> Any:
    axes = x.ndim - 1
    kernel = each(op.kernel, axes)
    stride = kernel if op.stride is None else each(op.stride, axes)
    fill = Fraction(-(10**9)) if op.name == "maxpool" else Fraction(0)
    sizes, windows = _windows(_padded(x, each(op.pad, axes), fill), kernel, stride, (1,) * axes)
    made = Fractions().zeros((x.shape[0], *sizes))
    for place, window in windows.items():
        rows = window.reshape(x.shape[0], -1)
        made[(slice(None), *place)] = (
            rows.max(1) if op.name == "maxpool" else rows.sum(1) / rows.shape[1]
        )
    return made


def _means(op: Any, weights: State, x: Any) -> Any:
    means = x.reshape(x.shape[0], -1).sum(1) / Fraction(prod(x.shape[1:]))
    return means.reshape(-1, *[1] * (x.ndim - 1))


OPS: Mapping[str, Callable[..., Any]] = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "linear": _linear,
    "bn": _bn,
    "maxpool": _pool,
    "avgpool": _pool,
    "global_avgpool": _means,
    "relu": lambda op, weights, x: numpy.maximum(x, Fraction(0)),
    "dropout": lambda op, weights, x: x,
    "flatten": lambda op, weights, x: x.reshape(-1),
    "slice": lambda op, weights, x: x[op.start : op.stop],
    "part": lambda op, weights, x: numpy.split(x, op.parts)[op.index],
    "concat": lambda op, weights, *several: numpy.concatenate(several, 0),
    "add": lambda op, weights, *several: sum(several[1:], several[0]),
}
