"""What a run of a model did: one frame for every call of a module, with the nodes in it.

A `Frame` holds the functions, modules and weights that one `forward` used, in their order. Values
are tensors of that frame; a tensor that crosses into or out of a module is a value of both frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from archdsl.importing.refusal import Line, Refusal

if TYPE_CHECKING:
    from torch import nn


@dataclass(eq=False)
class Value:
    """A tensor in a frame: result `index` of a node, with its sizes, the batch among them."""

    node: Node
    index: int
    shape: tuple[int, ...]
    is_counted: bool = False
    """It holds whole numbers."""
    is_learned: bool = True
    """Of a weight: it is no buffer."""


@dataclass(eq=False)
class Node:
    """One step of a frame.

    `name` is a function's name or a weight's key. In `arguments`, nested as they were given, values
    stand for tensors.
    """

    kind: Literal["input", "weight", "constant", "function", "leaf", "call"]
    name: str
    line: Line = field(default_factory=Line)
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    inputs: list[Value] = field(default_factory=list)
    results: list[Value] = field(default_factory=list)
    result: Any = None
    """The values of the results, nested as they were returned."""
    module: nn.Module | None = None
    path: str = ""
    """The module's path in the model."""
    frame: Frame | None = None
    refusal: Refusal | None = None
    """Why the module was not recorded."""
    origin: str = ""
    """What it is called in messages, where its module does not say it."""


@dataclass(eq=False)
class Frame:
    """One call of a module: the values that come in, the nodes, and those that go out."""

    path: str
    module: nn.Module
    inputs: list[Value] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    results: list[Value] = field(default_factory=list)
    result: Any = None
    settings: Mapping[str, object] = field(default_factory=dict)
    """What the module's constructor was given, where that is known."""

    @property
    def kind(self) -> str:
        """The name of the module's class."""
        return type(self.module).__name__

    @property
    def title(self) -> str:
        """The module in messages: its path and class."""
        return f"`{self.path or 'the model'}` (`{self.kind}`)"
