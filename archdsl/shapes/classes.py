"""Polynomials of functions of several symbols, per class of residues.

Within a class every symbol is a multiple of a period plus a number, so all functions are linear and
the floors disappear: two polynomials are equal if their coefficients are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import lcm, prod
from typing import Protocol, TypeAlias

from archdsl.shapes.residues import MOST_RESIDUES, Function, TooManyResidues

MOST_TERMS = 2**16
"""Maximum number of terms, one per class of residues, that a comparison may look at."""


class Atom(Protocol):
    """A size that depends on one symbol."""

    @property
    def symbol(self) -> str:
        """The symbol's name."""

    @property
    def function(self) -> Function:
        """The size, as a function of its symbol."""


AtomProducts: TypeAlias = Sequence[tuple[tuple[Atom, ...], int]]
"""A sum of products of sizes, each with its coefficient."""
Powers: TypeAlias = dict[tuple[int, ...], int]
"""A polynomial in the period counts, one per symbol: coefficients by exponents."""


def extent(terms: AtomProducts) -> tuple[int | None, int | None]:
    """A lower and an upper bound of all values; raises `TooManyResidues`."""
    classes = list(_classes(terms))
    slopes = [number for each in classes for powers, number in each.items() if any(powers)]
    constants = [sum(n for powers, n in each.items() if not any(powers)) for each in classes]
    # Period counts are 0 or more, so the first member of a class has the extreme value.
    is_rising, is_falling = all(s > 0 for s in slopes), all(s < 0 for s in slopes)
    return (min(constants) if is_rising else None), (max(constants) if is_falling else None)


def _classes(terms: AtomProducts) -> Iterator[Powers]:
    """The sum in every class, as a polynomial in the period counts 0, 1, ... of each symbol."""
    periods = _periods(terms)
    count = prod(periods.values())
    if count > MOST_RESIDUES or count * len(terms) > MOST_TERMS:
        raise TooManyResidues(count)
    for residues in product(*[range(1, period + 1) for period in periods.values()]):
        start = dict(zip(periods, residues, strict=True))
        sums: Powers = {}
        for factors, number in terms:
            for powers, value in _expanded(factors, number, periods, start).items():
                sums[powers] = sums.get(powers, 0) + value
        yield {powers: value for powers, value in sums.items() if value}


def _periods(terms: AtomProducts) -> dict[str, int]:
    """The symbols, each with a common period of all sizes that depend on it."""
    periods: dict[str, int] = {}
    for factors, _ in terms:
        for factor in factors:
            periods[factor.symbol] = lcm(periods.get(factor.symbol, 1), factor.function.period)
    return periods


def _expanded(
    factors: tuple[Atom, ...], number: int, periods: dict[str, int], start: dict[str, int]
) -> Powers:
    """A product of sizes in the class that starts at the given values of the symbols."""
    result: Powers = {(0,) * len(periods): number}
    for factor in factors:
        index, function = list(periods).index(factor.symbol), factor.function
        slope = function.rise * (periods[factor.symbol] // function.period)
        constant = function.at(start[factor.symbol])
        grown: Powers = {}
        for powers, value in result.items():
            more = (*powers[:index], powers[index] + 1, *powers[index + 1 :])
            grown[powers] = grown.get(powers, 0) + value * constant
            grown[more] = grown.get(more, 0) + value * slope
        result = grown
    return result
