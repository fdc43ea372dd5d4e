"""Quasi-linear functions of one whole number, as tables of one period.

Such a function is linear on every class of residues: over a period it grows by the same number,
wherever the period starts (`shapes/__init__.py` has an example). Floors, sums, minima and maxima of
quasi-linear functions are quasi-linear. Two are equal exactly if their tables are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from functools import cached_property, lru_cache
from itertools import accumulate
from math import gcd, lcm
from operator import add, sub
from typing import NamedTuple, TypeAlias

from archdsl.shapes.floors import Floor, floor_of, scaled

_SPENT: ContextVar[int] = ContextVar("_SPENT", default=0)
"""The number of table entries looked at; a `Meter` reads it."""
MOST_RESIDUES = 2**14
"""Maximum length of a period; a table takes time and memory in proportion."""
CACHED = 2**10
"""Maximum period of cached quotients: networks repeat them layer by layer."""


class TooManyResidues(Exception):
    """A table would have `period` entries, more than `MOST_RESIDUES`."""

    def __init__(self, period: int) -> None:
        reason = f"it repeats only after {period:,} sizes, and {MOST_RESIDUES:,} are compared"
        super().__init__(reason)
        self.period = period


def charge(period: int) -> None:
    """Count the work on a table, computed or cached; raises `TooManyResidues`."""
    if period > MOST_RESIDUES:
        raise TooManyResidues(period)
    _SPENT.set(_SPENT.get() + period)


class Meter:
    """Counts the table entries looked at since its creation, so that long work can be limited."""

    def __init__(self) -> None:
        self._before = _SPENT.get()

    @property
    def entries(self) -> int:
        """The number of entries looked at."""
        return _SPENT.get() - self._before


class PeriodicSteps:
    """The differences between successive values of a function, from 0 over its shortest period.

    They have no common factor, and the first nonzero one is positive.
    """

    def __init__(self, steps: tuple[int, ...]) -> None:
        self.steps = steps
        self.rise = sum(steps)
        self._hash = hash(steps)

    @cached_property
    def values(self) -> tuple[int, ...]:
        """The values in the first period; the value at 0 is 0."""
        return tuple(accumulate(self.steps[:-1], initial=0))

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, PeriodicSteps) and self.steps == other.steps)

    def __hash__(self) -> int:
        return self._hash


class QuasiLinear(NamedTuple):
    """`scale * pattern + shift` in canonical form; made by `from_steps` and `from_values` only.

    `pattern` is 0 at 0. No such function is a `Floor`, so equal functions have equal forms.
    """

    pattern: PeriodicSteps
    scale: int
    shift: int

    @property
    def period(self) -> int:
        """The number of sizes over which the function grows by `rise`, wherever they start."""
        return len(self.pattern.steps)

    @property
    def rise(self) -> int:
        """The growth of the function over a period."""
        return self.scale * self.pattern.rise

    def at(self, number: int) -> int:
        """The value at a number."""
        turns, residue = divmod(number, len(self.pattern.steps))
        return self.scale * (turns * self.pattern.rise + self.pattern.values[residue]) + self.shift


Function: TypeAlias = Floor | QuasiLinear
"""A size as a function of its symbol, if it depends on one."""
Result: TypeAlias = int | Function


def from_values(values: Sequence[int], rise: int) -> Result:
    """The function with these values at 0, 1, ..., which repeat with `rise` added each time."""
    return from_steps(values[0], tuple(map(sub, [*values[1:], values[0] + rise], values)))


def from_steps(first: int, steps: tuple[int, ...]) -> Result:
    """The function with value `first` at 0 and these steps, repeated."""
    steps = _shortest(steps)
    scale = gcd(*steps)
    if scale == 0:
        return first
    if next(filter(None, steps)) < 0:
        scale = -scale
    if scale != 1:
        steps = tuple([step // scale for step in steps])
    # The steps of a floor differ by at most 1.
    floor = _as_floor(steps) if max(steps) - min(steps) <= 1 else None
    if floor is None:
        return QuasiLinear(PeriodicSteps(steps), scale, first)
    return scaled(floor, scale, first)


def _as_floor(steps: tuple[int, ...]) -> Floor | None:
    """The function that starts at 0 with these steps as a single floor, if it is one."""
    period, rise = len(steps), sum(steps)
    gaps = [
        period * value - rise * number
        for number, value in enumerate(accumulate(steps[:-1], initial=0))
    ]
    least, most = max(gaps), min(gaps) + period - 1
    if least > most:
        return None
    floor = floor_of(rise, least, period)
    assert isinstance(floor, Floor)
    return floor


def _shortest(steps: tuple[int, ...]) -> tuple[int, ...]:
    """The shortest period of steps that may repeat."""
    for prime in primes(len(steps)):
        while len(steps) % prime == 0:
            period = len(steps) // prime
            if steps[period:] != steps[:-period]:
                break
            steps = steps[:period]
    return steps


@lru_cache(maxsize=MOST_RESIDUES)
def primes(number: int) -> tuple[int, ...]:
    """The distinct prime factors of a number."""
    found = []
    for prime in range(2, number + 1):
        if prime * prime > number:
            break
        if number % prime == 0:
            found.append(prime)
            while number % prime == 0:
                number //= prime
    return (*found, number) if number > 1 else tuple(found)


def steps_of(of: Function, period: int) -> Iterable[int]:
    """The steps of a function over a multiple of its period, which must be within the limit."""
    charge(period)
    if isinstance(of, Floor):
        values = [of.at(number) for number in range(of.period + 1)]
        return list(map(sub, values[1:], values)) * (period // of.period)
    return [of.scale * step for step in of.pattern.steps] * (period // of.period)


def values_of(of: Function, period: int) -> list[int]:
    """The values of a function over a multiple of its period, which must be within the limit."""
    return list(accumulate(steps_of(of, period), initial=of.at(0)))[:-1]


def common_period(first: Function, second: Function) -> int:
    """A common period; raises `TooManyResidues`."""
    period = lcm(first.period, second.period)
    if period > MOST_RESIDUES:
        raise TooManyResidues(period)
    return period


def summed(first: Function, second: Function) -> Result:
    """The sum of two functions."""
    period = common_period(first, second)
    steps = map(add, steps_of(first, period), steps_of(second, period))
    return from_steps(first.at(0) + second.at(0), tuple(steps))


def quotient(of: Function, divisor: int) -> Result:
    """`of // divisor`."""
    if isinstance(of, Floor):
        return _quotient(of, divisor)
    common = gcd(of.scale, divisor)
    scale, shift, rest = of.scale // common, of.shift // common, divisor // common
    if rest == 1:
        return QuasiLinear(of.pattern, scale, shift)
    turns, shift = divmod(shift, rest)
    result = _quotient(QuasiLinear(of.pattern, scale, shift), rest)
    return result + turns if isinstance(result, int) else shifted(result, turns)


def shifted(of: Function, shift: int) -> Function:
    """`of + shift`."""
    if isinstance(of, QuasiLinear):
        return QuasiLinear(of.pattern, of.scale, of.shift + shift)
    result = scaled(of, 1, shift)
    assert isinstance(result, Floor)
    return result


def _quotient(of: Function, divisor: int) -> Result:
    turns = divisor // gcd(of.rise, divisor)
    period = of.period * turns
    charge(period)
    return (_known if period <= CACHED else _computed)(of, divisor, period)


def _computed(of: Function, divisor: int, period: int) -> Result:
    values = [value // divisor for value in values_of(of, period)]
    return from_values(values, of.rise * (period // of.period) // divisor)


_known = lru_cache(maxsize=1024)(_computed)
