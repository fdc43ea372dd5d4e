"""Constructor parameters that no author wrote: anti-unification needs them where rows differ.

A value that no expression of the class gives becomes a variable of the generalisation, which every
caller binds. Two variables become one if their values are equal in all instances, or if one is
always the same multiple of the other (`quotients.py` says when that is no coincidence).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from archdsl.arithmetic import Value
from archdsl.backends.torch.names import unused
from archdsl.backends.torch.quotients import ONE, common_factor, identical, is_whole
from archdsl.backends.torch.rows import Correspondence, Occurrence, Role, Row, Terms, Unprintable
from archdsl.provenance import Expression, Frame, Literal, Symbol, Term, operation
from archdsl.substitution import Undefined


@dataclass(eq=False)
class FreshParameter:
    """A constructor parameter that the author did not write; `terms` are in the callers' terms."""

    name: str
    terms: dict[Occurrence, Term]
    is_size: bool = False
    base: Expression = ONE
    """Its first factor."""
    products: set[Expression] = field(default_factory=set)
    """The expressions that the class reads: the parameter, or multiples of it."""

    @property
    def is_lone_factor(self) -> bool:
        """Whether it only multiplies one literal number, so that the product is more readable."""
        return self.base != ONE and isinstance(self.base, Literal) and len(self.products) == 1

    @property
    def product(self) -> dict[Occurrence, Value]:
        """The product's value per occurrence."""
        factor = self.base.value if isinstance(self.base, Literal) else 1
        return {i: term.value * factor for i, term in self.terms.items()}  # type: ignore[operator]


@dataclass
class FreshParameters:
    """The fresh parameters of one class, whose symbols have a separate `role`.

    The sizes `undivided` become parameters directly, not as multiples of another.
    """

    correspondence: Correspondence
    taken_names: set[str]
    undivided: Sequence[Mapping[Occurrence, Value]] = ()
    all: list[FreshParameter] = field(default_factory=list)
    role: Role = field(default_factory=lambda: Role("added"))

    def __post_init__(self) -> None:
        self.correspondence.by_role_frame[self.role.frame] = self.role

    def of(self, terms: Terms, name: str, common: int, is_size: bool) -> Expression:
        """A parameter of the constructor that gives every occurrence its value.

        A size may be a multiple of `common`, or of a number that the class knows. Raises
        `Unprintable`.
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
        """The whole numbers that every row knows by name, which a size may be a multiple of."""
        names: dict[Expression, None] = {}
        for row in terms:
            for around in row.outward():
                for role in self.correspondence.by_role_frame.values():
                    frame = role.frames.get(around)
                    if frame and role.printed and role is not self.role:
                        names.update(_whole(role, frame))
        return list(names)

    def _quotients(self, terms: Terms, base: Expression) -> dict[Occurrence, Term] | None:
        """Each occurrence's only value divided by the base; None if it is not a whole number."""
        result: dict[Occurrence, Term] = {}
        for row, term in terms.items():
            quotient = self._quotient(row, term, base)
            if quotient is None:
                return None
            seen = result.setdefault(row.occurrence, quotient)
            if not identical(seen.value, quotient.value):
                return None
        return result

    def _quotient(self, row: Row, term: Term, base: Expression) -> Term | None:
        outer = self.correspondence.outer(row.occurrence, term.expression)
        if base == ONE:
            return Term(term.value, outer)
        try:
            divisor = self.correspondence.evaluate(row, base)
        except (LookupError, Undefined):
            return None
        value = term.value
        if not is_whole(value) or not is_whole(divisor) or divisor < 1 or value % divisor:
            return None
        divisor_outer = self.correspondence.outer(row.occurrence, self._actual(row, base))
        return Term(value // divisor, operation("//", outer, divisor_outer))

    def _actual(self, row: Row, expression: Expression) -> Expression:
        """A comparable expression in the frames of one row."""
        if isinstance(expression, Symbol):
            value = self.correspondence.value(row, expression)
            assert isinstance(value, int)
            return Literal(value)
        return expression

    def _reused(self, terms: dict[Occurrence, Term], base: Expression) -> Expression | None:
        """The base times an earlier fresh parameter, or a whole multiple of one."""
        for fresh in self.all:
            factor = common_factor(terms, fresh.terms)
            if factor is not None:
                multiple = operation("*", Literal(factor), self._symbol(fresh))
                fresh.products.add(product := operation("*", base, multiple))
                return product
        return None

    def _added(
        self, terms: dict[Occurrence, Term], name: str, is_size: bool, base: Expression
    ) -> Expression:
        """The base times a new parameter."""
        fresh = FreshParameter(unused(name, self.taken_names), terms, is_size, base)
        self.taken_names.add(fresh.name)
        self.all.append(fresh)
        fresh.products.add(product := operation("*", base, self._symbol(fresh)))
        return product

    def _symbol(self, fresh: FreshParameter) -> Symbol:
        for row in list(self.correspondence.own.frames):
            if row.occurrence in fresh.terms:
                frame = self.role.frames.setdefault(row, Frame("added"))
                frame.definitions[fresh.name] = fresh.terms[row.occurrence]
        return Symbol(self.role.frame, fresh.name)


def _whole(role: Role, frame: Frame) -> dict[Expression, None]:
    definitions = frame.definitions.items()
    return {Symbol(role.frame, n): None for n, t in definitions if is_whole(t.value)}
