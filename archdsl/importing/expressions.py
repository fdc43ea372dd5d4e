"""Columns of arguments as expressions: constants, parameters, the channels, and ratios of those.

The instances of a block are rows, the places of its arguments columns. A column that never changes
is a value of the text. One that is that of another is the same parameter; one that is a multiple or
a part of another is written so: `4 * out`, `c // 4`. Conditions come last, when all parameters are
known: `stride > 1`, `c != out`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from archdsl.importing.terms import ABSENT, Layer, Text

RATIOS = range(2, 17)
"""The whole factors that people write."""
SIZES = frozenset({"out", "groups", "start", "stop", "hidden"})
"""Arguments of ops that are numbers of channels, which are ratios of each other."""

Column = tuple[Any, ...]


@dataclass(frozen=True)
class Place:
    """A place of arguments: the argument's name, and what it is."""

    name: str
    has_default: bool = False
    is_size: bool = False
    hint: str = ""
    """What a condition is about."""


@dataclass
class Parameter:
    """A parameter of a block: its value in every instance."""

    name: str
    column: Column
    is_size: bool = False
    default: Any = None
    has_default: bool = False
    argument: str = ""


@dataclass
class Columns:
    """The parameters of a block so far.

    `channels` is the column of the channels that come in, `results` that of those that go out;
    `name_of` chooses a name for a new parameter from its column and the name of the argument that
    it is first given to.
    """

    channels: Column
    results: Column
    name_of: Callable[[str, Column], str]
    parameters: list[Parameter] = field(default_factory=list)
    uses_channels: bool = False
    channels_name: str = "c"
    _derived: dict[str, Column] = field(default_factory=dict)
    """Columns that are a factor times the channels, by the parameter that is the factor."""

    def expressions(self, places: Sequence[Place], columns: Sequence[Column]) -> list[Any]:
        """What stands for every column in the text: a value, or a `Text`."""
        found: dict[int, Any] = {}
        # What all instances have comes first, then what some have, then the conditions for that.
        order = sorted(
            range(len(places)),
            key=lambda index: (places[index].name == "condition", ABSENT in columns[index]),
        )
        for index in order:
            found[index] = self._expression(places[index], columns[index])
        return [found[index] for index in range(len(places))]

    def _expression(self, place: Place, column: Column) -> Any:
        present = [value for value in column if value is not ABSENT]
        if not present:
            return ABSENT
        # What is 1 is no part of a size.
        if ABSENT in column and place.name != "condition" and present[0] != 1:
            known = self._of_instances(place, column)
            if known is not None:
                return known
        if all(_is_same(value, present[0]) for value in present):
            return present[0]
        if place.name == "condition":
            return self._condition(place, column)
        known = self._known(place, column)
        if known is None and place.is_size:
            known = self._of_multiple(column) or self._multiple(column)
        return known or self._new(place, column)

    def _of_multiple(self, column: Column) -> Text | None:
        """A column that is a multiple by a factor that is a parameter already."""
        for name, found in self._derived.items():
            if agree(column, found):
                self._derived[name] = _joined(found, column)
                self._refine(name)
                return self._of_channels(f"{name} * {self.channels_name}")
        return None

    def _refine(self, name: str) -> None:
        """The factor for instances that only a later place tells."""
        for parameter in self.parameters:
            if parameter.name == name:
                pairs = zip(self._derived[name], self.channels, strict=True)
                parameter.column = tuple([a if a is ABSENT else a // b for a, b in pairs])

    def _of_instances(self, place: Place, column: Column) -> Text | None:
        """A parameter that has the values of a column wherever there are some."""
        if place.is_size:
            return self._of_multiple(column) or self._known(place, column)
        for parameter in self.parameters:
            if parameter.argument == place.name and agree(column, parameter.column):
                # A later place may tell its value in an instance that an earlier one lacks.
                parameter.column = _joined(parameter.column, column)
                return Text(parameter.name)
        return None

    def _new(self, place: Place, column: Column) -> Text:
        parameter = Parameter(
            self.name_of(place.name, column), column, place.is_size, argument=place.name
        )
        if place.has_default or ABSENT in column:
            parameter.default, parameter.has_default = _commonest(column), True
        self.parameters.append(parameter)
        return Text(parameter.name)

    def _known(self, place: Place, column: Column) -> Text | None:
        if place.is_size and _varies(self.channels) and agree(column, self.channels):
            return self._of_channels(self.channels_name)
        for parameter in self.parameters:
            is_alike = place.is_size and parameter.is_size
            if (is_alike or parameter.argument == place.name) and agree(column, parameter.column):
                parameter.column = _joined(parameter.column, column)
                return Text(parameter.name)
        return self._ratio(column) if place.is_size else None

    def _multiple(self, column: Column) -> Text | None:
        """A column as a multiple of the channels, by a factor that is a parameter."""
        pairs = [*zip(column, self.channels, strict=True)]
        if not all(type(a) is int and b and a % b == 0 for a, b in pairs if a is not ABSENT):
            return None
        factors = tuple([a if a is ABSENT else a // b for a, b in pairs])
        present = {factor for factor in factors if factor is not ABSENT}
        is_simpler = 2 * len(present) <= len({*column} - {ABSENT})
        if not is_simpler or len(present) < 2 or column == self.results:
            return None
        name = self.name_of("expand", factors)
        self.parameters.append(Parameter(name, factors, argument="expand"))
        self._derived[name] = column
        return self._of_channels(f"{name} * {self.channels_name}")

    def _ratio(self, column: Column) -> Text | None:
        for parameter in self.parameters:
            found = _ratio(column, parameter.column, parameter.name) if parameter.is_size else None
            if found is not None:
                return found
        if _varies(self.channels):
            found = _ratio(column, self.channels, self.channels_name)
            return None if found is None else self._of_channels(found)
        return None

    def _of_channels(self, text: str) -> Text:
        self.uses_channels = True
        return Text(text)

    # --- conditions ---

    def _condition(self, place: Place, column: Column) -> Text:
        for text, found, is_of_channels in self._conditions():
            if agree(column, found):
                self.uses_channels |= is_of_channels
                return Text(text)
        for parameter in self.parameters:
            if parameter.argument == "condition" and agree(column, parameter.column):
                return Text(parameter.name)
        named = Place(place.hint or "when", True)
        text = self._new(named, column)
        self.parameters[-1].argument = "condition"
        return text

    def _conditions(self) -> Iterator[tuple[str, Column, bool]]:
        """Conditions that people write, with their values."""
        alike, other = self._shapes()
        strides = [p for p in self.parameters if p.name.startswith("stride") and _is_whole(p)]
        same = tuple([a == b for a, b in zip(self.channels, self.results, strict=True)])
        if alike:
            for stride in strides:
                plain = [v == 1 and s for v, s in zip(stride.column, same, strict=True)]
                yield f"{stride.name} == 1 and c == {other}", tuple(plain), True
                yield f"{stride.name} > 1 or c != {other}", tuple([not v for v in plain]), True
            yield f"c == {other}", same, True
            yield f"c != {other}", tuple([not value for value in same]), True
        for stride in strides:
            yield f"{stride.name} > 1", tuple([value > 1 for value in stride.column]), False
            yield f"{stride.name} == 1", tuple([value == 1 for value in stride.column]), False
        for parameter in self.parameters:
            if _is_whole(parameter) and 0 in parameter.column:
                yield f"{parameter.name} > 0", tuple([v > 0 for v in parameter.column]), False
            if parameter.argument == "expand" and _is_whole(parameter):
                yield f"{parameter.name} > 1", tuple([v > 1 for v in parameter.column]), False
        for parameter in self.parameters:
            if parameter.is_size and _is_whole(parameter) and _varies(self.channels):
                column = zip(parameter.column, self.channels, strict=True)
                differs = tuple([a != b for a, b in column])
                yield f"c != {parameter.name}", differs, True
                yield f"c == {parameter.name}", tuple([not value for value in differs]), True

    def _shapes(self) -> tuple[bool, str]:
        """Whether the channels that go out have an expression of their own, and that."""
        found = self.result()
        return found is not None and self.channels_name not in found.split(), found or ""

    def result(self) -> str | None:
        """The channels that go out as an expression of parameters; None if there is none."""
        if _varies(self.results) and self.results == self.channels:
            return self.channels_name
        for parameter in self.parameters:
            if parameter.is_size and agree(self.results, parameter.column) and _is_whole(parameter):
                return parameter.name
        for parameter in self.parameters:
            if parameter.is_size and _is_whole(parameter):
                found = _ratio(self.results, parameter.column, parameter.name)
                if found:
                    return found
        if not _varies(self.results):
            return str(self.results[0])
        return _ratio(self.results, self.channels, self.channels_name)


def _is_whole(parameter: Parameter) -> bool:
    return all(type(value) is int for value in parameter.column)


def _varies(column: Column) -> bool:
    return len({*column}) > 1


def agree(column: Column, other: Column) -> bool:
    """Whether two columns are the same where both have values, and have some."""
    pairs = [
        (a, b) for a, b in zip(column, other, strict=True) if a is not ABSENT and b is not ABSENT
    ]
    return bool(pairs) and all(_is_same(a, b) for a, b in pairs)


def _joined(column: Column, other: Column) -> Column:
    return tuple([b if a is ABSENT else a for a, b in zip(column, other, strict=True)])


def _ratio(column: Column, other: Column, name: str) -> Text | None:
    """A column as a multiple or a part of another."""
    pairs = [(a, b) for a, b in zip(column, other, strict=True) if a is not ABSENT]
    if not all(type(a) is int and type(b) is int and b > 0 for a, b in pairs):
        return None
    for ratio in RATIOS:
        if all(a == ratio * b for a, b in pairs):
            return Text(f"{ratio} * {name}")
        if all(a == b // ratio for a, b in pairs):
            return Text(f"{name} // {ratio}")
    return None


def _commonest(column: Column) -> Any:
    present = [value for value in column if value is not ABSENT]
    counted = Counter(present)
    return max(counted, key=lambda value: (counted[value], -present.index(value)))


def _is_same(value: Any, other: Any) -> bool:
    return bool(value == other) and (type(value) is type(other) or isinstance(value, Layer))
