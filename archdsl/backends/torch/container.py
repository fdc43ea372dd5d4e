"""An `nn.Sequential` as Python: filled by statements, or by an `OrderedDict`."""

from __future__ import annotations

import keyword
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from archdsl.backends.torch import python
from archdsl.backends.torch.python import (
    PyArgument,
    PyAssign,
    PyAttribute,
    PyCall,
    PyConstant,
    PyDisplay,
    PyEvaluate,
    PyExpression,
    PyName,
    PyStarred,
    PyStatement,
    PySubscript,
)

CONTAINERS = {
    True: python.generic("OrderedDict", PyName("str"), python.dotted("nn.Module")),
    False: python.generic("list", python.dotted("nn.Module")),
}
"""The types of containers with named modules, and of others."""

Item: TypeAlias = tuple[PyExpression, PyExpression]
"""A module in an `OrderedDict`: its name and its expression."""


@dataclass
class Container:
    """An `nn.Sequential` filled by statements: a list, or a dict if its modules have names."""

    variable: str
    is_named: bool
    statements: list[PyStatement] = field(default_factory=list)
    waiting: list[PyExpression] = field(default_factory=list)

    def add(self, key: PyExpression | None, module: PyExpression) -> None:
        """Append a module."""
        if key is not None:
            target = PySubscript(PyName(self.variable), key)
            self.statements.append(PyAssign(target, module))
        else:
            self.waiting.append(module)

    def flush(self) -> None:
        """Write the waiting modules."""
        waiting, variable = PyDisplay("list", tuple(self.waiting)), PyName(self.variable)
        match self.statements[-1:]:
            case _ if not self.waiting:
                return
            case [PyAssign(value=PyDisplay("list", ())) as last]:
                self.statements[-1] = replace(last, value=waiting)
            case _ if len(self.waiting) == 1 and not isinstance(self.waiting[0], PyStarred):
                append = PyAttribute(variable, "append")
                self.statements.append(PyEvaluate(python.call(append, *self.waiting)))
            case _:
                self.statements.append(PyAssign(variable, waiting, operator="+"))
        self.waiting.clear()


def ordered(items: Sequence[Item]) -> PyExpression:
    """An `OrderedDict` of items, with keywords if all keys can be keywords."""
    if all(_is_keyword(key) for key, _ in items):
        arguments = [PyArgument(value, _text(key)) for key, value in items]
        return PyCall(PyName("OrderedDict"), tuple(arguments))
    pairs = [PyDisplay("tuple", item) for item in items]
    return python.call("OrderedDict", PyDisplay("list", tuple(pairs)))


def _text(key: PyExpression) -> str:
    return key.value if isinstance(key, PyConstant) and isinstance(key.value, str) else ""


def _is_keyword(key: PyExpression) -> bool:
    return _text(key).isidentifier() and not keyword.iskeyword(_text(key))
