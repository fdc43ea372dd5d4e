"""Whether two expressions have one value, whatever their symbols stand for.

An expression that fits every known instance may still fit by chance. Two expressions are taken for
one only if they agree for many assignments of their symbols: small numbers, so that numbers often
coincide, and what the instances have, so that conditions come out as they do there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from archdsl.arithmetic import Value
from archdsl.backends.torch.quotients import identical
from archdsl.provenance import Expression, Symbol, Undefined, evaluate

ASSIGNMENTS = 200
SMALL = (1, 2, 3, 4, 6, 8, 12, 16)
FRACTIONS = (0.5, 1.0, 0.25, 2.0)
LONGEST = 4
"""The most items of a list that is drawn."""


def equivalent(exact: Expression, other: Expression, known: Mapping[Symbol, list[Value]]) -> bool:
    """Whether `other` has the value of `exact` wherever that has one.

    `known` are values that the symbols of both have in instances; a symbol is given values of
    the same kinds.
    """
    if exact == other:
        return True
    symbols = list(dict.fromkeys((*exact.symbols, *other.symbols)))
    chance = Random(0)  # noqa: S311 (nothing secret)
    for _ in range(ASSIGNMENTS):
        values = {symbol: _drawn(known[symbol], chance) for symbol in symbols}
        if not _agree(exact, other, values):
            return False
    return True


def _agree(exact: Expression, other: Expression, values: Mapping[Symbol, Value]) -> bool:
    try:
        expected = evaluate(exact, values.__getitem__)
    except Undefined:
        return True
    try:
        return identical(evaluate(other, values.__getitem__), expected)
    except Undefined:
        return False


def _drawn(known: Sequence[Value], chance: Random) -> Value:
    """A value of the kind of some others, or one of them."""
    if not known:
        return chance.choice(SMALL)
    example = chance.choice(known)
    return example if chance.random() < 0.25 else _alike(example, chance)


def _alike(example: Value, chance: Random) -> Value:
    match example:
        case bool():
            return chance.random() < 0.5
        case int():
            return chance.choice(SMALL)
        case float():
            return chance.choice(FRACTIONS)
        case tuple() if example:
            length = chance.choice((len(example), len(example), chance.randint(1, LONGEST)))
            return tuple([_alike(chance.choice(example), chance) for _ in range(length)])
    return example
