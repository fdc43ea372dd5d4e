"""One expression for the values that the instances of a class have at one place.

In this order: an expression that all instances share; one that gives every instance its value;
two, chosen by a condition of the class; else a new constructor parameter, which every caller
passes in its own terms by the same rules. A number from outside the class is never written out as
a literal: that would freeze what only happened not to vary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from archdsl.arithmetic import Value
from archdsl.backends.torch.equivalence import are_one
from archdsl.backends.torch.merged import If
from archdsl.backends.torch.names import unused
from archdsl.backends.torch.quotients import (
    ONE,
    Fresh,
    common_divisor,
    common_factor,
    identical,
    is_whole,
)
from archdsl.backends.torch.rows import Correspondence, Instance, Role, Row, Terms
from archdsl.backends.torch.simplify import operators, simplified
from archdsl.provenance import (
    Expression,
    Frame,
    Literal,
    Symbol,
    Term,
    Undefined,
    operation,
)
from archdsl.shapes import Polynomial, Symbolic


class Unprintable(Exception):
    """A number varies within one instance for reasons that its class cannot see."""


@dataclass
class Numbers:
    """Finds the expressions of one class and collects the parameters that it needs beside.

    The sizes `undivided` are parameters as they are, and no multiples of one.
    """

    correspondence: Correspondence
    conditions: list[If]
    taken_names: set[str]
    fresh: list[Fresh] = field(default_factory=list)
    added: Role = field(default_factory=lambda: Role("added"))
    behind: dict[If, Expression | None] = field(default_factory=dict)
    """The channels behind every `if` of the class that has been asked."""
    undivided: Sequence[Mapping[Instance, Value]] = ()

    def __post_init__(self) -> None:
        self.correspondence.by_role_frame[self.added.frame] = self.added
        self.exits = {condition.exit: condition for condition in self.conditions}

    def resolve(self, terms: Terms, name: str, is_size: bool = False) -> Expression:
        """The expression to print for the rows' values, in its simplest form.

        `name` is what a new parameter would be called; `is_size` says that the value is a size of
        an input, which may be a multiple of something the class knows.
        """
        shared = self._shared_or_lifted(terms)
        if shared is None:
            shared = self._chosen_for(terms, [each for each in self.conditions if each.common])
        if shared is not None:
            return simplified(shared, self._is_whole)
        written = all(
            isinstance(expression, Literal) for expression in self._comparable(terms).values()
        )
        return self._new(terms, name, common_divisor(terms) if is_size and written else 1, is_size)

    def _is_whole(self, expression: Expression) -> bool:
        """Whether an expression is a whole number in every row."""
        kinds = {*self.correspondence.types(expression)}
        return bool(kinds) and kinds <= {int, Symbolic, Polynomial}

    def _comparable(self, terms: Terms) -> dict[Row, Expression]:
        return {
            row: self.correspondence.comparable(row, term.expression) for row, term in terms.items()
        }

    def _shared(self, terms: Terms, comparable: dict[Row, Expression]) -> Expression | None:
        return next(self._fitting(terms, comparable), None)

    def _fitting(self, terms: Terms, comparable: dict[Row, Expression]) -> Iterator[Expression]:
        """The rows' own expressions that have every row's value, the shortest first."""
        distinct = dict.fromkeys(comparable.values())
        if len(distinct) == 1 and self.correspondence.is_own(only := next(iter(distinct))):
            yield only
            return
        for candidate in sorted(distinct, key=operators):
            speaks = not isinstance(candidate, Literal) and self.correspondence.is_own(candidate)
            if speaks and self._gives(candidate, terms):
                yield candidate

    def _gives(self, candidate: Expression, terms: Terms) -> bool:
        """Whether an expression has every row's value."""
        try:
            return all(
                identical(self.correspondence.evaluate(row, candidate), term.value)
                for row, term in terms.items()
            )
        except (LookupError, Undefined):
            return False

    def _lifted(self, terms: Terms) -> Expression | None:
        """An expression that says with an `if` what came out of an `if` of the language."""
        lifted = {row: self._lift(row, term.expression) for row, term in terms.items()}
        known = {row: expression for row, expression in lifted.items() if expression is not None}
        shared = self._shared(terms, known) if len(known) == len(terms) else None
        return shared if shared is not None and self._gives(shared, terms) else None

    def _chosen_for(self, terms: Terms, conditions: Sequence[If]) -> Expression | None:
        """An expression that says with an `if` which side of one made a module of both sides."""
        for number, condition in enumerate(conditions):
            sides: dict[bool, Terms] = {True: {}, False: {}}
            for row, term in terms.items():
                if (place := ancestor(row, condition.rows)) is not None:
                    sides[condition.rows[place].taken][row] = term
            if sum(map(len, sides.values())) < len(terms) or not all(sides.values()):
                continue
            others = [*conditions[:number], *conditions[number + 1 :]]
            found = [
                self._shared_or_lifted(side) or self._chosen_for(side, others)
                for side in sides.values()
            ]
            if expression := self._choice(condition, *found):
                return expression
        return None

    def _lift(self, row: Row, expression: Expression) -> Expression | None:
        """A row's expression in which the channels behind an `if` are those of both its sides."""
        try:
            return self.correspondence.comparable(row, expression, self._after)
        except LookupError:
            return None

    def _after(self, role: Role) -> Expression | None:
        """The channels behind an `if`; raises `LookupError` where no expression gives them."""
        if (condition := self.exits.get(role)) is None:
            return None
        if condition not in self.behind:
            self.behind[condition] = self._chosen(condition)
        if (found := self.behind[condition]) is None:
            raise LookupError(role.name)
        return found

    def _chosen(self, condition: If) -> Expression | None:
        sides: dict[bool, Terms] = {True: {}, False: {}}
        for row, node in condition.rows.items():
            sides[node.taken][row] = node.exit.definitions["channels"]
        return self._choice(condition, *(self._shared_or_lifted(side) for side in sides.values()))

    def _choice(
        self, condition: If, then: Expression | None, otherwise: Expression | None
    ) -> Expression | None:
        """`then if test else otherwise`, where there is an expression for all three."""
        test = self._shared_or_lifted({row: n.condition for row, n in condition.rows.items()})
        if test is None or then is None or otherwise is None:
            return None
        return operation("if", test, then, otherwise)

    def _shared_or_lifted(self, terms: Terms) -> Expression | None:
        """What the language says behind an `if`, in the shortest form that always says it.

        A shorter expression may fit all rows by chance: not all conditions are met in all ways,
        and different numbers are equal.
        """
        fitting, lifted = self._fitting(terms, self._comparable(terms)), self._lifted(terms)
        if lifted is None:
            return next(fitting, None)
        return next((each for each in fitting if self._are_one(each, lifted)), lifted)

    def _are_one(self, shorter: Expression, lifted: Expression) -> bool:
        """Whether an `if` says no more than an expression without it, wherever it has a value."""
        if shorter == lifted:
            return True
        if isinstance(shorter, Literal):
            return False
        return are_one(self.correspondence, lifted, shorter)

    def _new(self, terms: Terms, name: str, common: int, is_size: bool) -> Expression:
        """A parameter of the constructor that gives every instance its value.

        A size may be a multiple of `common`, or of a number that the class knows.
        """
        values = self._quotients(terms, ONE)
        if values is not None and (known := self._reused(values, ONE)) is not None:
            return known
        if values is not None and {i: t.value for i, t in values.items()} in self.undivided:
            common = 1
        bases = [Literal(common), ONE, *self._known(terms)] if is_size else [ONE]
        for base in bases:
            quotients = self._quotients(terms, base)
            if quotients is not None:
                called = name if base == ONE else "expansion"
                product = self._reused(quotients, base)
                return product or self._added(quotients, called, is_size and base == ONE, base)
        raise Unprintable(name)

    def _known(self, terms: Terms) -> list[Expression]:
        """The whole numbers that every row knows by name, as what a size may be a multiple of."""
        names: dict[Expression, None] = {}
        for row in terms:
            place: Row | None = row
            while place is not None:
                for role in self.correspondence.by_role_frame.values():
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
        outer = self.correspondence.outer(row.instance, term.expression)
        if base == ONE:
            return Term(term.value, outer)
        try:
            divisor = self.correspondence.evaluate(row, base)
        except (LookupError, Undefined):
            return None
        value = term.value
        if not is_whole(value) or not is_whole(divisor) or divisor < 1 or value % divisor:
            return None
        divisor_outer = self.correspondence.outer(row.instance, self._actual(row, base))
        return Term(value // divisor, operation("//", outer, divisor_outer))

    def _actual(self, row: Row, expression: Expression) -> Expression:
        """A comparable expression in the frames of one row."""
        if isinstance(expression, Symbol):
            value = self.correspondence.value(row, expression)
            assert isinstance(value, int)
            return Literal(value)
        return expression

    def _reused(self, terms: dict[Instance, Term], base: Expression) -> Expression | None:
        """The base times a parameter that was added before, or a whole multiple of one."""
        for fresh in self.fresh:
            factor = common_factor(terms, fresh.terms)
            if factor is not None:
                multiple = operation("*", Literal(factor), self._symbol(fresh, terms))
                fresh.products.add(product := operation("*", base, multiple))
                return product
        return None

    def _added(
        self, terms: dict[Instance, Term], name: str, is_size: bool, base: Expression
    ) -> Expression:
        """The base times a new parameter."""
        fresh = Fresh(unused(name, self.taken_names), terms, is_size, base)
        self.taken_names.add(fresh.name)
        self.fresh.append(fresh)
        fresh.products.add(product := operation("*", base, self._symbol(fresh, terms)))
        return product

    def _symbol(self, fresh: Fresh, instances: Iterable[Instance]) -> Symbol:
        for row in list(self.correspondence.own.frames):
            if row.instance in fresh.terms:
                frame = self.added.frames.setdefault(row, Frame("added"))
                frame.definitions[fresh.name] = fresh.terms[row.instance]
        return Symbol(self.added.frame, fresh.name)


def _whole(role: Role, frame: Frame) -> dict[Expression, None]:
    definitions = frame.definitions.items()
    return {Symbol(role.frame, n): None for n, t in definitions if is_whole(t.value)}


def ancestor(row: Row, among: Mapping[Row, object]) -> Row | None:
    """The row itself or the row that its loop is in, whichever is among some rows."""
    place: Row | None = row
    while place is not None and place not in among:
        place = place.parent
    return place
