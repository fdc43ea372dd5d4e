"""Comparison of two sizes: equality, minimum and maximum."""

from __future__ import annotations

from collections.abc import Callable

from archdsl.shapes import functions
from archdsl.shapes.exact import Undecided, beyond, extent_of
from archdsl.shapes.residues import Function, Result, TooManyResidues
from archdsl.shapes.sizes import Dim, Polynomial, Symbolic, named


def same(first: Dim, second: Dim) -> bool:
    """Whether two sizes are equal for all values of their symbols.

    Raises `Undecided` if that depends on the values.
    """
    if first == second:
        return True
    question = f"whether {first} and {second} are equal"
    try:
        gap = first - second
        low, high = extent_of(gap)
        if low == high is not None:
            return low == 0
        if (low is not None and low > 0) or (high is not None and high < 0):
            return False
        may_be = isinstance(gap, int) or gap.has_root()
    except Undecided as undecided:
        raise Undecided(question, undecided.reason) from None
    if may_be:
        raise Undecided(question)
    return False


def least(first: Dim, second: Dim) -> Dim:
    """The smaller of two sizes, for values of their symbols of 1 or more."""
    if isinstance(first, int) and isinstance(second, int):
        return min(first, second)
    return _chosen(first, second, functions.least, "min({}, {})")


def greatest(first: Dim, second: Dim) -> Dim:
    """The larger of two sizes, for values of their symbols of 1 or more."""
    if isinstance(first, int) and isinstance(second, int):
        return max(first, second)
    return _chosen(first, second, functions.greatest, "max({}, {})")


def _chosen(
    first: Dim, second: Dim, choose: Callable[[Function, Result], Result], form: str
) -> Dim:
    if not isinstance(first, Symbolic):
        first, second = second, first
    other = second.function if isinstance(second, Symbolic) else second
    question = form.format(first, second)
    if not isinstance(first, Symbolic) or isinstance(other, Polynomial):
        raise Undecided(question)
    if isinstance(second, Symbolic) and second.symbol != first.symbol:
        raise Undecided(question)
    try:
        result = choose(first.function, other)
    except TooManyResidues as many:
        raise beyond(question, many) from None
    except functions.Crossing:
        raise Undecided(question) from None
    for size in (first, second):
        if isinstance(size, Symbolic) and size.function == result:
            return size
    return named(first.symbol, result, form, first, second)
