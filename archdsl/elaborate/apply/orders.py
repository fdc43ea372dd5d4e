"""Calls in PyTorch's order, found where the channels that come in are known.

`conv(64, 128, 3)` has no more arguments by position than `conv` takes: a stride of 3, and a kernel
of 128. Where 64 channels come in, and nobody would write such a kernel (`Op.is_usual`), the call is
rather in PyTorch's order. That is said instead of what the op refuses, or else in a note, which a
keyword silences: `conv(64, kernel=129, stride=3)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archdsl.elaborate.apply.place import Place
from archdsl.elaborate.tensors import Tensor
from archdsl.elaborate.values import Applicable, Bound, OpCallee
from archdsl.resolve.positions import Misfit, channels_given
from archdsl.resolve.readings import (
    FEWEST_CHANNELS,
    INFERRED,
    CalledOp,
    Reading,
    is_same,
    is_usual,
    pytorch_order,
)

PLAIN_WIDTH = 2 * FEWEST_CHANNELS
"""A number of this size is a width, whatever it follows."""


def in_pytorch_order(layer: Applicable, callee: OpCallee, tensor: Tensor) -> Misfit | None:
    """The diagnostic for a call whose first argument is the number of input channels."""
    theirs = _pytorch_reading(layer, callee)
    values = _values(theirs)
    if callee.required - theirs.keys() or not _may_come_in(values, tensor):
        return None
    if is_usual(callee.op, _values(layer.bindings)) or not is_usual(callee.op, values):
        return None
    reading: Reading = [(name, bound.argument) for name, bound in theirs.items() if bound.argument]
    others = [bound.argument for bound in layer.bindings.values() if not bound.by_position]
    called = CalledOp(callee.op, callee.name, callee.parameters)
    return channels_given(called, reading, [each for each in others if each is not None])


def _may_come_in(values: Mapping[str, Any], tensor: Tensor) -> bool:
    """Whether the input has this many channels; if unknown, whether a plain width follows."""
    if INFERRED not in values:
        return False
    if tensor.sizes is not None:
        return bool(values[INFERRED] == tensor.sizes.breadth.value)
    _, second, *_ = [*values.values(), 0]
    return isinstance(second, int) and second >= PLAIN_WIDTH


def note_order(layer: Applicable, callee: OpCallee, tensor: Tensor, place: Place) -> None:
    """Remark on a call that is possible, and rather in PyTorch's order."""
    found = in_pytorch_order(layer, callee, tensor)
    if found is not None:
        message = f"{found.message}: is this call in PyTorch's order?"
        name = callee.parameters[1]
        help = f"{found.help}; if it is not, write `{name}=` before the second argument"
        place.body.note("N0201", message, found.span, help)


def _pytorch_reading(layer: Applicable, callee: OpCallee) -> dict[str, Bound]:
    """The arguments by position in PyTorch's order; none where they are written for our own."""
    written = {name: bound for name, bound in layer.bindings.items() if bound.by_position}
    arguments = [(name, bound.argument) for name, bound in written.items() if bound.argument]
    is_from_start = [*written] == [*callee.parameters[: len(written)]]
    is_ours = any(is_same(*pair) or pair[1].span.source.is_library for pair in arguments)
    order = pytorch_order(callee.op)
    if is_ours or not is_from_start or order[:1] != (INFERRED,):
        return {}
    return dict(zip(order, written.values(), strict=False))


def _values(bounds: Mapping[str, Bound]) -> dict[str, Any]:
    """Arguments as values; None for those that are not numbers."""
    data = {name: bound.datum for name, bound in bounds.items()}
    return {name: getattr(datum, "value", None) for name, datum in data.items()}
