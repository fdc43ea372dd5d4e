"""What follows from fixed numbers alone: sizes, and how tensors are cut and joined.

Exporters write `x.view(x.size(0), -1)` as five nodes; sizes are known here, so they are numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from archdsl.importing.files.onnx.graph import Array, Call, Fixed, whole

UNFIT = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What NumPy raises for inputs that do not fit, or are not there."""
MOST = 2**24
"""The most numbers that are made of fewer."""


def folded(call: Call, inputs: Sequence[Fixed | None]) -> Fixed | None:
    """The fixed result of a node; None where nothing is known of its op.

    Raises one of `UNFIT` for inputs that do not fit.
    """
    first = inputs[0] if inputs else None
    if call.op == "Identity" and first is not None:
        # Exporters write equal tensors once, and name them again.
        return replace(first, called=call.outputs[0]) if first.name else first
    if call.op == "Transpose" and first is not None:
        return first.permuted(call.get("perm") or [*range(first.array.ndim)][::-1])
    rule = RULES.get(call.op)
    if rule is None:
        return None
    found = rule(call, *[None if each is None else each.array for each in inputs])
    return None if found is None else Fixed(found)


def _limited(*sizes: int) -> None:
    if prod(sizes) > MOST:
        raise ValueError(f"a tensor of {' x '.join(map(str, sizes))} fixed numbers")


def _constant(call: Call, *_: Any) -> Array:
    from onnx import numpy_helper

    for name, value in call.attributes.items():
        if name == "value":
            return numpy_helper.to_array(value)
        if name in ("value_int", "value_ints"):
            return np.asarray(value, np.int64)
        if name in ("value_float", "value_floats"):
            return np.asarray(value, np.float32)
    raise ValueError("a constant of no numbers")


def _filled(call: Call, shape: Array) -> Array:
    from onnx import numpy_helper

    value = call.get("value")
    _limited(*whole(shape))
    number = np.zeros(1, np.float32) if value is None else numpy_helper.to_array(value)
    return np.full(whole(shape), number.reshape(-1)[0])


def _range(call: Call, start: Array, stop: Array, step: Array) -> Array:
    _limited(int((stop.item() - start.item()) / step.item()) + 1)
    return np.arange(start.item(), stop.item(), step.item(), dtype=start.dtype)


def _expand(call: Call, x: Array, shape: Array) -> Array | None:
    if np.issubdtype(x.dtype, np.floating) and x.size > 1:
        # A weight is repeated for the samples, of which there may be any number.
        return None
    sizes = np.broadcast_shapes(x.shape, tuple(whole(shape)))
    _limited(*sizes)
    return np.broadcast_to(x, sizes)


def _cast(call: Call, x: Array) -> Array:
    from onnx.helper import tensor_dtype_to_np_dtype

    return x.astype(tensor_dtype_to_np_dtype(call.get("to")))


def _concat(call: Call, *several: Array) -> Array:
    return np.concatenate(several, axis=call.get("axis", 0))


def _gather(call: Call, x: Array, places: Array) -> Array:
    _limited(places.size, x.size // max(1, x.shape[call.get("axis", 0)]))
    return np.asarray(np.take(x, places, axis=call.get("axis", 0)))


def axes_of(call: Call, given: Array | None) -> list[int]:
    """The axes of a node: an attribute in older files, an input in newer ones."""
    return whole(given) if given is not None else [*(call.get("axes") or [])]


def _unsqueeze(call: Call, x: Array, axes: Array | None = None) -> Array:
    return np.expand_dims(x, tuple(axes_of(call, axes)))


def _squeeze(call: Call, x: Array, axes: Array | None = None) -> Array:
    return np.squeeze(x, tuple(axes_of(call, axes)) or None)


def _reshape(call: Call, x: Array, shape: Array) -> Array:
    return x.reshape(target(shape, x.shape, bool(call.get("allowzero"))))


def target(shape: Array, before: Sequence[int], is_zero: bool) -> list[int]:
    """The sizes that a reshape says, with those that stay as they are."""
    sizes = whole(shape)
    return [before[i] if n == 0 and not is_zero else n for i, n in enumerate(sizes)]


def slices(
    call: Call, rank: int, starts: Any, stops: Any, axes: Any, steps: Any
) -> tuple[slice, ...]:
    """The index that a `Slice` is."""
    starts = call.get("starts") if starts is None else starts
    stops = call.get("ends") if stops is None else stops
    axes = call.get("axes") if axes is None else axes
    axes = whole(axes) if axes is not None else [*range(len(starts))]
    steps = whole(steps) if steps is not None else [1] * len(starts)
    found = [slice(None)] * rank
    for axis, start, stop, step in zip(axes, whole(starts), whole(stops), steps, strict=True):
        found[axis] = slice(start, stop, step)
    return tuple(found)


def _slice(
    call: Call,
    x: Array,
    starts: Array | None = None,
    stops: Array | None = None,
    axes: Array | None = None,
    steps: Array | None = None,
) -> Array:
    return x[slices(call, x.ndim, starts, stops, axes, steps)]


def _div(call: Call, x: Array, y: Array) -> Array:
    if np.issubdtype(x.dtype, np.integer):
        return np.asarray(np.trunc(x / y)).astype(x.dtype)
    return np.asarray(x / y)


def _of(function: Callable[..., Any]) -> Callable[..., Array]:
    def rule(call: Call, *arrays: Array) -> Array:
        _limited(*np.broadcast_shapes(*[each.shape for each in arrays]))
        return np.asarray(function(*arrays))

    return rule


def _of_axes(function: Callable[..., Any]) -> Callable[..., Array]:
    def rule(call: Call, x: Array, axes: Array | None = None) -> Array:
        several = tuple(axes_of(call, axes)) or None
        return np.asarray(function(x, axis=several, keepdims=bool(call.get("keepdims", 1))))

    return rule


def _shape(call: Call, x: Array) -> Array:
    return np.asarray(x.shape[call.get("start", 0) : call.get("end")], np.int64)


RULES: Mapping[str, Callable[..., Array | None]] = {
    "Shape": _shape,
    "Constant": _constant,
    "ConstantOfShape": _filled,
    "Range": _range,
    "Expand": _expand,
    "Cast": _cast,
    "Concat": _concat,
    "Gather": _gather,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Reshape": _reshape,
    "Slice": _slice,
    "Div": _div,
    "Add": _of(np.add),
    "Sub": _of(np.subtract),
    "Mul": _of(np.multiply),
    "Pow": _of(np.power),
    "Sqrt": _of(np.sqrt),
    "Neg": _of(np.negative),
    "Floor": _of(np.floor),
    "Ceil": _of(np.ceil),
    "Mod": _of(np.mod),
    "Equal": _of(np.equal),
    "Less": _of(np.less),
    "Greater": _of(np.greater),
    "Not": _of(np.logical_not),
    "And": _of(np.logical_and),
    "Or": _of(np.logical_or),
    "Where": _of(np.where),
    "ReduceProd": _of_axes(np.prod),
    "ReduceMin": _of_axes(np.min),
    "ReduceMax": _of_axes(np.max),
}
