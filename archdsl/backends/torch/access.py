"""How `forward` reaches the submodules of a class, and which layers are no submodules."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from archdsl.backends.torch import python
from archdsl.backends.torch.calls import forms
from archdsl.backends.torch.merged import (
    Call,
    If,
    Leaf,
    Merged,
    Module,
    Open,
    links,
    modules_in,
)
from archdsl.backends.torch.names import attribute_name, unused
from archdsl.backends.torch.python import Expression
from archdsl.backends.torch.walk import Scope, has_weights
from archdsl.backends.torch.writer import Writer
from archdsl.provenance import Term


@dataclass
class Access:
    """The submodules of a class that has a `forward` of its own.

    In the scope "indexed" they are numbered, and reached as `self[0]`; in the scope "children" a
    loop makes one in each turn, and they are reached as the variable of a loop; else they have
    names. `taken` are the names of attributes.
    """

    writer: Writer
    scope: Scope
    root: Merged
    taken: set[str] = field(default_factory=set)
    made_of: Counter[str] = field(default_factory=Counter)
    """How many modules have a name."""
    reached: dict[int, Expression] = field(default_factory=dict)

    def __post_init__(self) -> None:
        modules = {id(module): module for module in modules_in(self.root)}
        self.taken |= {str(term.value) for m in modules.values() for term in m.key.values()}
        self.made_of.update(map(label, modules.values()))

    def number(self, modules: list[Module]) -> None:
        """Say that some modules, in order, are all that the class holds."""
        for place, module in enumerate(modules):
            self.reached[id(module)] = python.Subscript(python.SELF, python.Constant(place))

    @property
    def numbered(self) -> list[Expression]:
        """How the modules are reached in the scope "indexed"."""
        return [*self.reached.values()] if self.scope == "indexed" else []

    def of(self, node: Module) -> Expression:
        """How `forward` reaches a module."""
        if self.scope == "children":
            return python.Name("layer")
        if id(node) not in self.reached:
            name = label(node) or self._unlabelled(node)
            self.reached[id(node)] = python.Attribute(python.SELF, name)
        return self.reached[id(node)]

    def _unlabelled(self, node: Module) -> str:
        """A name for a module that has none: that of the parameter that brings it."""
        wanted = attribute_name(node.parameter) if isinstance(node, Open) else "layer"
        name = unused(wanted, self.taken)
        self.taken.add(name)
        return name

    def is_functional(self, node: Module) -> bool:
        """Whether `forward` calls an op as a function: it has no weights."""
        if not isinstance(node, Leaf) or self.scope == "indexed":
            return False
        if any(map(has_weights, node.rows.values())):
            return False
        calls = [form.function for form in forms(node).values()]
        return all(calls) and (self.scope != "children" or not self._computed(node))

    def _computed(self, node: Leaf) -> bool:
        """Whether an op has numbers that the class computes."""
        return any(
            self.writer.witness.comparable(row, term.expression).symbols
            for row, leaf in node.rows.items()
            for term in leaf.arguments.values()
            if isinstance(term, Term)
        )

    def inline(self, node: If) -> list[Module]:
        """The modules that an `if` chooses between, where they have one name; or one, or none."""
        sides = [list(links(side)) if side else [] for side in (node.then, node.otherwise)]
        found = [link for side in sides for link in side]
        modules = [m for m in found if isinstance(m, Module) and not self.is_functional(m)]
        if any(len(side) > 1 for side in sides) or len(modules) < len(found) or not modules:
            return []
        if len(modules) == 1 and (self._has_more_ends(modules[0]) or self._is_twice(modules[0])):
            return []
        return modules if len({*map(label, modules)}) == 1 else []

    def _is_twice(self, node: Module) -> bool:
        """Whether another module has the name of one, under another condition."""
        return self.made_of[label(node)] > 1

    def _has_more_ends(self, node: Module) -> bool:
        """Whether a module takes or gives more than one tensor, as no `nn.Identity` does."""
        if not isinstance(node, Call):
            return False
        interface = self.writer.interfaces.made[node.family]
        return bool(interface.wires or interface.heads)

    def labels(self, side: Merged | None) -> list[str]:
        """The names of the modules on a side of an `if`."""
        modules = modules_in(side) if side is not None else ()
        return [label(m) for m in modules if m.key and not self.is_functional(m)]


def label(node: Module) -> str:
    """The name of a module in its scope, empty where it has none."""
    return next((str(term.value) for term in node.key.values()), "")
