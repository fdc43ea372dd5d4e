"""Columns of numbers as expressions: constants, parameters, the channels, and ratios of those.

The instances of a block are rows, the places of its arguments columns. A column that never changes
is a number of the text. One that is that of another is the same parameter; one that is a multiple or
a part of another is written so: `4 * out`, `c // 4`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from archdsl.importing.terms import Layer

RATIOS = range(2, 17)
"""The whole factors that people write."""


class Text(str):
    """An expression of the language, as text."""

    __slots__ = ()


@dataclass
class Parameter:
    """A parameter of a block: its value in every instance."""

    name: str
    column: tuple[Any, ...]
    default: Any = None
    has_default: bool = False


@dataclass
class Columns:
    """The parameters of a block so far.

    `channels` is the column of the channels that come in, `name_of` chooses a name for a new
    parameter from its column and the name of the argument that it is first given to.
    """

    channels: tuple[Any, ...]
    name_of: Callable[[str, tuple[Any, ...]], str]
    parameters: list[Parameter] = field(default_factory=list)
    uses_channels: bool = False
    channels_name: str = "c"

    def expression(self, argument: str, column: tuple[Any, ...], has_default: bool) -> Any:
        """What stands for a column in the text: a value, or a `Text`."""
        if all(_is_same(value, column[0]) for value in column):
            return column[0]
        known = self._known(column)
        if known is not None:
            return known
        name = self.name_of(argument, column)
        parameter = Parameter(name, column)
        if has_default:
            parameter.default, parameter.has_default = _commonest(column), True
        self.parameters.append(parameter)
        return Text(name)

    def _known(self, column: tuple[Any, ...]) -> Text | None:
        if self._varies(self.channels) and column == self.channels:
            return self._of_channels(self.channels_name)
        for parameter in self.parameters:
            if column == parameter.column and _types(column) == _types(parameter.column):
                return Text(parameter.name)
        if not all(type(value) is int for value in column):
            return None
        for parameter in self.parameters:
            found = _ratio(column, parameter.column, parameter.name)
            if found is not None:
                return found
        if self._varies(self.channels):
            found = _ratio(column, self.channels, self.channels_name)
            return None if found is None else self._of_channels(found)
        return None

    def _varies(self, column: Sequence[Any]) -> bool:
        return len({*column}) > 1

    def _of_channels(self, text: str) -> Text:
        self.uses_channels = True
        return Text(text)


def _ratio(column: tuple[int, ...], other: tuple[Any, ...], name: str) -> Text | None:
    """A column as a multiple or a part of another."""
    if not all(type(value) is int and value > 0 for value in other):
        return None
    for ratio in RATIOS:
        if all(a == ratio * b for a, b in zip(column, other, strict=True)):
            return Text(f"{ratio} * {name}")
        if all(a == b // ratio for a, b in zip(column, other, strict=True)):
            return Text(f"{name} // {ratio}")
    return None


def _commonest(column: tuple[Any, ...]) -> Any:
    counted = Counter(column)
    return max(counted, key=lambda value: (counted[value], -column.index(value)))


def _types(column: tuple[Any, ...]) -> list[type]:
    return [*map(type, column)]


def _is_same(value: Any, other: Any) -> bool:
    return bool(value == other) and (type(value) is type(other) or isinstance(value, Layer))
