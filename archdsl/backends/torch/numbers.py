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
from archdsl.backends.torch.merged import If
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
        comparable = self._comparable(terms)
        shared = self._shared(terms, comparable)
        if shared is None:
            shared = self._by_condition(terms, comparable)
        if shared is not None:
            return shared
        written = all(isinstance(expression, Literal) for expression in comparable.values())
        return self._new(terms, name, _common(terms) if is_size and written else 1, is_size)

    def _comparable(self, terms: Terms) -> dict[Row, Expression]:
        return {row: self.witness.comparable(row, term.expression) for row, term in terms.items()}

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
        return self._shared(terms, self._comparable(terms))

    def _new(self, terms: Terms, name: str, common: int, is_size: bool) -> Expression:
        """A parameter of the constructor that gives every instance its value.

        A size may be a multiple of `common`, or of a number that the class knows.
        """
        one = Literal(1)
        values = self._quotients(terms, one)
        if values is not None and (known := self._reused(values)) is not None:
            return known
        bases = [Literal(common), one, *self._known(terms)] if is_size else [one]
        for base in bases:
            quotients = self._quotients(terms, base)
            if quotients is not None:
                called = name if base == one else "expansion"
                parameter = self._reused(quotients)
                parameter = parameter or self._added(quotients, called, is_size and base == one)
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

    def _reused(self, terms: dict[Instance, Term]) -> Expression | None:
        """A parameter that was added before, or a whole multiple of one, that has these values."""
        for fresh in self.fresh:
            factor = _factor(terms, fresh.terms)
            if factor is not None:
                return operation("*", Literal(factor), self._symbol(fresh, terms))
        return None

    def _added(self, terms: dict[Instance, Term], name: str, is_size: bool) -> Expression:
        """A new parameter."""
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

    Where the expressions do not say so themselves, equal values are taken for chance, unless all
    were written out and several.
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
    return a // b if _is_whole(a) and _is_whole(b) and b > 0 and a % b == 0 else None


def _common(terms: Terms) -> int:
    """The least of some numbers if it divides them all, else 1."""
    whole = [term.value for term in terms.values() if _is_whole(term.value)]
    if len(whole) < len(terms) or len(set(whole)) < 2:
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
