"""Checks of inputs that several families share."""

from __future__ import annotations

from typing import Any

from archdsl.ops.axes import MOST_AXES
from archdsl.ops.base import Op, Reject, Shape, shape_text
from archdsl.ops.expressions import Size
from archdsl.ops.parameters import shown
from archdsl.ops.tensor_type import TensorType

IMAGE = "[channels, height, width]"
HELP = {
    1: "`flatten` was too early",
    2: "an image has three sizes: one more for the channels, without the batch",
    4: "an image has three sizes: without the batch, and without frames or depth",
    5: "an image has three sizes: without the batch, and without frames or depth",
}
"""The help for an input that is no image, by its number of sizes."""


def require_image(name: str, *inputs: Shape) -> None:
    """Raise `Reject` for an input that is no image: `[channels, height, width]`."""
    for shape in inputs:
        require_first(name, shape)
        if shape.rank != 3:
            help = HELP.get(shape.rank, "")
            raise Reject(f"`{name}` works on images", "", IMAGE, shape_text(shape), help)


def require_axes(op: Op, shape: Shape, of_axis: int = 1) -> None:
    """Raise `Reject` for an input without 1 to 3 axes of positions, and for lists of other lengths.

    Lists have `of_axis` numbers for each axis.
    """
    require_few_axes(op.name, shape)
    if not shape.positions:
        raise Reject(f"`{op.name}` works on images", "", IMAGE, shape_text(shape), HELP[1])
    require_lists(op, shape, of_axis)


def require_lists(op: Op, shape: Shape, of_axis: int = 1) -> None:
    """Raise `Reject` for lists without `of_axis` numbers for each axis of positions."""
    for name in op.parameters():
        value = getattr(op, name)
        if isinstance(value, tuple) and len(value) != of_axis * len(shape.positions):
            raise _other_axes(op, name, value, shape, of_axis)


def require_first(name: str, shape: Shape) -> None:
    """Raise `Reject` for an input whose channels are last."""
    if shape.is_last:
        message = f"`{name}` works on channels that are first; here they are last"
        expected = shape_text(TensorType((shape.channels, *shape.positions)))
        raise other_layout(message, expected, shape, turning(shape))


def require_last(name: str, shape: Shape) -> None:
    """Raise `Reject` for an input whose channels are before its positions."""
    if shape.below is None and shape.positions and not shape.is_last:
        message = f"`{name}` works on channels that are last; here they are first"
        expected = shape_text(TensorType((*shape.positions, shape.channels), is_last=True))
        if len(shape.positions) == 1:
            expected = "[positions; features]"
        raise other_layout(message, expected, shape, as_sequence(shape) or turning(shape))


def as_sequence(shape: Shape) -> str:
    """The help for `[n, d]` where `[n; d]` may be meant; empty for other shapes."""
    if len(shape.positions) != 1 or shape.is_last or shape.below is not None:
        return ""
    features = shape_text(TensorType(shape.sizes, is_last=True))
    return f"if these are {shape.sizes[0]} positions, write `{features}`; {turning(shape)}"


NAMES = (("n",), ("h", "w"), ("t", "h", "w"))


def turning(shape: Shape) -> str:
    """The way to bring channels to the other end."""
    axes = len(shape.positions)
    if axes > len(NAMES):
        return ""
    positions = " ".join(NAMES[axes - 1])
    channels = "d" if axes == 1 else "c"
    sides = [f"{channels} {positions}", f"{positions}; {channels}"]
    first, second = reversed(sides) if shape.is_last else sides
    return f'`rearrange("{first} -> {second}")` brings them to the other end'


def other_layout(message: str, expected: str, shape: Shape, help: str = "") -> Reject:
    """The refusal of an input whose channels are at the other end."""
    reject = Reject(message, "", expected, shape_text(shape), help)
    reject.code = "E0312"
    return reject


def require_few_axes(name: str, shape: Shape) -> None:
    """Raise `Reject` for an input with more axes of positions than PyTorch has layers for.

    Its channels must be first.
    """
    require_first(name, shape)
    if len(shape.positions) > MOST_AXES:
        message = f"`{name}` works on {MOST_AXES} axes of positions at most"
        expected = "[channels, depth, height, width]"
        raise Reject(message, "", expected, shape_text(shape), "the batch is not written")


def _other_axes(op: Op, name: str, value: tuple[int, ...], shape: Shape, of_axis: int) -> Reject:
    count, axes = len(value) // of_axis, len(shape.positions)
    numbers = {1: "a number", 2: "two numbers"}[of_axis]
    message = f"`{name}` has {numbers} for {_axes(count)}; the input has {axes}"
    return Reject(message, name, f"one number, or a list of {of_axis * axes}", shown(value))


def _axes(count: int) -> str:
    return "1 axis" if count == 1 else f"{count} axes"


def require_groups(op: Any, channels: Size, what: str = "channels of its input") -> None:
    """Raise `Reject` where the groups do not divide some channels."""
    if channels % op.groups:
        message = f"`groups` of `{op.name}` must divide the {what}"
        raise Reject(message, "groups", f"a divisor of {channels}", str(op.groups))
