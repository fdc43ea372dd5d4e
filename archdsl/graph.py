"""The graph of one network: every op applied, its inputs, its shapes, and its place in the tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import networkx

from archdsl.ops.base import Op, Shape
from archdsl.source import Span
from archdsl.tree import Activation


@dataclass(frozen=True)
class Port:
    """One output of a node."""

    node: int
    index: int = 0


@dataclass(frozen=True, eq=False)
class Node:
    """An op applied to tensors.

    `op` is None for an input of the network. `path` is the prefix of its state-dict keys, legal
    and unique for every node with weights. `training_only`: it exists in training alone.
    """

    id: int
    op: Op | None
    inputs: tuple[Port, ...]
    shapes: tuple[Shape, ...]
    path: str
    span: Span
    training_only: bool = False


@dataclass(eq=False)
class Graph:
    """A network: the flat graph, and the tree of block instances beside it.

    `nodes` is a networkx `MultiDiGraph`: a plain one would merge the two edges of `add(x, x)`.
    Its nodes are numbers in the order of their making, which is an order of evaluation; edges are
    keyed by the input port they feed. `inputs` and `outputs` map names to ports; the main output
    is the first and is called `output`, the others exist in training alone.
    """

    name: str
    nodes: networkx.MultiDiGraph[int] = field(default_factory=networkx.MultiDiGraph)
    inputs: dict[str, Port] = field(default_factory=dict)
    outputs: dict[str, Port] = field(default_factory=dict)
    tree: Activation | None = None

    def add(self, node: Node) -> Port:
        """Append a node whose inputs are there already; its first output."""
        self.nodes.add_node(node.id, node=node)
        for index, port in enumerate(node.inputs):
            self.nodes.add_edge(port.node, node.id, key=index, port=port.index)
        return Port(node.id)

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Node]:
        """The nodes in an order of evaluation."""
        return (data["node"] for _, data in self.nodes.nodes(data=True))

    def __getitem__(self, id: int) -> Node:
        node: Node = self.nodes.nodes[id]["node"]
        return node

    def shape(self, port: Port) -> Shape:
        """The shape that a port carries, without the batch."""
        return self[port.node].shapes[port.index]
