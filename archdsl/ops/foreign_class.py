"""What an `extern` says of somebody else's class, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from types import EllipsisType
from typing import Any, TypeAlias

from archdsl.arithmetic import Value
from archdsl.ops.layouts import fitted
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Expression


@dataclass(frozen=True)
class NamedSize:
    """A size of a signature that gives its name a value: it is `factor` times that."""

    name: str
    factor: Expression


Part: TypeAlias = "NamedSize | Expression | EllipsisType | None"
"""A size of a signature: one with a name, one to compare, any number of sizes, or any size."""


@dataclass(frozen=True)
class ForeignShape:
    """A tensor of a signature. `text` is how it is written there, for messages."""

    parts: tuple[Part, ...]
    text: str
    is_last: bool = False
    is_counted: bool = False

    @property
    def has_rest(self) -> bool:
        """Whether it has any number of sizes."""
        return any(part is ... for part in self.parts)

    def of(self, tensor: TensorType[Any]) -> tuple[Part, ...] | None:
        """A part for every part of a tensor's type; None for a tensor of another layout."""
        return fitted(self.parts, _is_rest, self.is_last, self.is_counted, tensor)


def _is_rest(part: Part) -> bool:
    return part is ...


@dataclass(frozen=True)
class ForeignClass:
    """What an `extern` says: a class by its module and name, its signature and its arguments.

    `arguments` are those of the constructor, each with its keyword, which may be empty. `count` is
    the number of its trainable numbers, None if nobody says.
    """

    name: str
    module: str
    class_name: str
    parameters: tuple[str, ...]
    defaults: tuple[tuple[str, Value], ...]
    inputs: tuple[ForeignShape, ...]
    input_names: tuple[str, ...]
    result: ForeignShape
    arguments: tuple[tuple[str, Expression], ...]
    count: Expression | None

    @property
    def path(self) -> str:
        """Where Python finds the class."""
        return f"{self.module}.{self.class_name}"

    @property
    def package(self) -> str:
        """The package that it is imported from, which runs its code."""
        return self.module.partition(".")[0]
