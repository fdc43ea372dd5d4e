"""Arithmetic and queries on functions of one whole number, in either form."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import gcd

from archdsl.shapes.floors import Floor, added, divided, floor_of, scaled
from archdsl.shapes.residues import (
    Function,
    QuasiLinear,
    Result,
    charge,
    common_period,
    from_values,
    quotient,
    summed,
    values_of,
)


class Crossing(Exception):
    """Neither of two functions is always the smaller one, and which one is does not repeat."""


def affine(of: Function, scale: int, shift: int) -> Result:
    """`scale * of + shift`."""
    if isinstance(of, Floor):
        return scaled(of, scale, shift)
    return QuasiLinear(of.pattern, of.scale * scale, of.shift * scale + shift) if scale else shift


def plus(first: Function, second: Function) -> Result:
    """The sum; raises `TooManyResidues`."""
    if isinstance(first, Floor) and isinstance(second, Floor):
        result = added(first, second)
        if result is not None:
            return result
    elif _is_alike(first, second):
        pattern = QuasiLinear(first.pattern, 1, 0)  # type: ignore[union-attr]
        return affine(pattern, first.scale + second.scale, first.shift + second.shift)
    return summed(first, second)


def _is_alike(first: Function, second: Function) -> bool:
    """Whether two functions differ only by a factor and a constant."""
    both = isinstance(first, QuasiLinear) and isinstance(second, QuasiLinear)
    return both and first.pattern == second.pattern  # type: ignore[union-attr]


def minus(first: Function, second: Function) -> Result:
    """The difference; raises `TooManyResidues`."""
    opposite = affine(second, -1, 0)
    assert not isinstance(opposite, int)
    return plus(first, opposite)


def over(of: Function, divisor: int) -> Result:
    """`of // divisor` for a positive number; raises `TooManyResidues`."""
    if isinstance(of, Floor):
        result = divided(of, divisor)
        if result is not None:
            return result
    return quotient(of, divisor)


def least(first: Function, second: Result) -> Result:
    """The smaller of the two for every number from 1; raises `TooManyResidues` and `Crossing`."""
    return _chosen(min, first, second)


def greatest(first: Function, second: Result) -> Result:
    """The larger of the two for every number from 1; raises `TooManyResidues` and `Crossing`."""
    return _chosen(max, first, second)


def _chosen(choose: Callable[[int, int], int], first: Function, second: Result) -> Result:
    gap = affine(first, 1, -second) if isinstance(second, int) else minus(first, second)
    low, high = bounds(gap)
    if low is not None and low >= 0:
        return second if choose(0, 1) == 0 else first
    if high is not None and high <= 0:
        return first if choose(0, 1) == 0 else second
    if isinstance(second, int):
        constant = partial(choose, second)
        if first.rise:
            raise Crossing
        return from_values([*map(constant, values_of(first, first.period))], 0)
    if first.rise * second.period != second.rise * first.period:
        raise Crossing
    period = common_period(first, second)
    values = [*map(choose, values_of(first, period), values_of(second, period))]
    return from_values(values, first.rise * (period // first.period))


def compose(outer: Function, inner: Function) -> Result:
    """`outer` of `inner`; raises `TooManyResidues`."""
    if isinstance(outer, Floor):
        # scale * ((factor * x + offset) // divisor) + shift, from the operations above.
        line = affine(inner, outer.factor, outer.offset)
        floor = over(line, outer.divisor) if not isinstance(line, int) else line // outer.divisor
        if isinstance(floor, int):
            return outer.scale * floor + outer.shift
        return affine(floor, outer.scale, outer.shift)
    turns = outer.period // gcd(inner.rise, outer.period)
    period = inner.period * turns
    charge(period)
    rise = inner.rise * turns // outer.period * outer.rise
    return from_values([outer.at(value) for value in values_of(inner, period)], rise)


def bounds(of: Result) -> tuple[int | None, int | None]:
    """Minimum and maximum over numbers from 1 on; None if unbounded."""
    if isinstance(of, int):
        return of, of
    if isinstance(of, Floor):
        first = of.at(1)
        return (first, None) if of.factor > 0 else (None, first)
    charge(of.period)
    values = [of.at(number) for number in range(1, of.period + 1)]
    return (min(values) if of.rise >= 0 else None), (max(values) if of.rise <= 0 else None)


def first_from(of: Function, wanted: int) -> int | None:
    """The least number from 1 on from which all values are at least `wanted`, or None."""
    if isinstance(of, Floor):
        if of.factor < 0:
            return None
        # scale * x + shift >= wanted, where x is the floor.
        floor = -((of.shift - wanted) // of.scale)
        return max(1, -((of.offset - floor * of.divisor) // of.factor))
    if of.rise <= 0:
        low, _ = bounds(of)
        return 1 if low is not None and low >= wanted else None
    last = 0
    for residue, value in enumerate(values_of(of, of.period)):
        # The last period in which the value is still too small.
        turns = (wanted - 1 - value) // of.rise
        last = max(last, turns * of.period + residue)
    return last + 1


def last_with(of: Function, wanted: int) -> int | None:
    """The number up to which all values, from that of 1 on, are at least `wanted`.

    It is 0 where the value of 1 is less, and None for a function that does not fall.
    """
    if of.rise >= 0:
        return None
    # The first number at which a value is too small; the number 0 does not count.
    values = enumerate(values_of(of, of.period))
    turns = [(each, max(not each, (value - wanted) // -of.rise + 1)) for each, value in values]
    return min([residue + number * of.period for residue, number in turns]) - 1


def roots(of: Function) -> tuple[int, tuple[int, ...]]:
    """The roots of a function: (period, residues) if they repeat, else (0, numbers from 1 on).

    Raises `TooManyResidues`.
    """
    values = values_of(of, of.period)
    if of.rise == 0:
        return of.period, tuple([residue for residue, value in enumerate(values) if value == 0])
    numbers = [
        -value // of.rise * of.period + residue
        for residue, value in enumerate(values)
        if value % of.rise == 0
    ]
    return 0, tuple(sorted([number for number in numbers if number >= 1]))


def line(factor: int, offset: int) -> Function:
    """`factor * s + offset`; the factor is not 0."""
    result = floor_of(factor, offset, 1)
    assert isinstance(result, Floor)
    return result
