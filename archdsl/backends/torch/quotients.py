"""Values that are multiples of one another, and when that is no coincidence."""

from __future__ import annotations

from math import gcd
from typing import TypeGuard

from archdsl.arithmetic import Value
from archdsl.backends.torch.rows import Occurrence, Terms
from archdsl.provenance import Literal, Term, operation

ONE = Literal(1)


def common_factor(terms: dict[Occurrence, Term], known: dict[Occurrence, Term]) -> int | None:
    """The whole number by which a known parameter gives all values, if there is one.

    Unless the expressions imply it, equal values count as a coincidence, except if all were written
    as literals and there are several.
    """
    if not terms.keys() <= known.keys():
        return None
    if all(terms[i].expression == known[i].expression for i in terms):
        return 1
    factors = {_exact_quotient(term.value, known[i].value) for i, term in terms.items()}
    factor = factors.pop() if len(factors) == 1 else None
    if factor is None:
        return None
    literals = all(isinstance(t.expression, Literal) for i in terms for t in (terms[i], known[i]))
    if literals and len({known[i].value for i in terms}) > 1:
        return factor
    multiple = Literal(factor)
    said = all(
        t.expression == operation("*", multiple, known[i].expression) for i, t in terms.items()
    )
    return factor if said else None


def _exact_quotient(a: Value, b: Value) -> int | None:
    return a // b if is_whole(a) and is_whole(b) and b > 0 and a % b == 0 else None


def common_divisor(terms: Terms) -> int:
    """The least of some numbers if it divides them all, else 1."""
    whole = [term.value for term in terms.values() if is_whole(term.value)]
    if len(whole) < len(terms) or len(set(whole)) < 2:
        return 1
    return min(whole) if gcd(*whole) == min(whole) else 1


def is_whole(value: Value) -> TypeGuard[int]:
    """Whether a value is a whole number; a boolean is not."""
    return isinstance(value, int) and not isinstance(value, bool)


def identical(a: Value, b: Value) -> bool:
    """Whether two values are equal and of one type: `1` is neither `1.0` nor `true`."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(identical, a, b))
    return a == b and type(a) is type(b)
