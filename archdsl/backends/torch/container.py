"""An `nn.Sequential` as Python: filled by statements, or by an `OrderedDict`."""

from __future__ import annotations

import keyword
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from archdsl.backends.torch import python
from archdsl.backends.torch.python import Expression, Statement

CONTAINERS = {
    True: python.generic("OrderedDict", python.Name("str"), python.dotted("nn.Module")),
    False: python.generic("list", python.dotted("nn.Module")),
}
"""The types of containers whose modules have names, and of others."""

Item: TypeAlias = tuple[Expression, Expression]
"""A module in an `OrderedDict`: its name, and what makes it."""


@dataclass
class Container:
    """An `nn.Sequential` filled by statements: a list, or a dict where its modules have names."""

    variable: str
    is_named: bool
    statements: list[Statement] = field(default_factory=list)
    waiting: list[Expression] = field(default_factory=list)

    def add(self, key: Expression | None, module: Expression) -> None:
        """Append a module."""
        if key is not None:
            target = python.Subscript(python.Name(self.variable), key)
            self.statements.append(python.Assign(target, module))
        else:
            self.waiting.append(module)

    def flush(self) -> None:
        """Write down what waits."""
        waiting, variable = python.Display("list", tuple(self.waiting)), python.Name(self.variable)
        match self.statements[-1:]:
            case _ if not self.waiting:
                return
            case [python.Assign(value=python.Display("list", ())) as last]:
                self.statements[-1] = replace(last, value=waiting)
            case _ if len(self.waiting) == 1 and not isinstance(self.waiting[0], python.Starred):
                append = python.Attribute(variable, "append")
                self.statements.append(python.Evaluate(python.call(append, *self.waiting)))
            case _:
                self.statements.append(python.Assign(variable, waiting, operator="+"))
        self.waiting.clear()


def ordered(items: Sequence[Item]) -> Expression:
    """An `OrderedDict` of items, with keywords where all their keys can be some."""
    if all(_is_keyword(key) for key, _ in items):
        arguments = [python.Argument(value, _text(key)) for key, value in items]
        return python.Call(python.Name("OrderedDict"), tuple(arguments))
    pairs = [python.Display("tuple", item) for item in items]
    return python.call("OrderedDict", python.Display("list", tuple(pairs)))


def _text(key: Expression) -> str:
    return key.value if isinstance(key, python.Constant) and isinstance(key.value, str) else ""


def _is_keyword(key: Expression) -> bool:
    return _text(key).isidentifier() and not keyword.iskeyword(_text(key))
