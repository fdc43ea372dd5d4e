"""A network as a file has it: one list of functions, each with the modules that it was called in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor
from torch.utils import _pytree as pytree

from archdsl.importing.trace import Node, Value


@dataclass(frozen=True)
class Level:
    """A call of a module that a function belongs to.

    `call` tells two calls of one module apart.
    """

    path: str
    kind: str
    """The class, with the names of its Python modules before it where they are known."""
    call: str = ""


@dataclass
class Flat:
    """A network without its modules: nodes in an order in which they can run.

    `weights` are the tensors that the file has, by key.
    """

    inputs: list[Value] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    results: list[Value] = field(default_factory=list)
    levels: dict[Node, tuple[Level, ...]] = field(default_factory=dict)
    weights: dict[str, Tensor] = field(default_factory=dict)
    input_names: list[str] = field(default_factory=list)
    result_names: list[str] = field(default_factory=list)
    kind: str = "Network"
    """The class of the whole."""


def values_in(nested: Any) -> Iterator[Value]:
    """The values in nested arguments, in order."""
    yield from (each for each in pytree.tree_leaves(nested) if isinstance(each, Value))


def weights_of(node: Node) -> list[str]:
    """The keys of the weights that a node reads."""
    if node.kind == "leaf":
        return [node.path] if node.path else []
    return [value.node.name for value in node.inputs if value.node.kind == "weight"]


def weight(key: str, shape: tuple[int, ...]) -> Value:
    """A tensor that is read by its key."""
    node = Node("weight", key)
    node.results = [Value(node, 0, shape)]
    return node.results[0]


def without_unread(flat: Flat) -> None:
    """Leave out the nodes whose results nothing reads."""
    wanted = {value.node for value in flat.results}
    kept = []
    for node in reversed(flat.nodes):
        if node in wanted:
            kept.append(node)
            wanted |= {value.node for value in node.inputs}
    flat.nodes = kept[::-1]
