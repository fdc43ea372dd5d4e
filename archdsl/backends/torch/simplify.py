"""Shorter sums of products: `2 * w - w` is `w`, and `2 * (2 * w)` is `4 * w`.

An expression is split into *terms*, each a whole number times some factors, and rebuilt from the
terms that remain after equal ones are added up. That is exact for whole numbers only. If nothing is
added up or cancels, or the result is no shorter, the author's form stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from math import prod
from typing import TypeAlias

from archdsl.provenance import Expression, Format, Literal, Operation, Symbol, operation

MOST_TERMS = 64
"""Maximum number of terms of a sum that is simplified."""

Factors: TypeAlias = tuple[Expression, ...]
Product: TypeAlias = tuple[int, Factors]
"""A whole number times some factors."""


def simplified(expression: Expression, is_whole: Callable[[Expression], bool]) -> Expression:
    """An expression with the same value, without terms that cancel or are equal.

    `is_whole` decides whether the values of a part are whole numbers.
    """
    return _Simplification(is_whole).of(expression)


@dataclass
class _Simplification:
    """The simplified forms of an expression's parts; a part is simplified once.

    It is asked for more than once: as a factor of every sum around it, and by itself.
    """

    is_whole: Callable[[Expression], bool]
    known: dict[Expression, Expression] = field(default_factory=dict)

    def of(self, expression: Expression) -> Expression:
        """The simplified form of a part."""
        if isinstance(expression, Literal | Symbol):
            return expression
        if (found := self.known.get(expression)) is None:
            self.known[expression] = found = self._simplified(expression)
        return found

    def _simplified(self, expression: Operation | Format) -> Expression:
        given = expression.parts
        if isinstance(expression, Format):
            return Format(tuple(map(self.of, given)))
        shorter = _Sum(self).shorter(expression) if _is_sum(expression) else None
        if shorter is not None and expression.operator != "product":
            return shorter
        operands = tuple(map(self.of, given))
        alike = all(new is old for new, old in zip(operands, given, strict=True))
        kept = expression if alike else operation(expression.operator, *operands)
        kept = self._multiplied(kept)
        # Of a product whose factors became shorter, the factors tell more.
        return shorter if shorter is not None and _length(shorter) < _length(kept) else kept

    def _multiplied(self, expression: Expression) -> Expression:
        """One factor for two: `2 * (2 * w)` and `2 * 2 * w` are `4 * w`."""
        match expression:
            case Operation("product") as product:
                return _with_one_number(product)
            case Operation("*", (Literal(int(a)), Operation("*", (Literal(int(b)), rest)))):
                return operation("*", a * b, rest) if self.is_whole(rest) else expression
        return expression


def _with_one_number(product: Operation) -> Expression:
    """A product that begins with one number instead of several; `width * 7 * 7` stays."""
    numbers: list[int] = []
    for factor in product.operands:
        match factor:
            case Literal(int(number)):
                numbers.append(number)
            case _ if len(numbers) > 1:
                return operation("product", prod(numbers), *product.operands[len(numbers) :])
            case _:
                break
    return product


def _is_sum(expression: Expression) -> bool:
    return isinstance(expression, Operation) and expression.operator in ("+", "-", "*", "product")


class _TooManyTerms(Exception):
    """A sum has too many terms to simplify."""


@dataclass
class _Sum:
    """A sum of products; factors are in `order` of their first occurrence."""

    simplification: _Simplification
    order: dict[Expression, int] = field(default_factory=dict)

    def shorter(self, expression: Expression) -> Expression | None:
        """The sum of the remaining terms; None if it would be no shorter."""
        try:
            terms = self._terms(expression)
        except _TooManyTerms:
            return None
        left: dict[Factors, int] = {}
        for number, factors in terms:
            left[factors] = left.get(factors, 0) + number
        left = {factors: number for factors, number in left.items() if number}
        if len(left) == len(terms):
            return None
        result = _sum([(number, factors) for factors, number in left.items()])
        is_shorter = _length(result) < _length(expression)
        is_exact = is_shorter and all(map(self.simplification.is_whole, self.order))
        return result if is_exact else None

    def _terms(self, expression: Expression) -> list[Product]:
        match expression:
            case Literal(int(number)) if not isinstance(number, bool):
                return [(number, ())]
            case Operation("+", operands):
                return [term for operand in operands for term in self._terms(operand)]
            case Operation("-", (first, second)):
                return [*self._terms(first), *[(-n, f) for n, f in self._terms(second)]]
            case Operation("neg", (operand,)):
                return [(-number, factors) for number, factors in self._terms(operand)]
            case Operation("*" | "product", operands):
                return reduce(self._times, map(self._terms, operands))
        factor = self.simplification.of(expression)
        self.order.setdefault(factor, len(self.order))
        return [(1, (factor,))]

    def _times(self, left: list[Product], right: list[Product]) -> list[Product]:
        if len(left) * len(right) > MOST_TERMS:
            raise _TooManyTerms
        return [
            (a * b, tuple(sorted((*first, *second), key=self.order.__getitem__)))
            for a, first in left
            for b, second in right
        ]


def _sum(terms: Sequence[Product]) -> Expression:
    """A sum that starts with an added term, if there is one."""
    if not terms:
        return Literal(0)
    first = next((term for term in terms if term[0] > 0), terms[0])
    result = _product(*first)
    for number, factors in terms:
        if (number, factors) != first:
            sign = "+" if number > 0 else "-"
            result = operation(sign, result, _product(abs(number), factors))
    return result


def _product(number: int, factors: Factors) -> Expression:
    if not factors:
        return Literal(number)
    product = reduce(lambda left, right: operation("*", left, right), factors)
    return operation("*", number, product)


def _length(expression: Expression) -> tuple[int, int]:
    """The reading length of a sum: its operators, then its terms."""
    return operators(expression), _addends(expression)


def _addends(expression: Expression) -> int:
    match expression:
        case Operation("+" | "-", operands):
            return sum(map(_addends, operands))
    return 1


def operators(expression: Expression) -> int:
    """The number of operators in an expression; an `if` counts as two."""
    match expression:
        case Operation("if", operands):
            return 2 + sum(map(operators, operands))
        case Operation(_, operands):
            return 1 + sum(map(operators, operands))
        case Format(parts):
            return 1 + sum(map(operators, parts))
        case _:
            return 0
