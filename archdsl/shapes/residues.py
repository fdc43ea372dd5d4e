"""Quasi-linear functions of one whole number, as tables of what they do in a period.

Such a function is a line on every class of residues: after a period it has grown by the same
number, wherever one begins (`shapes/__init__.py` has an example). Floors, sums, least and greatest
of quasi-linear functions are quasi-linear. Two of them are equal exactly where their tables are.
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
"""How many entries of tables were looked at; a `Meter` reads it."""
MOST_RESIDUES = 2**14
"""So long a period may be; a table takes time and memory in proportion."""
CACHED = 2**10
"""Quotients with periods up to this are remembered: networks repeat them layer by layer."""


class TooManyResidues(Exception):
    """A table would have more than `MOST_RESIDUES` entries; `period` is how many."""

    def __init__(self, period: int) -> None:
        reason = f"it repeats only after {period:,} sizes, and {MOST_RESIDUES:,} are compared"
        super().__init__(reason)
        self.period = period


def charge(period: int) -> None:
    """Account for work on a table, be it done or remembered; raises `TooManyResidues`."""
    if period > MOST_RESIDUES:
        raise TooManyResidues(period)
    _SPENT.set(_SPENT.get() + period)


class Meter:
    """The work on tables since the meter was made, in entries, so that long work can be bounded."""

    def __init__(self) -> None:
        self._before = _SPENT.get()

    @property
    def entries(self) -> int:
        """How many entries were looked at."""
        return _SPENT.get() - self._before


class PeriodicSteps:
    """The steps of a function from each number to the next, from 0 through its shortest period.

    They share no factor, and the first that is not 0 is positive.
    """

    def __init__(self, steps: tuple[int, ...]) -> None:
        self.steps = steps
        self.rise = sum(steps)
        self._hash = hash(steps)

    @cached_property
    def values(self) -> tuple[int, ...]:
        """The values in the first period; that for 0 is 0."""
        return tuple(accumulate(self.steps[:-1], initial=0))

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, PeriodicSteps) and self.steps == other.steps)

    def __hash__(self) -> int:
        return self._hash


class QuasiLinear(NamedTuple):
    """`scale * pattern + shift` in canonical form; made by `from_steps` and `from_values` only.

    `pattern` is 0 for 0. No such function is a `Floor`, so whatever is the same function has the
    same form.
    """

    pattern: PeriodicSteps
    scale: int
    shift: int

    @property
    def period(self) -> int:
        """After so many sizes the function has grown by `rise`, wherever one begins."""
        return len(self.pattern.steps)

    @property
    def rise(self) -> int:
        """How much the function grows in a period."""
        return self.scale * self.pattern.rise

    def at(self, number: int) -> int:
        """The value for a number."""
        turns, residue = divmod(number, len(self.pattern.steps))
        return self.scale * (turns * self.pattern.rise + self.pattern.values[residue]) + self.shift


Function: TypeAlias = Floor | QuasiLinear
"""What a size does with its symbol, where it depends on that."""
Result: TypeAlias = int | Function


def from_values(values: Sequence[int], rise: int) -> Result:
    """The function with these values for 0, 1, ..., which repeat with a number more each time."""
    return from_steps(values[0], tuple(map(sub, [*values[1:], values[0] + rise], values)))


def from_steps(first: int, steps: tuple[int, ...]) -> Result:
    """The function with that value for 0 and these steps, again and again."""
    steps = _shortest(steps)
    scale = gcd(*steps)
    if scale == 0:
        return first
    if next(filter(None, steps)) < 0:
        scale = -scale
    if scale != 1:
        steps = tuple([step // scale for step in steps])
    # The steps of a floor are never more than 1 apart.
    floor = _as_floor(steps) if max(steps) - min(steps) <= 1 else None
    if floor is None:
        return QuasiLinear(PeriodicSteps(steps), scale, first)
    return scaled(floor, scale, first)


def _as_floor(steps: tuple[int, ...]) -> Floor | None:
    """The function from 0 with these steps as a single floor, if it is one."""
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
    """One turn of steps that may go round several times."""
    for prime in primes(len(steps)):
        while len(steps) % prime == 0:
            period = len(steps) // prime
            if steps[period:] != steps[:-period]:
                break
            steps = steps[:period]
    return steps


@lru_cache(maxsize=MOST_RESIDUES)
def primes(number: int) -> tuple[int, ...]:
    """The prime factors of a number, each once."""
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
    """The steps of a function through a multiple of its period, which must be allowed."""
    charge(period)
    if isinstance(of, Floor):
        values = [of.at(number) for number in range(of.period + 1)]
        return list(map(sub, values[1:], values)) * (period // of.period)
    return [of.scale * step for step in of.pattern.steps] * (period // of.period)


def values_of(of: Function, period: int) -> list[int]:
    """The values of a function through a multiple of its period, which must be allowed."""
    return list(accumulate(steps_of(of, period), initial=of.at(0)))[:-1]


def common_period(first: Function, second: Function) -> int:
    """A period of both; raises `TooManyResidues`."""
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
