"""Containers that several labels with dots share, as statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archdsl.backends.torch import python
from archdsl.backends.torch.construct import Constructor
from archdsl.backends.torch.containers import Containers
from archdsl.backends.torch.python import (
    PyAssign,
    PyAttribute,
    PyBlock,
    PyComprehension,
    PyConstant,
    PyDisplay,
    PyEvaluate,
    PyExpression,
)


@dataclass
class ModuleLists:
    """Writes the containers of a class; `made` are the modules that it has created."""

    constructor: Constructor
    containers: Containers
    made: set[int]

    def dicts(self) -> PyBlock:
        """The containers whose modules are added one by one."""
        made = python.call("nn.ModuleDict")
        return tuple(
            [PyAssign(self.containers.access(name), made) for name in self.containers.dicts]
        )

    def of(self, name: str) -> PyBlock:
        """A container of modules that have numbers, made with all of them at once."""
        modules = self.containers.lists[name]
        self.made |= set(map(id, modules))
        made = [self.constructor.module(module) for module in modules]
        values = [value for _, value in made]
        if sum(bool(before) for before, _ in made) > 1:
            return self._appended(self.containers.access(name), made)
        items: PyExpression = PyDisplay("list", tuple(values))
        if len(values) > 2 and all(value == values[0] for value in values):
            count = python.call("range", PyConstant(len(values)))
            items = PyComprehension("list", values[0], ("_",), count)
        statements = [statement for before, _ in made for statement in before]
        container = python.call("nn.ModuleList", items)
        return *statements, PyAssign(self.containers.access(name), container)

    def _appended(
        self, container: PyExpression, made: Sequence[tuple[PyBlock, PyExpression]]
    ) -> PyBlock:
        """A container filled one by one: what makes its modules uses the same variables."""
        empty = PyAssign(container, python.call("nn.ModuleList"))
        add = PyAttribute(container, "append")
        added = [(*before, PyEvaluate(python.call(add, value))) for before, value in made]
        return empty, *[statement for each in added for statement in each]
