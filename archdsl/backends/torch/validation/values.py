"""Calls as plain values, by which they are looked up.

A value is compared together with its type: `3` is neither `3.0` nor `True`. Equal whole numbers
for all axes become a single number, as in PyTorch.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeAlias

from archdsl.backends.torch.validation.faults import Mismatch
from archdsl.backends.torch.validation.tensors import Batch, Device, OneSize, Positions

Plain: TypeAlias = Hashable
"""A number, string or list; anything but an int or a str is paired with its kind."""

CallKey: TypeAlias = tuple[Hashable, tuple[Plain, ...], tuple[tuple[str, Plain], ...]]
"""A call: callee, positional arguments, keyword arguments in alphabetical order."""

TENSOR = type("Tensor", (), {})
"""The kind of a tensor; its number is paired with it."""


class LayerWeight:
    """A weight of a layer, which code may read: the layer's path, and the name of the weight."""

    def __init__(self, path: str, name: str) -> None:
        self.path = path
        self.name = name


FEW = (1, 2, 3)
"""The number of axes of positions that PyTorch's layers have."""


def plain(value: object) -> Plain:
    """An argument as a comparable value; raises `Mismatch` for an invalid argument."""
    kind = type(value)
    if kind is int or kind is str or value is None or value is ...:
        return value
    if kind is bool or kind is float:
        return (kind, value)
    if isinstance(value, list | tuple):
        return paired(value, tuple([plain(item) for item in value]))
    if isinstance(value, LayerWeight):
        return (LayerWeight, f"{value.path}.{value.name}")
    if isinstance(value, Batch):
        return (Batch, "x.shape[0]")
    if isinstance(value, Device):
        return (Device, "x.device")
    if isinstance(value, OneSize):
        return (OneSize, value.number, value.dimension)
    if isinstance(value, Positions):
        return (Positions, value.number)
    if isinstance(value, slice):
        return (slice, value.start or 0, value.stop, value.step)
    raise Mismatch(f"an argument of PyTorch is {type(value).__name__}")


def paired(items: Sequence[object], plains: tuple[Plain, ...]) -> Plain:
    """A list as a value; equal whole numbers, one for each of a few axes, become one.

    `plains` are its items as values. Lists in a list stay lists: `(1, 1)` in `((1, 1), (1, 1))` is
    no number.
    """
    is_one = len(items) in FEW and type(items[0]) is int and all(each == items[0] for each in items)
    return plains[0] if is_one else plains


def key_text(key: CallKey) -> str:
    """A call in Python's syntax, with `x` for tensors."""
    callee, positional, keywords = key
    arguments = [*map(_text, positional), *[f"{name}={_text(value)}" for name, value in keywords]]
    if isinstance(callee, tuple):
        callee = key_text(callee)
    match arguments:
        case [target, index] if callee == "[]":
            return f"{target}[{index}]"
        case [left, right] if not any(map(str.isalpha, str(callee))):
            return f"{left} {callee} {right}"
    return f"{callee}({', '.join(arguments)})"


def _text(value: Plain) -> str:
    if value is ...:
        return "..."
    match value:
        case (type() as kind, *_) if kind is TENSOR:
            return "x"
        case (type() as kind, _) if kind is Positions:
            return "x.shape[2:]"
        case (type() as kind, _, dimension) if kind is OneSize:
            return f"x.shape[{dimension}]"
        case (type(), content):
            return repr(content)
        case (type(), start, stop, _):
            return f"{start or ''}:{'' if stop is None else stop}"
        case tuple():
            return f"({', '.join(map(_text, value))})"
    return repr(value)
