"""The `forward` of one class: the order of the spec, one `x` that is reused, short lines."""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, field

from archdsl.backends.torch.attributes import Attributes
from archdsl.backends.torch.calls import arguments, forms
from archdsl.backends.torch.construct import links
from archdsl.backends.torch.inplace import may_overwrite
from archdsl.backends.torch.layout import Block
from archdsl.backends.torch.merge import (
    Aux,
    Call,
    Group,
    If,
    Leaf,
    Loop,
    Merge,
    Merged,
    Open,
    Sequence,
    Wire,
    result_of,
    same,
    shapes,
)
from archdsl.backends.torch.names import unused, variable_name
from archdsl.backends.torch.rows import Instance, Row
from archdsl.graph import Graph

MOST_NESTED = 3
"""So many calls may stand in one another on a line."""


@dataclass(frozen=True)
class Value:
    """A tensor on its way: Python text, how many calls are nested in it, and what made it."""

    text: str
    nesting: int = 0
    made_by: Merged | None = None
    is_atom: bool = True
    is_activated: bool = False

    @property
    def operand(self) -> str:
        """The text as an operand of another operator."""
        return self.text if self.is_atom else f"({self.text})"


@dataclass
class Target:
    """The variable that a path of the network is assigned to; a branch gets one when it needs it."""

    name: str
    is_main: bool = True


@dataclass
class Forward:
    """Writes the statements of `forward`.

    `wired` are the results that are read by their label; `wires` are the variables that hold
    some nodes' results; `foreign` collects the tensors that callers must hand in.
    """

    attributes: Attributes
    wired: Set[tuple[Graph, int, str]]
    statements: list[str | Block] = field(default_factory=list)
    target: Target = field(default_factory=lambda: Target("x"))
    taken: set[str] = field(default_factory=lambda: {"self", "x"})
    wires: dict[tuple[Instance, int], str] = field(default_factory=dict)
    foreign: dict[str, dict[Row, int]] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    merging: int = 0
    branch_names: set[str] = field(default_factory=set)

    def visit(self, node: Merged, value: Value) -> Value:
        """Apply a piece of the network to a tensor."""
        match node:
            case Leaf():
                return self._labelled(node, self.leaf(node, value))
            case Call() | Open() | Group():
                return self._labelled(node, self.call(node, value))
            case Sequence():
                for child in node.children:
                    value = self.visit(child, value)
                return value
            case Merge():
                return self.merge(node, value)
            case Wire():
                return self.wire(node)
            case If():
                return self.condition(node, value)
            case Loop():
                return self.loop(node, value)
            case Aux():
                return self.aux(node, value)

    def leaf(self, node: Leaf, value: Value) -> Value:
        """An op: a function where it has no weights and no number of the class, else a module."""
        value = self._shorten(value)
        first = next(iter(node.rows.values())).op
        activated = first.family == "activation"
        if not self.attributes.is_functional(node):
            text = f"{self.attributes.access(node)}({value.text})"
            return Value(text, value.nesting + 1, node, is_activated=activated)
        form_of = forms(node)
        form = next(iter(form_of.values()))
        calls = {row: f.function for row, f in form_of.items() if f.function is not None}
        given = arguments(self.attributes.writer, node, calls)
        call = next(iter(calls.values()))
        if call.template:
            text = call.template.format(*given, x=value.operand)
            return Value(text, value.nesting + 1, node, call.is_atom, activated)
        flags = ["training=self.training"] if form.training else []
        if form.inplace and may_overwrite(node, value.made_by):
            flags.append("inplace=True")
        text = f"{call.callee}({', '.join([value.text, *given, *flags])})"
        return Value(text, value.nesting + 1, node, is_activated=activated)

    def call(self, node: Call | Open | Group, value: Value) -> Value:
        """A submodule that is a block or a container."""
        if self.target.is_main:
            value = self._assign(value)
        value = self._shorten(value)
        wires = self._foreign_arguments(node) if isinstance(node, Call) else []
        text = f"{self.attributes.access(node)}({', '.join([value.text, *wires])})"
        return Value(text, value.nesting + 1, node)

    def _foreign_arguments(self, node: Call) -> list[str]:
        """The tensors of this body, or of bodies around it, that the called class reads."""
        interfaces = self.attributes.writer.interfaces
        interface = interfaces.made[node.family]
        texts = []
        for name, by_instance in interface.wires.items():
            nodes = {
                row: by_instance[interfaces.instance(call.activation)]
                for row, call in node.rows.items()
            }
            texts.append(self._tensor(name, nodes))
        return texts

    def _tensor(self, name: str, nodes: dict[Row, int]) -> str:
        """The variable that holds these nodes' results; a further parameter where none does."""
        known = {row: self.wires.get((row.instance, id), "") for row, id in nodes.items()}
        if text := same(known):
            return text
        variable = unused(variable_name(name), self.taken)
        self.taken.add(variable)
        self.foreign[variable] = nodes
        self._hold(variable, nodes)
        return variable

    def _hold(self, variable: str, nodes: dict[Row, int]) -> None:
        self.wires.update({(row.instance, id): variable for row, id in nodes.items()})

    def _shorten(self, value: Value) -> Value:
        """A statement of its own for a line that would nest too many calls."""
        is_long = value.nesting >= MOST_NESTED or (value.is_activated and value.nesting >= 2)
        return self._assign(value) if is_long else value

    def _assign(self, value: Value) -> Value:
        """The value in a variable."""
        if value.nesting == 0:
            return value
        if not self.target.name:
            self.target.name = self._branch_name()
        self.statements.append(f"{self.target.name} = {value.text}")
        if self.target.is_main and not self.merging:
            self.taken -= self.branch_names
            self.branch_names.clear()
        return Value(self.target.name, made_by=value.made_by)

    def _branch_name(self) -> str:
        name = unused("out", self.taken)
        self.taken.add(name)
        self.branch_names.add(name)
        return name

    def _labelled(self, node: Leaf | Call | Open | Group, value: Value) -> Value:
        """The value, in a variable of the label's name where the label is read as a wire."""
        results = {row: result_of(n) for row, n in node.rows.items()}
        read = [
            str(key.value)
            for row, key in node.key.items()
            if (row.instance.graph, results[row], str(key.value)) in self.wired
        ]
        if not read:
            return value
        variable = unused(variable_name(read[0]), self.taken)
        self.taken.add(variable)
        self.statements.append(f"{variable} = {value.text}")
        self._hold(variable, results)
        return Value(variable, made_by=value.made_by)

    def wire(self, node: Wire) -> Value:
        """A tensor by its name."""
        row, wire = next(iter(node.rows.items()))
        parameters = {id: name for name, id in row.instance.innermost.wires.items()}
        name = parameters.get(wire.node, str(wire.name.value))
        return Value(self._tensor(name, {row: wire.node for row, wire in node.rows.items()}))

    def merge(self, node: Merge, value: Value) -> Value:
        """Branches side by side, and their join."""
        if sum(reads(branch) for branch in node.branches) > 1 or value.nesting:
            value = self._assign(value)
        self.merging += 1
        branches = [self._branch(branch, value) for branch in node.branches]
        self.merging -= 1
        first = next(iter(node.rows.values()))
        form = first.op.torch(*(shapes((first.output,)) * len(branches)))
        assert form.join is not None
        opening, separator = form.join.opening, form.join.separator
        closing = form.join.closing
        is_call = "(" in opening
        parts = [
            branch.text if is_call and separator.strip() == "," else branch.operand
            for branch in branches
        ]
        text = opening + separator.join(parts) + closing.format(n=len(branches))
        nesting = (
            1 + max(branch.nesting for branch in branches)
            if is_call
            else max(branch.nesting for branch in branches)
        )
        return Value(text, max(1, nesting), node, is_atom=is_call)

    def _branch(self, node: Merged, value: Value) -> Value:
        outer, self.target = self.target, Target("", is_main=False)
        start = Value(value.text) if value.nesting == 0 else value
        result = self.visit(node, start)
        self.target = outer
        return result

    @contextmanager
    def _nested(self) -> Iterator[list[str | Block]]:
        outer, self.statements = self.statements, []
        yield self.statements
        self.statements = outer

    def _into(self, node: Merged, value: Value) -> list[str | Block]:
        """The statements that leave a piece's result in the target's variable."""
        with self._nested() as block:
            result = self.visit(node, Value(value.text))
            if result.text != self.target.name:
                self.statements.append(f"{self.target.name} = {result.text}")
        return block

    def condition(self, node: If, value: Value) -> Value:
        """An `if`: one attribute where that can say it, else a statement."""
        if (attribute := self.attributes.inline(node)) is not None:
            if self.target.is_main and isinstance(attribute, Call | Group | Open):
                value = self._assign(value)
            value = self._shorten(value)
            text = f"{self.attributes.access(attribute)}({value.text})"
            return Value(text, value.nesting + 1, node)
        value = self._settle(value)
        test = self.attributes.flag(node)
        then, otherwise = (
            self._into(side, value) if side else [] for side in (node.then, node.otherwise)
        )
        if not then:
            test, then, otherwise = f"not {test}", otherwise, []
        self.statements += [f"if {test}:", then, *(["else:", otherwise] if otherwise else [])]
        return Value(self.target.name)

    def _settle(self, value: Value) -> Value:
        """The value in the very variable that the path is assigned to."""
        value = self._assign(value)
        if not self.target.name:
            self.target.name = self._branch_name()
        if value.text != self.target.name:
            self.statements.append(f"{self.target.name} = {value.text}")
        return Value(self.target.name)

    def loop(self, node: Loop, value: Value) -> Value:
        """A loop over the children of the class."""
        value = self._settle(value)
        with self._nested() as block:
            result = self.visit(node.body, Value(value.text))
            self.statements.append(f"{self.target.name} = {result.text}")
        self.statements += ["for layer in self.children():", block]
        return Value(self.target.name)

    def aux(self, node: Aux, value: Value) -> Value:
        """A head that exists in training alone."""
        value = self._assign(value)
        label = str(next(iter(node.rows.values())).name.value)
        variable = unused(variable_name(label), self.taken)
        self.taken.add(variable)
        self.heads[label] = variable
        outer, self.target = self.target, Target(variable, is_main=False)
        block = self._into(node.child, value)
        self.target = outer
        self.statements += [f"{variable}: Tensor | None = None", "if self.training:", block]
        return value


def reads(node: Merged) -> bool:
    """Whether a branch reads the tensor that comes in, and not a wire."""
    for link in links(node):
        return not isinstance(link, Wire)
    return True
