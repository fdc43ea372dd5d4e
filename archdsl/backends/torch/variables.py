"""The tensors of a `forward`, and the variables that hold them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from archdsl.backends.torch.names import tensor_name, unused, variable_name
from archdsl.backends.torch.python import (
    PyChoice,
    PyDisplay,
    PyExpression,
    PyName,
    PyOperation,
)
from archdsl.backends.torch.rows import Occurrence, Row, same


@dataclass(frozen=True)
class TensorExpression:
    """An expression for a tensor, and the number of nested calls in it."""

    code: PyExpression
    nesting: int = 0
    is_activated: bool = False

    @property
    def is_choice(self) -> bool:
        """Whether it is a conditional expression."""
        return isinstance(self.code, PyChoice)

    @property
    def is_atom(self) -> bool:
        """Whether it needs no parentheses as an operand."""
        return not isinstance(self.code, PyChoice | PyOperation)


def held(name: str) -> TensorExpression:
    """A tensor that a variable holds."""
    return TensorExpression(PyName(name))


@dataclass(frozen=True)
class NamedTensor:
    """One of several tensors: its name, its nodes of the graph, and an expression for it."""

    name: str
    nodes: dict[Row, int]
    value: TensorExpression


@dataclass(frozen=True)
class SeveralTensors(TensorExpression):
    """Several tensors, which no layer takes at once."""

    parts: tuple[NamedTensor, ...] = ()


def several(parts: Iterable[NamedTensor]) -> SeveralTensors:
    """Several tensors as one value."""
    parts = tuple(parts)
    code = PyDisplay("bare", tuple([part.value.code for part in parts]))
    nesting = max(part.value.nesting for part in parts)
    return SeveralTensors(code, nesting, parts=parts)


@dataclass
class Target:
    """The variable that a path is assigned to; a branch gets one on demand."""

    name: str
    is_main: bool = True


@dataclass
class Variables:
    """The variables of a `forward`.

    `wires` are those that hold some nodes' results; `foreign` collects the tensors that callers
    must pass; `for_branches` may be reused after their branches have been joined.
    """

    taken: set[str] = field(default_factory=lambda: {"self", "x"})
    wires: dict[tuple[Occurrence, int], str] = field(default_factory=dict)
    foreign: dict[str, dict[Row, int]] = field(default_factory=dict)
    for_branches: set[str] = field(default_factory=set)
    labels: dict[str, tuple[str, set[Row]]] = field(default_factory=dict)
    """The variables of labels, with the rows that have assigned them."""

    def new(self, wanted: str) -> str:
        """A name that no other variable has."""
        name = unused(wanted, self.taken)
        self.taken.add(name)
        return name

    def labelled(self, label: str, nodes: dict[Row, int]) -> str:
        """The variable of a label, shared by both branches of an `if`."""
        variable, rows = self.labels.get(label, ("", set()))
        # What a loop assigns is assigned in the row around it too.
        around = {each for row in nodes for each in row.outward()}
        if not variable or rows & around:
            variable, rows = self.new(variable_name(label)), set()
        self.labels[label] = variable, rows | nodes.keys()
        self.hold(variable, nodes)
        return variable

    def for_branch(self, wanted: str = "") -> str:
        """A name that is reserved until branches are joined."""
        name = self.new(wanted or tensor_name(self.taken))
        self.for_branches.add(name)
        return name

    def release(self) -> None:
        """Release the names of joined branches."""
        self.taken -= self.for_branches
        self.for_branches.clear()

    def known(self, nodes: dict[Row, int]) -> str:
        """The variable that holds these nodes' results; raises `Split` if there is none."""
        return same({row: self.wires[row.occurrence, id] for row, id in nodes.items()})

    def tensor(self, name: str, nodes: dict[Row, int]) -> str:
        """The variable that holds these nodes' results; if none does, an additional parameter."""
        known = {row: self.wires.get((row.occurrence, id), "") for row, id in nodes.items()}
        if text := same(known):
            return text
        variable = self.new(variable_name(name))
        self.foreign[variable] = nodes
        self.hold(variable, nodes)
        return variable

    def holds(self, variable: PyExpression, nodes: dict[Row, int]) -> bool:
        """Whether a variable is known to hold these nodes' results, until the end."""
        found = {self.wires.get((row.occurrence, id)) for row, id in nodes.items()}
        return isinstance(variable, PyName) and found == {variable.id}

    def hold(self, variable: str, nodes: dict[Row, int]) -> None:
        """Record that a variable holds these nodes' results."""
        self.wires.update({(row.occurrence, id): variable for row, id in nodes.items()})
