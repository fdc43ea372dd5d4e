"""Whether two expressions are equal for all values of their symbols.

An expression that fits every known instance may do so by chance. Two expressions count as equal
only if they agree for many assignments of their symbols: small numbers, so that numbers often
coincide, and values from the instances, so that conditions come out as they do there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from archdsl.arithmetic import Value
from archdsl.backends.torch.quotients import identical
from archdsl.backends.torch.rows import Correspondence
from archdsl.provenance import Expression, Symbol
from archdsl.substitution import Undefined, evaluate, substitute

ASSIGNMENTS = 200
SMALL = (1, 2, 3, 4, 6, 8, 12, 16)
FRACTIONS = (0.5, 1.0, 0.25, 2.0)
LONGEST = 4
"""Maximum number of items in a random list."""


def are_one(correspondence: Correspondence, exact: Expression, other: Expression) -> bool:
    """Whether `other`, a comparable expression, equals `exact` wherever that has a value."""
    exact, other = _spelled_out(correspondence, exact), _spelled_out(correspondence, other)
    if exact == other:
        return True
    known = {symbol: correspondence.values(symbol) for symbol in (*exact.symbols, *other.symbols)}
    chance = Random(0)  # noqa: S311 (nothing secret)
    return all(
        _agree(exact, other, {symbol: _drawn(values, chance) for symbol, values in known.items()})
        for _ in range(ASSIGNMENTS)
    )


def _spelled_out(correspondence: Correspondence, expression: Expression) -> Expression:
    """An expression with the numbers computed by the class replaced by their definitions."""

    def replace(symbol: Symbol) -> Expression:
        definition = correspondence.local(symbol)
        return symbol if definition is None else substitute(definition, replace)

    return substitute(expression, replace)


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
    """A random value of the same kind as some others, or one of them."""
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
