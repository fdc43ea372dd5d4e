"""Scopes that several labels open: `"convs.0": conv(8, 3)` puts a layer into the scope `convs`.

In code such a scope is a container, whose modules `forward` calls one by one: an `nn.ModuleList` if
their names count from 0, else an `nn.ModuleDict`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from archdsl.backends.torch import python
from archdsl.backends.torch.merged import (
    Merged,
    MergedCondition,
    Submodule,
    below,
    is_bare,
    is_stateless,
    label,
    modules_in,
)
from archdsl.backends.torch.python import PyAttribute, PyConstant, PyExpression, PySubscript


@dataclass
class Containers:
    """The containers of a class, with the modules in each by name.

    `lists` are those that are an `nn.ModuleList`, `dicts` the others, the outer ones first.
    """

    root: Merged
    lists: dict[str, list[Submodule]] = field(default_factory=dict)
    dicts: list[str] = field(default_factory=list)
    bare: set[str] = field(default_factory=set)
    """The learned tensors in containers, which are attributes of them."""

    def __post_init__(self) -> None:
        modules = [m for m in modules_in(self.root) if self.holds(m)]
        self.bare = {label(m) for m in modules if is_bare(m)}
        conditional = {id(module) for module in _under_conditions(self.root)}
        names = dict.fromkeys(
            ".".join(label(m).split(".")[:end])
            for m in modules
            for end in range(1, label(m).count(".") + 1)
        )
        for name in names:
            inside = [m for m in modules if label(m).startswith(f"{name}.")]
            by_name = {label(m).removeprefix(f"{name}."): m for m in inside}
            counted = [*map(str, range(len(inside)))]
            if {*by_name} == {*counted} and conditional.isdisjoint(map(id, inside)):
                self.lists[name] = [by_name[number] for number in counted]
            else:
                self.dicts.append(name)

    @property
    def attributes(self) -> set[str]:
        """The attributes that hold containers."""
        return {name.split(".")[0] for name in (*self.lists, *self.dicts)}

    def list_of(self, module: Submodule) -> str:
        """The list that a module is in; empty if it is in none."""
        name = label(module).rpartition(".")[0]
        return name if name in self.lists else ""

    def access(self, name: str) -> PyExpression:
        """A module or container by its name, which may contain dots."""
        around, _, last = name.rpartition(".")
        if not around:
            return PyAttribute(python.SELF, last)
        if name in self.bare:
            return PyAttribute(self.access(around), last)
        key = PyConstant(int(last)) if around in self.lists else PyConstant(last)
        return PySubscript(self.access(around), key)

    def holds(self, module: Submodule) -> bool:
        """Whether a module is in a container."""
        return "." in label(module) and not is_stateless(module)

    def children(self, modules: Iterable[Submodule]) -> list[Submodule | None]:
        """What a class of some modules holds, in order; None for a container of some of them.

        Those that are filled one by one are made first.
        """
        made = {name for name in self.dicts if "." not in name}
        found: list[Submodule | None] = [None] * len(made)
        for module in modules:
            name = label(module).split(".")[0]
            if not self.holds(module):
                found.append(module)
            elif name not in made:
                made.add(name)
                found.append(None)
        return found


def _under_conditions(node: Merged) -> Iterator[Submodule]:
    """The modules that only a condition makes."""
    match node:
        case MergedCondition():
            yield from modules_in(node)
        case _:
            for child in below(node):
                yield from _under_conditions(child)
