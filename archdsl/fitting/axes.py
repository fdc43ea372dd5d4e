"""What is varied as axes: each has points, and at every point values for parameters.

Bounds that were not given are found: halving from the default until the targets are met, then
doubling until they are not; the other way round where figures fall with a parameter. Where the spec
refuses all further doublings, everything up to the first of them is in the range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import floor

from archdsl.arithmetic import Value
from archdsl.fitting.question import MOST_POINTS, Question, Range, points
from archdsl.fitting.refusals import no_range, not_numbers, too_many
from archdsl.fitting.scaling import scaled
from archdsl.fitting.trials import Trial, Trials

WHOLE_STEP, OTHER_STEP = Fraction(1), Fraction(1, 20)
MOST_DOUBLINGS = 10
ENOUGH = 3
"""Doublings without any effect after which a parameter is left alone."""


@dataclass(frozen=True)
class Axis:
    """A range as it is searched: `text` says it, as in `width=0.5..2/0.05`."""

    text: str
    values: tuple[Mapping[str, Value], ...]

    def __len__(self) -> int:
        return len(self.values)

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether values of parameters are those of a point."""
        return tuple([values[name] for name in self.values[0]]) in self._points

    @cached_property
    def _points(self) -> frozenset[tuple[Value, ...]]:
        return frozenset(tuple(point.values()) for point in self.values)


def axes_of(question: Question, trials: Trials) -> list[Axis]:
    """The axes of a question; raises `Unanswered` for parameters that cannot be varied."""
    defaults = trials.defaults
    if wrong := [name for name in question.names if name not in defaults]:
        raise not_numbers(trials.base, wrong, defaults)
    scalings = [
        Axis(
            f"{each.variable}={_span(each.points)}",
            tuple([scaled(each, defaults, point) for point in each.points]),
        )
        for each in question.scalings
    ]
    return [*_ranges(question.ranges, defaults, trials), *scalings]


def _ranges(
    ranges: Sequence[Range], defaults: Mapping[str, int | float], trials: Trials
) -> list[Axis]:
    grids = [_Grid.of(each, defaults[each.name]) for each in ranges]
    starts = {grid.name: grid.value(grid.start) for grid in grids}
    lows: dict[str, Value] = {}
    for grid in grids:
        if grid.low is None:
            grid.halve(trials, starts)
        assert grid.low is not None
        lows[grid.name] = grid.value(grid.low)
    for grid in grids:
        if grid.high is None:
            grid.double(trials, lows)
    return [grid.axis() for grid in grids]


@dataclass
class _Grid:
    """The numbers `default + n * step` of a parameter, or those from `low` in steps."""

    name: str
    default: Fraction
    step: Fraction
    is_whole: bool
    low: Fraction | None
    high: Fraction | None
    has_effect: bool = True

    @classmethod
    def of(cls, asked: Range, default: int | float) -> _Grid:
        is_whole = isinstance(default, int)
        step = asked.step or (WHOLE_STEP if is_whole and asked.is_whole else OTHER_STEP)
        exact = Fraction(str(default))
        if exact <= 0 and None in (asked.low, asked.high):
            raise no_range(asked.name, default)
        return cls(asked.name, exact, step, is_whole, asked.low, asked.high)

    def value(self, number: Fraction) -> Value:
        """The value of the parameter; of a whole one a whole number where it is one."""
        return int(number) if self.is_whole and number.denominator == 1 else float(number)

    def axis(self) -> Axis:
        assert self.low is not None
        assert self.high is not None
        count = floor((self.high - self.low) / self.step)
        if count > MOST_POINTS:
            raise too_many(count, MOST_POINTS, f" for `{self.name}`")
        numbers = points(self.low, max(self.low, self.high), self.step)
        text = f"{self.name}={_span(numbers)}{'' if self.has_effect else ' (without effect)'}"
        return Axis(text, tuple([{self.name: self.value(each)} for each in numbers]))

    @property
    def start(self) -> Fraction:
        """The default, or what is nearest to it of the bounds that are given."""
        above = self.default if self.low is None else max(self.default, self.low)
        return above if self.high is None else min(above, self.high)

    def halve(self, trials: Trials, starts: Mapping[str, Value]) -> None:
        """Find the low end, all else at its start.

        The targets are met there; where figures fall with the parameter, they are not.
        """
        start = self._least(self.start)
        first = self._at(trials, starts, start)
        self.low, self.has_effect = start, False
        while (half := self._least(self.low / 2)) < self.low:
            self.low = half
            found = self._at(trials, starts, half)
            self.has_effect = self.has_effect or found.figures != first.figures
            if not found.refusal and found.fits != _falls(found, first):
                break

    def double(self, trials: Trials, lows: Mapping[str, Value]) -> None:
        """Find the high end, all else at its low end.

        The targets are not met there; where figures fall with the parameter, they are.
        """
        assert self.low is not None
        start, refused = self.start, None
        first, self.high = self._at(trials, lows, start), start
        for doublings in range(1, MOST_DOUBLINGS + 1):
            at = self._snapped(start * 2**doublings)
            found = self._at(trials, lows, at)
            if found.refusal:
                refused = refused or at
                continue
            if doublings >= ENOUGH and found.figures == first.figures:
                self._stay()
                return
            falls = _falls(first, found)
            if first.exceeded and not falls:
                break
            self.high, refused = at, None
            if found.fits == falls:
                break
        self.high = max(self.high, refused or self.high)

    def _stay(self) -> None:
        """End at the default: larger values change nothing, and perhaps smaller ones neither."""
        assert self.low is not None
        self.high = max(self.default, self.low)
        self.low = self.low if self.has_effect else self.high

    def _at(self, trials: Trials, others: Mapping[str, Value], number: Fraction) -> Trial:
        return trials({**others, self.name: self.value(number)})

    def _least(self, number: Fraction) -> Fraction:
        """The number of the grid at or below a number, but above zero."""
        snapped = self._snapped(number)
        while snapped <= 0:
            snapped += self.step
        return snapped

    def _snapped(self, number: Fraction) -> Fraction:
        if self.low is not None:
            return self.low + floor((number - self.low) / self.step) * self.step
        return self.default + floor((number - self.default) / self.step) * self.step


def _falls(first: Trial, second: Trial) -> bool:
    """Whether figures are less in the second trial, and none is more."""
    pairs = [(first.figures[name], second.figures.get(name, 0)) for name in first.figures]
    return any(one > other for one, other in pairs) and all(one >= other for one, other in pairs)


def _span(numbers: Sequence[Fraction]) -> str:
    """`0.5..2/0.05`."""
    if len(numbers) == 1:
        return f"{_written(numbers[0])}"
    step = numbers[1] - numbers[0]
    behind = "" if step == WHOLE_STEP else f"/{_written(step)}"
    return f"{_written(numbers[0])}..{_written(numbers[-1])}{behind}"


def _written(number: Fraction) -> str:
    return str(int(number)) if number.denominator == 1 else f"{float(number):g}"
