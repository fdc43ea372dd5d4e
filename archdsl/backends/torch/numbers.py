"""One expression for the values that the instances of a class have at one place.

In this order: an expression that all instances share; one that gives every instance its value;
two, chosen by a condition of the class; else a new constructor parameter, which every caller
passes in its own terms by the same rules. A number from outside the class is never written out as
a literal: that would freeze what only happened not to vary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import gcd
from typing import TypeGuard

from archdsl.arithmetic import Value
from archdsl.backends.torch.merge import If
from archdsl.backends.torch.names import unused
from archdsl.backends.torch.rows import Instance, Role, Row, Terms, Witness
from archdsl.provenance import (
    Expression,
    Format,
    Frame,
    Literal,
    Operation,
    Symbol,
    Term,
    Undefined,
    operation,
)


class Unprintable(Exception):
    """A number varies within one instance for reasons that its class cannot see."""


@dataclass(eq=False)
class Fresh:
    """A constructor parameter that the author did not write; `terms` are in the callers' terms."""

    name: str
    terms: dict[Instance, Term]
    is_size: bool = False


@dataclass
class Numbers:
    """Finds the expressions of one class and collects the parameters that it needs beside."""

    witness: Witness
    conditions: list[If]
    taken_names: set[str]
    fresh: list[Fresh] = field(default_factory=list)
    added: Role = field(default_factory=lambda: Role("added"))

    def __post_init__(self) -> None:
        self.witness.by_role_frame[self.added.frame] = self.added

    def resolve(self, terms: Terms, name: str, is_size: bool = False) -> Expression:
        """The expression to print for the rows' values.

        `name` is what a new parameter would be called; `is_size` says that the value is a size of
        an input, which may be a multiple of something the class knows.
        """
        comparable = {row: self.witness.comparable(term.expression) for row, term in terms.items()}
        shared = self._shared(terms, comparable)
        if shared is None:
            shared = self._by_condition(terms, comparable)
        if shared is not None:
            return shared
        known = {row: Term(term.value, comparable[row]) for row, term in terms.items()}
        return self._new(known, name, is_size)

    def _shared(self, terms: Terms, comparable: dict[Row, Expression]) -> Expression | None:
        distinct = dict.fromkeys(comparable.values())
        if len(distinct) == 1 and self.witness.is_own(only := next(iter(distinct))):
            return only
        for candidate in sorted(distinct, key=operators):
            speaks = not isinstance(candidate, Literal) and self.witness.is_own(candidate)
            if speaks and self._gives(candidate, terms):
                return candidate
        return None

    def _gives(self, candidate: Expression, terms: Terms) -> bool:
        """Whether an expression has every row's value."""
        try:
            return all(
                identical(self.witness.evaluate(row, candidate), term.value)
                for row, term in terms.items()
            )
        except (LookupError, Undefined):
            return False

    def _by_condition(self, terms: Terms, comparable: dict[Row, Expression]) -> Expression | None:
        for condition in self.conditions:
            sides: dict[bool, Terms] = {True: {}, False: {}}
            for row, term in terms.items():
                place = ancestor(row, condition.rows)
                if place is None:
                    break
                sides[condition.rows[place].taken][row] = term
            else:
                if sides[True] and sides[False]:
                    found = [
                        self._shared(side, _restrict(comparable, side)) for side in sides.values()
                    ]
                    test = self._condition(condition)
                    if test is not None and None not in found:
                        return Operation("if", (test, found[0], found[1]))  # type: ignore[arg-type]
        return None

    def _condition(self, condition: If) -> Expression | None:
        terms = {row: node.condition for row, node in condition.rows.items()}
        comparable = {row: self.witness.comparable(term.expression) for row, term in terms.items()}
        return self._shared(terms, comparable)

    def _new(self, terms: Terms, name: str, is_size: bool) -> Expression:
        """A parameter of the constructor that gives every instance its value."""
        bases: Iterable[Expression] = [Literal(1)]
        if is_size:
            bases = [Literal(_common(terms)), Literal(1), *self._known(terms)]
        for base in bases:
            quotients = self._quotients(terms, base)
            if quotients is not None:
                parameter = self._parameter(quotients, name, is_size and base == Literal(1), base)
                return operation("*", base, parameter)
        raise Unprintable(name)

    def _known(self, terms: Terms) -> list[Expression]:
        """The whole numbers that every row knows by name, as what a size may be a multiple of."""
        names: dict[Expression, None] = {}
        for row in terms:
            place: Row | None = row
            while place is not None:
                for role in self.witness.by_role_frame.values():
                    frame = role.frames.get(place)
                    if frame and role.printed and role is not self.added:
                        names.update(_whole(role, frame))
                place = place.parent
        return list(names)

    def _quotients(self, terms: Terms, base: Expression) -> dict[Instance, Term] | None:
        """For every instance its one value divided by the base; None where that is not one."""
        result: dict[Instance, Term] = {}
        for row, term in terms.items():
            quotient = self._quotient(row, term, base)
            if quotient is None:
                return None
            seen = result.setdefault(row.instance, quotient)
            if not identical(seen.value, quotient.value):
                return None
        return result

    def _quotient(self, row: Row, term: Term, base: Expression) -> Term | None:
        outer = self.witness.outer(row.instance, term.expression)
        if base == Literal(1):
            return Term(term.value, outer)
        try:
            divisor = self.witness.evaluate(row, base)
        except (LookupError, Undefined):
            return None
        value = term.value
        if not _is_whole(value) or not _is_whole(divisor) or divisor < 1 or value % divisor:
            return None
        divisor_outer = self.witness.outer(row.instance, self._actual(row, base))
        return Term(value // divisor, operation("//", outer, divisor_outer))

    def _actual(self, row: Row, expression: Expression) -> Expression:
        """A comparable expression in the frames of one row."""
        if isinstance(expression, Symbol):
            value = self.witness.value(row, expression)
            assert isinstance(value, int)
            return Literal(value)
        return expression

    def _parameter(
        self, terms: dict[Instance, Term], name: str, is_size: bool, base: Expression
    ) -> Expression:
        for fresh in self.fresh:
            factor = _factor(terms, fresh.terms)
            if factor is not None:
                return operation("*", Literal(factor), self._symbol(fresh, terms))
        if base != Literal(1):
            name = "expansion"
        fresh = Fresh(unused(name, self.taken_names), terms, is_size)
        self.taken_names.add(fresh.name)
        self.fresh.append(fresh)
        return self._symbol(fresh, terms)

    def _symbol(self, fresh: Fresh, instances: Iterable[Instance]) -> Symbol:
        for row in list(self.witness.own.frames):
            if row.instance in fresh.terms:
                frame = self.added.frames.setdefault(row, Frame("added"))
                frame.definitions[fresh.name] = fresh.terms[row.instance]
        return Symbol(self.added.frame, fresh.name)


def _factor(terms: dict[Instance, Term], known: dict[Instance, Term]) -> int | None:
    """The whole number by which a known parameter gives all values, if there is one.

    Where the expressions differ in more than a number, equal values are taken for chance.
    """
    if not terms.keys() <= known.keys():
        return None
    if all(terms[i].expression == known[i].expression for i in terms):
        return 1
    pairs = [(term.value, known[i].value) for i, term in terms.items()]
    literals = all(isinstance(t.expression, Literal) for i in terms for t in (terms[i], known[i]))
    if not literals or len({k for _, k in pairs}) < 2:
        return None
    factors = {_exact_quotient(a, b) for a, b in pairs}
    return factors.pop() if len(factors) == 1 else None


def _exact_quotient(a: Value, b: Value) -> int | None:
    return a // b if _is_whole(a) and _is_whole(b) and b > 0 and a % b == 0 else None


def _common(terms: Terms) -> int:
    """The least of some numbers if it divides them all and they were written out, else 1."""
    whole = [term.value for term in terms.values() if _is_whole(term.value)]
    written = all(isinstance(term.expression, Literal) for term in terms.values())
    if len(whole) < len(terms) or not written or len(set(whole)) < 2:
        return 1
    return min(whole) if gcd(*whole) == min(whole) else 1


def _whole(role: Role, frame: Frame) -> dict[Expression, None]:
    definitions = frame.definitions.items()
    return {Symbol(role.frame, n): None for n, t in definitions if _is_whole(t.value)}


def _is_whole(value: Value) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _restrict(mapping: dict[Row, Expression], rows: Iterable[Row]) -> dict[Row, Expression]:
    return {row: mapping[row] for row in rows}


def operators(expression: Expression) -> int:
    """The number of operators in an expression."""
    match expression:
        case Operation(_, operands):
            return 1 + sum(map(operators, operands))
        case Format(parts):
            return 1 + sum(map(operators, parts))
        case _:
            return 0


def identical(a: Value, b: Value) -> bool:
    """Whether two values are equal and of one kind: `1` is neither `1.0` nor `true`."""
    return a == b and type(a) is type(b)


def ancestor(row: Row, among: Mapping[Row, object]) -> Row | None:
    """The row itself or the row that its loop is in, whichever is among some rows."""
    place: Row | None = row
    while place is not None and place not in among:
        place = place.parent
    return place
