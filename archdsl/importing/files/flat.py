"""A network as a file has it: a list of functions, each with the modules that called it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

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
    unread: list[str] = field(default_factory=list)
    """The keys of weights that the file has, and no node reads."""


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


T = TypeVar("T")


def common(several: Sequence[tuple[T, ...]]) -> tuple[T, ...]:
    """What some tuples begin with alike."""
    found = []
    for column in zip(*several, strict=False):
        if any(each != column[0] for each in column):
            break
        found.append(column[0])
    return tuple(found)


def _keys_of(node: Node) -> list[str]:
    """The keys of all tensors that a node reads."""
    if node.module is None or not node.path:
        return weights_of(node)
    return [f"{node.path}.{name}" for name in node.module.state_dict()]


def without_unread(flat: Flat) -> None:
    """Leave out the nodes whose results nothing reads, and weights that no node reads."""
    wanted = {value.node for value in flat.results}
    kept = []
    for node in reversed(flat.nodes):
        if node in wanted:
            kept.append(node)
            wanted |= {value.node for value in node.inputs}
    flat.nodes = kept[::-1]
    read = {key for node in flat.nodes for key in _keys_of(node)}
    flat.unread = [key for key in flat.weights if key not in read]
    flat.weights = {key: value for key, value in flat.weights.items() if key in read}
