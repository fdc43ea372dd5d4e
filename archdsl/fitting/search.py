"""The search: all combinations of few values; of many, by bisection where figures grow.

That figures grow with an axis is checked on all that was tried. Where they do not, all combinations
are tried, or the question is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from math import prod

from archdsl.arithmetic import Value
from archdsl.fitting.axes import Axis
from archdsl.fitting.refusals import too_many
from archdsl.fitting.trials import Trial, Trials, said

FEW, MOST = 100, 2_000
"""As many combinations are all tried, and as many at most."""
NODES = 25_000
"""Of small networks more are all tried, up to so many layers together: that takes seconds."""
SAMPLES, AROUND = 17, 8
"""So many values of the longest axis are tried along with a bisection, each with the next one; and
so many on either side of the border."""
Place = tuple[int, ...]


def few_of(nodes: int) -> int:
    """How many combinations of a network with so many layers are all tried."""
    return min(MOST, max(FEW, NODES // max(1, nodes)))


@dataclass
class Search:
    """Trials by their place on the axes; `few` combinations are all tried."""

    axes: Sequence[Axis]
    trials: Trials
    few: int = FEW
    found: dict[Place, Trial] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """The number of all combinations."""
        return prod(map(len, self.axes))

    def run(self) -> str:
        """Try what is needed; says how. Raises `Unanswered` where that is too much."""
        if self.count <= self.few:
            return self._all()
        lines = self.count // len(self.axes[self._longest])
        if lines * (len(self.axes[self._longest]).bit_length() + 1) > MOST:
            raise too_many(self.count, MOST, "")
        self._bisect()
        broken = self._broken()
        if broken is None:
            return (
                f"{len(self.found):,} of {self._counted} were tried, by bisection, since figures"
                " grow with the values, in all that were tried"
            )
        if self.count > MOST:
            raise too_many(self.count, MOST, f" where figures do not grow: {broken}")
        return self._all()

    def _all(self) -> str:
        for place in product(*[range(len(axis)) for axis in self.axes]):
            self._at(place)
        return "its value was tried" if self.count == 1 else f"all {self._counted} were tried"

    @property
    def _counted(self) -> str:
        return f"{self.count:,} {'values' if len(self.axes) == 1 else 'combinations'}"

    @property
    def _longest(self) -> int:
        return max(range(len(self.axes)), key=lambda index: len(self.axes[index]))

    def _at(self, place: Place) -> Trial:
        if place not in self.found:
            values: dict[str, Value] = {}
            for axis, index in zip(self.axes, place, strict=True):
                values |= axis.values[index]
            self.found[place] = self.trials(values)
        return self.found[place]

    def _bisect(self) -> None:
        """On every line along the longest axis find the last value that fits, and the next."""
        long = self._longest
        others = [range(len(axis)) for index, axis in enumerate(self.axes) if index != long]
        lines = [_Line(other[:long], other[long:]) for other in product(*others)]
        last = len(self.axes[long]) - 1
        for number, line in enumerate(lines):
            border = self._border(line, last)
            if number in (0, len(lines) - 1):
                samples = [place * last // (SAMPLES - 1) for place in range(SAMPLES)]
                around = range(border - AROUND, border + AROUND + 1)
                for index in {*samples, *[each + 1 for each in samples], *around}:
                    if 0 <= index <= last:
                        self._at(line.at(index))

    def _border(self, line: _Line, last: int) -> int:
        """The last index that fits, -1 for none; both ends of the line are tried as well."""
        self._at(line.at(0))
        self._at(line.at(last))
        low, high = -1, last + 1
        while high - low > 1:
            middle = (low + high) // 2
            if self._at(line.at(middle)).fits:
                low = middle
            else:
                high = middle
        return low

    def _broken(self) -> str | None:
        """Where figures do not grow with an axis, or the spec refuses a value; None for nowhere."""
        if refused := next((each for each in self.found.values() if each.refusal), None):
            return f"the spec refuses {said(refused.values)}"
        for first, second in self._neighbours():
            for name in self.trials.question.limits:
                if first.figures[name] > second.figures[name]:
                    return f"{name} is less for {said(second.values)} than for {said(first.values)}"
        return None

    def _neighbours(self) -> Iterator[tuple[Trial, Trial]]:
        """Trials that differ on one axis alone, each with the next further on it."""
        for index in range(len(self.axes)):
            lines: dict[_Line, list[Place]] = {}
            for place in sorted(self.found):
                line = _Line(place[:index], place[index + 1 :])
                lines.setdefault(line, []).append(place)
            for places in lines.values():
                yield from pairwise([self.found[place] for place in places])


@dataclass(frozen=True)
class _Line:
    """Places that differ on one axis: before and behind it they are the same."""

    before: Place
    behind: Place

    def at(self, index: int) -> Place:
        return (*self.before, index, *self.behind)
