"""State shared by the constructor and `forward` of one class: names and expressions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from archdsl.backends.torch.expressions import Translation
from archdsl.backends.torch.interface import Interfaces
from archdsl.backends.torch.names import unused, variable_name
from archdsl.backends.torch.numbers import ExpressionAntiUnifier
from archdsl.backends.torch.python import PyExpression, SequenceKind
from archdsl.backends.torch.rows import Correspondence, Role, Row, Unprintable
from archdsl.backends.torch.simplify import operators
from archdsl.backends.torch.traversal import names_bound
from archdsl.ops.forms import Helper, TorchForm, carried
from archdsl.provenance import Expression, Operation, Symbol, Term, operation
from archdsl.tree import Variables


@dataclass(eq=False)
class Writer:
    """The text of one class, under construction.

    `used` are the class's symbols that its text reads. `version` is the role whose `channels` the
    variable `channels` holds at the current point of the text. `tuples` are the variables whose
    sequences must be tuples.
    """

    interfaces: Interfaces
    correspondence: Correspondence
    numbers: ExpressionAntiUnifier
    taken: set[str]
    used: dict[str, None] = field(default_factory=dict)
    version: Role | None = None
    bound: frozenset[str] = frozenset()
    """The variables of the loops around the code being printed."""
    loop_names: dict[tuple[Role, str], str] = field(default_factory=dict)
    definitions: dict[str, Helper] = field(default_factory=dict)
    compound: dict[PyExpression, tuple[str, ...]] = field(default_factory=dict)
    """Expressions that may get a variable if repeated, each with names for it."""
    tuples: set[str] = field(default_factory=set)
    size: str = ""
    """A name for the input size of the module being printed."""

    def __post_init__(self) -> None:
        self.channels = unused("channels", self.taken)

    def value(
        self,
        terms: Mapping[Row, Term],
        name: str,
        is_size: bool = False,
        sequence: SequenceKind = "list",
        callee: str = "",
    ) -> PyExpression:
        """The one expression for the values of all rows, as Python.

        `callee` is the callee of this argument, after which a variable may be named.
        """
        wanted = self.size if is_size and self.size else name
        expression = self.numbers.anti_unify(dict(terms), wanted, is_size)
        value = self.translated(expression, sequence)
        if operators(expression) >= COMPOUND and not self._reads_channels(expression):
            names = [name, *([f"{callee}_{name}"] if callee else [])]
            # The name that PyTorch's layers have for it.
            names += ["out_channels"] if name == "out" else []
            self.compound.setdefault(value, tuple(map(variable_name, names)))
        return value

    def carry(self, forms: Iterable[TorchForm], keywords: Iterable[str] = ()) -> None:
        """Note the helpers of some forms, whose calls give some keywords."""
        given = frozenset(keywords)
        for form in forms:
            found = {name: each.widened(given) for name, each in form.definitions.items()}
            self.definitions = carried(self.definitions, found)

    def _reads_channels(self, expression: Expression) -> bool:
        return any(symbol.name == "channels" for symbol in expression.symbols)

    def translated(self, expression: Expression, sequence: SequenceKind = "list") -> PyExpression:
        """A comparable expression as Python."""
        self._note_functions(expression)
        if sequence == "tuple":
            self._note_tuples(expression)
        return Translation(self.name, self.correspondence.types, sequence).of(expression)

    def iterable(self, terms: Mapping[Row, Term]) -> PyExpression:
        """The iterable of a loop; of one that only counts its turns, their number is asked for."""
        counts = {row: _count(term) for row, term in terms.items()}
        if None not in counts.values():
            known = {row: term for row, term in counts.items() if term is not None}
            end = self.numbers.anti_unify(known, name_of(known.values(), "count"))
            expression: Expression = operation("range", end)
        else:
            expression = self.numbers.anti_unify(dict(terms), "items")
        self._note_functions(expression)
        return Translation(self.name, self.correspondence.types).iterable(expression)

    def _note_tuples(self, expression: Expression) -> None:
        """Collect the variables that must hold tuples, as PyTorch's annotations require."""
        match expression:
            case Symbol():
                self.tuples.add(self.name(expression))
            case Operation("if", (_, then, otherwise)):
                self._note_tuples(then)
                self._note_tuples(otherwise)

    def name(self, symbol: Symbol) -> str:
        """The variable that holds a symbol's value here."""
        role = self.correspondence.role(symbol)
        if role is self.correspondence.own:
            self.used.setdefault(symbol.name)
            return variable_name(symbol.name)
        if role is self.numbers.fresh.role:
            return symbol.name
        if role is not None and symbol.name == "channels":
            if role is not self.version:
                raise Unprintable("channels")
            return self.channels
        if role is None:
            raise Unprintable(symbol.name)
        return self.loop_names[role, symbol.name]

    def _note_functions(self, expression: Expression) -> None:
        if isinstance(expression, Operation):
            if expression.operator == "divisible":
                self.definitions["divisible"] = Helper.of(DIVISIBLE)
            for operand in expression.operands:
                self._note_functions(operand)

    @contextmanager
    def loop(self, role: Role, names: Variables) -> Iterator[None]:
        """Name the variables of a loop; nested loops do not reuse these names."""
        outer = self.bound
        for name in names_bound(names):
            variable = unused(variable_name(name), self.taken | self.bound)
            self.loop_names[role, name] = variable
            self.bound = self.bound | {variable}
        yield
        self.bound = outer


COMPOUND = 2
"""Minimum number of operators of an expression that is not written twice."""

DIVISIBLE = '''\
def divisible(v: float, by: int) -> int:
    """The multiple of `by` next to `v`, but no less than nine tenths of it."""
    n = max(by, int(v + by / 2) // by * by)
    return n + by if n < 0.9 * v else n
'''


def _count(header: Term) -> Term | None:
    """The number of turns of a loop over `range(count)`; None for any other, or without turns."""
    match header:
        case Term(value=(_, *_) as turns, expression=Operation("range", (count,))):
            return Term(len(turns), count)
    return None


def name_of(terms: Iterable[Term], otherwise: str) -> str:
    """A name for a number: the one that all rows know it by, if there is one."""
    names = {
        variable_name(term.expression.name) if isinstance(term.expression, Symbol) else otherwise
        for term in terms
    }
    return names.pop() if len(names) == 1 else otherwise
