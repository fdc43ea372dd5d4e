"""Anti-unification of expressions: one for the values of all rows at one node.

`merge.py` explains the idea with an example, which continues here. The input is a term for every
row: a value, and the expression by which the elaborator computed it. The output is one expression
over what the class knows: its parameters, the sizes at its entry, its local numbers and the
variables of its loops. `Correspondence` (`rows.py`) makes expressions comparable: `w` in the frame
of occurrence a and `w` in that of occurrence b both become the block's `w`.

The first of these rules that applies is used:

1. All rows have the same expression. The filters of `mix` are `w` in both rows.
2. The expression of one row gives the values of all rows. In a loop whose first iteration reads
   `in_channels` and whose later ones read `w`, that is `w` if both are 64 wherever it is used.
3. A condition chooses between two expressions. The input of `mix` is `in_channels` in row a and
   `2 * w` in row b, and neither gives the other's value. But the rows took different branches of
   the `if`, so it is `2 * w if wide else in_channels`. The same rules find both sides.
4. A fresh parameter, the variable of the textbook (`fresh_parameters.py`). Here no expression can
   give the 8 and 16 channels that `head` reads, because only the callers know what `body` makes:

       block net(body) = body: body(8) -> head: conv(4, 1)
       network small: [3, 32, 32] = net(plain)     # plain(w) makes w channels
       network large: [3, 32, 32] = net(wide)      # wide(w) makes 2 * w

   So there are `Net(3, Plain, 8)` and `Net(3, Wide, 16)`. Each caller finds the expression for its
   argument by the same rules, from its own rows.

The textbook generalises all its terms. Here they are a sample: callers may pass other values later.
So an expression that fits all rows must also hold beyond them:

- A literal that the author wrote in the block stays. A number from outside never becomes one, even
  if it is the same in all rows: that would freeze a number that only happened not to vary.
- If rule 3 has an answer too, the shorter one of rule 1 or 2 is used only if both are equal for all
  values of their symbols (`equivalence.py` tries many).
- A module that both branches of an `if` have was written twice. The expression of one branch is
  used for the other only if the two are equal for all values.

It invents no arithmetic. If the author wrote 4 and 16, no `w ** 2` is found; it only finds that one
size is a whole multiple of another (`quotients.py`). A value that varies within one occurrence,
independently of everything the class knows, raises `Unprintable`: the class then unrolls its loops,
and if that does not help, the network has no code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from archdsl.backends.torch.equivalence import are_one
from archdsl.backends.torch.fresh_parameters import FreshParameters
from archdsl.backends.torch.merged import MergedCondition
from archdsl.backends.torch.quotients import common_divisor, identical
from archdsl.backends.torch.rows import Correspondence, Role, Row, Terms
from archdsl.backends.torch.simplify import operators, simplified
from archdsl.provenance import Expression, Literal, operation
from archdsl.shapes import Polynomial, Symbolic
from archdsl.substitution import Undefined


@dataclass
class ExpressionAntiUnifier:
    """Finds the expressions of one class; a value without one becomes a `fresh` parameter."""

    correspondence: Correspondence
    conditions: list[MergedCondition]
    fresh: FreshParameters
    behind: dict[MergedCondition, Expression | None] = field(default_factory=dict)
    """The channels after every `if` of the class queried so far."""
    sides_of: MergedCondition | None = None
    """The `if` whose branches share the module of which the numbers are."""

    def __post_init__(self) -> None:
        self.exits = {condition.exit: condition for condition in self.conditions}

    def anti_unify(self, terms: Terms, name: str, is_size: bool = False) -> Expression:
        """The expression to print for the rows' values, in its simplest form.

        `name` is the name for a new parameter; `is_size`: the value is a size of an input, which
        may be a multiple of another number that the class knows.
        """
        shared = self._shared_or_lifted(terms)
        if shared is None:
            shared = self._chosen_for(terms, [each for each in self.conditions if each.common])
        elif self.sides_of is not None and len({*self._comparable(terms).values()}) > 1:
            chosen = self._chosen_for(terms, [self.sides_of])
            is_chance = chosen is not None and not self._are_one(shared, chosen)
            shared = chosen if is_chance else shared
        if shared is not None:
            return simplified(shared, self._is_whole)
        written = all(
            isinstance(expression, Literal) for expression in self._comparable(terms).values()
        )
        common = common_divisor(terms) if is_size and written else 1
        return self.fresh.of(terms, name, common, is_size)

    @contextmanager
    def of_both_sides(self, condition: MergedCondition) -> Iterator[None]:
        """Read numbers of modules that both branches have: each has expressions of its own."""
        outer, self.sides_of = self.sides_of, condition
        try:
            yield
        finally:
            self.sides_of = outer

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
        """The rows' expressions that have every row's value, the shortest first."""
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
        """An expression with an `if` for a value that comes from an `if` of the language."""
        lifted = {row: self._lift(row, term.expression) for row, term in terms.items()}
        known = {row: expression for row, expression in lifted.items() if expression is not None}
        shared = self._shared(terms, known) if len(known) == len(terms) else None
        return shared if shared is not None and self._gives(shared, terms) else None

    def _chosen_for(self, terms: Terms, conditions: Sequence[MergedCondition]) -> Expression | None:
        """An expression with an `if` for a module that both branches have."""
        for number, condition in enumerate(conditions):
            sides: dict[bool, Terms] = {True: {}, False: {}}
            for row, term in terms.items():
                if (own := ancestor(row, condition.rows)) is not None:
                    sides[condition.rows[own].taken][row] = term
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
        """A row's expression, with the channels after an `if` in terms of both branches."""
        try:
            return self.correspondence.comparable(row, expression, self._after)
        except LookupError:
            return None

    def _after(self, role: Role) -> Expression | None:
        """The channels after an `if`; raises `LookupError` if no expression gives them."""
        if (condition := self.exits.get(role)) is None:
            return None
        if condition not in self.behind:
            self.behind[condition] = self._chosen(condition)
        if (found := self.behind[condition]) is None:
            raise LookupError(role.name)
        return found

    def _chosen(self, condition: MergedCondition) -> Expression | None:
        sides: dict[bool, Terms] = {True: {}, False: {}}
        for row, node in condition.rows.items():
            sides[node.taken][row] = node.exit.definitions["channels"]
        return self._choice(condition, *(self._shared_or_lifted(side) for side in sides.values()))

    def _choice(
        self, condition: MergedCondition, then: Expression | None, otherwise: Expression | None
    ) -> Expression | None:
        """`then if test else otherwise`, if there is an expression for all three."""
        test = self._shared_or_lifted({row: n.condition for row, n in condition.rows.items()})
        if test is None or then is None or otherwise is None:
            return None
        return operation("if", test, then, otherwise)

    def _shared_or_lifted(self, terms: Terms) -> Expression | None:
        """The value after an `if`, in the shortest form that always holds.

        A shorter expression may fit all rows by chance: not all conditions occur in all
        combinations, and numbers may coincide.
        """
        fitting = self._fitting(terms, self._comparable(terms))
        if not self.exits or (lifted := self._lifted(terms)) is None:
            return next(fitting, None)
        return next((each for each in fitting if self._are_one(each, lifted)), lifted)

    def _are_one(self, shorter: Expression, lifted: Expression) -> bool:
        """Whether an expression without an `if` equals one with it, wherever that has a value."""
        if shorter == lifted:
            return True
        if isinstance(shorter, Literal):
            return False
        return are_one(self.correspondence, lifted, shorter)


def ancestor(row: Row, among: Mapping[Row, object]) -> Row | None:
    """The row itself or an enclosing row, whichever is in `among`."""
    return next((each for each in row.outward() if each in among), None)
