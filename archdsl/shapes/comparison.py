"""The smaller and the larger of two sizes."""

from __future__ import annotations

from collections.abc import Callable

from archdsl.shapes import functions
from archdsl.shapes.exact import Undecided, beyond
from archdsl.shapes.residues import Function, Result, TooManyResidues
from archdsl.shapes.sizes import Dim, Polynomial, Symbolic, named


def least(first: Dim, second: Dim) -> Dim:
    """The smaller of two sizes, for values of their symbols that are 1 or more."""
    if isinstance(first, int) and isinstance(second, int):
        return min(first, second)
    return _chosen(first, second, functions.least, "min({}, {})")


def greatest(first: Dim, second: Dim) -> Dim:
    """The larger of two sizes, for values of their symbols that are 1 or more."""
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
