"""The submodules of a class that has a `forward` of its own, and how `forward` reaches them."""

from __future__ import annotations

from dataclasses import dataclass, field

from archdsl.arithmetic import Value
from archdsl.backends.torch.calls import forms, op_term
from archdsl.backends.torch.construct import (
    Constructor,
    Module,
    if_else,
    is_named,
    links,
    modules_in,
)
from archdsl.backends.torch.layout import Block
from archdsl.backends.torch.merge import (
    Aux,
    If,
    Leaf,
    Loop,
    Merge,
    Merged,
    Open,
    Sequence,
    has_weights,
)
from archdsl.backends.torch.names import unused
from archdsl.backends.torch.rows import Row
from archdsl.backends.torch.writer import Writer
from archdsl.ops.forms import TorchArgument
from archdsl.provenance import symbols


@dataclass
class Attributes:
    """Writes `self.key = ...` for the modules of a class, each once.

    In the scope "indexed" the modules are numbered, and reached as `self[0]`; in the scope
    "children" they are the children of the class, reached as the variable of a loop over them.
    """

    writer: Writer
    constructor: Constructor
    scope: str
    statements: list[str | Block] = field(default_factory=list)
    flags: dict[int, str] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    places: list[int] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def write(self, root: Merged) -> None:
        """The statements of `__init__`, and `super().__init__` where it takes the modules."""
        self.taken = {str(term.value) for m in modules_in(root) for term in m.key.values()}
        if self.scope == "indexed":
            self._indexed(root)
        else:
            self.statements += ["super().__init__()", *self._part(root)]

    def _indexed(self, root: Merged) -> None:
        modules = [m for m in modules_in(root) if not self.is_functional(m)]
        named = any(is_named(m) for m in modules)
        texts = []
        for place, module in enumerate(modules):
            before, text = self.constructor.module(module)
            self.statements += before
            texts.append(f"({self.constructor.key(module)}, {text})" if named else text)
            self.keys[id(module)] = f"self[{place}]"
        if named:
            self.writer.imports.add("OrderedDict")
            texts = [f"OrderedDict([{', '.join(texts)}])"]
        self.statements.append(f"super().__init__({', '.join(texts)})")

    def _part(self, node: Merged) -> list[str | Block]:
        match node:
            case Sequence(children=below) | Merge(branches=below):
                return [statement for child in below for statement in self._part(child)]
            case Aux(child=child):
                return self._part(child)
            case If():
                return self._condition(node)
            case Loop():
                return self.constructor.loop(node, lambda: self._part(node.body))
            case _ if isinstance(node, Module) and not self.is_functional(node):
                return self._module(node)
            case _:
                return []

    def _module(self, node: Module) -> list[str | Block]:
        before, text = self.constructor.module(node)
        if self.scope == "children":
            return [*before, f"self.add_module({self.constructor.key(node)}, {text})"]
        return [*before, f"{self.access(node)} = {text}"]

    def _condition(self, node: If) -> list[str | Block]:
        if inline := self.inline(node):
            return self._inline(node, inline)
        then, otherwise = (self._part(side) if side else [] for side in (node.then, node.otherwise))
        flag = self.flag(node)
        first = f"{flag} = {self.constructor.condition(node)}"
        return [first, *if_else(flag, then, otherwise)]

    def _inline(self, node: If, module: Module) -> list[str | Block]:
        """One attribute that is one thing or another."""
        test = self.constructor.condition(node)
        sides: list[tuple[Block, str]] = []
        for side in (node.then, node.otherwise):
            inner = list(links(side)) if side else []
            sides.append(self.constructor.module(inner[0]) if inner else ([], "nn.Identity()"))  # type: ignore[arg-type]
        attribute = self.access(module)
        (before, then), (before_otherwise, otherwise) = sides
        if not before and not before_otherwise:
            return [f"{attribute} = {then} if {test} else {otherwise}"]
        return [
            f"{attribute}: nn.Module",
            f"if {test}:",
            [*before, f"{attribute} = {then}"],
            "else:",
            [*before_otherwise, f"{attribute} = {otherwise}"],
        ]

    def inline(self, node: If) -> Module | None:
        """The module that an `if` chooses, where it chooses between two of one name, or none."""
        sides = [list(links(side)) if side else [] for side in (node.then, node.otherwise)]
        modules = [link for side in sides for link in side]
        if any(len(side) > 1 for side in sides) or not modules:
            return None
        if not all(isinstance(m, Module) and not self.is_functional(m) for m in modules):
            return None
        keys = {str(term.value) for m in modules for term in m.key.values()}  # type: ignore[union-attr]
        return modules[0] if len(keys) == 1 else None  # type: ignore[return-value]

    def is_functional(self, node: Module) -> bool:
        """Whether `forward` calls an op as a function: it has no weights and no number to keep."""
        if not isinstance(node, Leaf) or self.scope == "indexed":
            return False
        if any(map(has_weights, node.rows.values())):
            return False
        calls = {row: form.function for row, form in forms(node).items()}
        written = {
            row: [self._literal(node, row, argument) for argument in call.arguments]
            for row, call in calls.items()
            if call is not None
        }
        texts = {repr(values) for values in written.values()}
        return len(written) == len(calls) and len(texts) == 1 and "None" not in "".join(texts)

    def _literal(self, node: Leaf, row: Row, argument: TorchArgument) -> Value | None:
        """The value of an argument that is written out; None for one that the class computes."""
        term = op_term(node.rows[row], argument)
        comparable = self.writer.witness.comparable(row, term.expression)
        return term.value if not list(symbols(comparable)) else None

    def access(self, node: Module) -> str:
        """How `forward` reaches a module."""
        if self.scope == "children":
            return "layer"
        if id(node) not in self.keys:
            key = next(iter(node.key.values()), None)
            name = (
                str(key.value)
                if key is not None
                else f"{node.parameter}_"
                if isinstance(node, Open)
                else "layer"
            )
            self.keys[id(node)] = f"self.{name}"
        return self.keys[id(node)]

    def flag(self, node: If) -> str:
        """The attribute that remembers a condition for `forward`."""
        if id(node) not in self.flags:
            labels = [
                str(term.value)
                for m in modules_in(node.then or node)
                if not self.is_functional(m)
                for term in m.key.values()
            ]
            name = unused(f"has_{labels[0]}" if labels else "when", self.taken)
            self.taken.add(name)
            self.flags[id(node)] = f"self.{name}"
        return self.flags[id(node)]
