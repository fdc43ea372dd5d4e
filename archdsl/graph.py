"""The graph of one network: its ops with their inputs, shapes, and places in the tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

from archdsl.diagnostics import Diagnostic, fault
from archdsl.ops.base import Op, Reject, Shape, shape_text
from archdsl.records import record, value
from archdsl.source import Span
from archdsl.tree import Instance

if TYPE_CHECKING:
    import networkx


@value
class Port:
    """The result of a node, as read by other nodes."""

    node: int


@record
class Node:
    """An op applied to tensors.

    `op` is None for an input of the network. `path` is the prefix of its state-dict keys, valid and
    unique for every node with weights that is not there `again`: such a node is a further use of a
    layer that is shared, and has the weights of the node with its path. `training_only`: it exists
    only in training.
    """

    id: int
    op: Op | None
    inputs: tuple[Port, ...]
    shape: Shape
    path: str
    span: Span
    training_only: bool = False
    again: bool = False

    @property
    def sources(self) -> tuple[Port, ...]:
        """The inputs on whose numbers its result depends."""
        if self.op is None or self.op.reads_shape_only:
            return ()
        read = enumerate(self.inputs)
        return tuple([port for index, port in read if index not in self.op.shape_inputs])

    @property
    def read(self) -> tuple[Port, ...]:
        """The inputs that it reads: their numbers, or their shape."""
        is_blind = self.op is not None and self.op.reads_batch_only
        return () if is_blind else self.inputs

    def __str__(self) -> str:
        """`%2 layer1.conv1: conv(64, 3)(%1) -> [64, 56, 56]`."""
        if self.op is None:
            return f"%{self.id} input -> {shape_text(self.shape)}"
        inputs = ", ".join(f"%{port.node}" for port in self.inputs)
        name = f"{self.path}: " if self.path else ""
        when = " (training only)" if self.training_only else ""
        when += " (again)" if self.again else ""
        return f"%{self.id} {name}{self.op}({inputs}) -> {shape_text(self.shape)}{when}"


@dataclass(eq=False, repr=False)
class Graph:
    """A network: the flat graph, and the tree of block instances.

    `order` lists the nodes in order of creation, which is an order of evaluation; a node's id is
    its place there. `inputs`, `results` and `heads` map names to ports. A single result without a
    name is called `output`; heads are further outputs, which exist only in training.
    """

    name: str
    tree: Instance
    order: list[Node] = field(default_factory=list)
    inputs: dict[str, Port] = field(default_factory=dict)
    results: dict[str, Port] = field(default_factory=dict)
    heads: dict[str, Port] = field(default_factory=dict)
    _nodes: networkx.MultiDiGraph[int] | None = field(default=None, init=False)

    @property
    def nodes(self) -> networkx.MultiDiGraph[int]:
        """The graph for networkx, made when first asked for: nodes are ids, each with its `node`.

        It is a `MultiDiGraph`, since a plain one would merge the two edges of `add(x, x)`; edges
        are keyed by the input port they feed.
        """
        if self._nodes is None or len(self._nodes) != len(self.order):
            self._nodes = _multigraph(self.order)
        return self._nodes

    @property
    def outputs(self) -> dict[str, Port]:
        """The results, then the heads."""
        return {**self.results, **self.heads}

    @property
    def result(self) -> Port:
        """The result of a network that has only one; `ValueError` for several."""
        (port,) = self.results.values()
        return port

    def add(self, node: Node) -> Port:
        """Append a node whose inputs exist; returns its output."""
        self.order.append(node)
        return Port(node.id)

    def __len__(self) -> int:
        return len(self.order)

    def __iter__(self) -> Iterator[Node]:
        """The nodes in an order of evaluation."""
        return iter(self.order)

    def __getitem__(self, id: int) -> Node:
        if id < 0:
            # What gives several results, or none, has no node of its own.
            raise IndexError(id)
        return self.order[id]

    def __str__(self) -> str:
        """One line per node, and one per output."""
        outputs = [f"{name} = %{port.node}" for name, port in self.outputs.items()]
        return "\n".join([self.name, *map(str, self), *outputs])

    def shape(self, port: Port) -> Shape:
        """The shape of a port, without the batch."""
        return self[port.node].shape

    def input_shapes(self, node: Node) -> tuple[Shape, ...]:
        """The shapes of a node's inputs."""
        order = self.order
        return tuple([order[port.node].shape for port in node.inputs])


def _multigraph(order: Iterable[Node]) -> networkx.MultiDiGraph[int]:
    """Nodes and edges for networkx."""
    import networkx

    made: networkx.MultiDiGraph[int] = networkx.MultiDiGraph()
    for node in order:
        made.add_node(node.id, node=node)
        for index, port in enumerate(node.inputs):
            made.add_edge(port.node, node.id, key=index)
    return made


def needed_for(graph: Graph, ports: Iterable[Port]) -> set[int]:
    """The nodes that some results depend on, their own included."""
    needed = {port.node for port in ports}
    # A node is read by later ones alone.
    for id in range(max(needed, default=-1), -1, -1):
        if id in needed:
            needed.update([port.node for port in graph.order[id].read])
    return needed


def unused(graph: Graph) -> list[Node]:
    """The nodes whose result reaches no output."""
    needed = needed_for(graph, graph.outputs.values())
    return [node for node in graph if node.id not in needed]


class Case:
    """An op with the shapes that it reads and gives, wherever it stands."""

    def __init__(self, op: Op, shape: Shape, inputs: tuple[Shape, ...]) -> None:
        self.op, self.shape, self.inputs = op, shape, inputs

    @cached_property
    def fault(self) -> str:
        """What is wrong with the shape that it gives, when that is inferred again."""
        try:
            shape = self.op.output(*self.inputs)
        except Reject as reject:
            return reject.message
        return "" if shape == self.shape else f"its shape is {shape_text(shape)}"

    @cached_property
    def has_weights(self) -> bool:
        """Whether it has weights, and so a key."""
        return self.op.has_weights(*self.inputs)

    def can_share(self, other: Case) -> bool:
        """Whether it may have the weights of another case: it is the same op, and wants as many."""
        wanted, there = self.op.weights(*self.inputs), other.op.weights(*other.inputs)
        if self.op.is_tied:
            return {*wanted} <= {*there}
        if self is other:
            return True
        texts = self.op.module_text(*self.inputs), other.op.module_text(*other.inputs)
        return self.op == other.op and wanted == there and texts[0] == texts[1]


class Cases:
    """The cases of several graphs. Blocks that are applied again have the same ones.

    They are found by the identity of their objects, which each case keeps alive: that is faster
    than to compare them, and a damaged node is never taken for another.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], Case] = {}

    def of(self, op: Op, shape: Shape, inputs: tuple[Shape, ...]) -> Case:
        """The case of an op with its shapes."""
        key = (id(op), id(shape), *map(id, inputs))
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST_CASES:
                self._known.clear()
            known = self._known[key] = Case(op, shape, inputs)
        return known


MOST_CASES = 20_000
"""Maximum number of cases that are remembered: about 10 MiB."""


def verify(graph: Graph, cases: Cases | None = None) -> list[Diagnostic]:
    """Check the invariants of a graph; a diagnostic is a bug in archdsl.

    Inputs exist and precede their use, so there is no cycle; inferring every shape again gives the
    same; every node reaches an output; keys are unique. With `cases` that are known of other
    graphs, these are not inferred again.
    """
    cases = cases or Cases()
    by_case = (partial(_check_shapes, cases=cases), partial(_check_keys, cases=cases))
    for check in (_check_order, by_case[0], _check_use, by_case[1]):
        faults = [
            fault("E0902", f"the graph is not valid at {node}: {reason}", node.span)
            for node, reason in check(graph)
        ]
        # An error found by one check may break the next.
        if faults:
            return faults
    return []


def _check_order(graph: Graph) -> Iterable[tuple[Node, str]]:
    seen: set[int] = set()
    for node in graph:
        if not all(port.node in seen for port in node.inputs):
            yield node, "it reads a later node"
        if not node.inputs and node.op is not None:
            yield node, "it reads nothing"
        seen.add(node.id)


def _check_shapes(graph: Graph, cases: Cases) -> Iterable[tuple[Node, str]]:
    for node in graph:
        if node.op is not None:
            fault = cases.of(node.op, node.shape, graph.input_shapes(node)).fault
            if fault:
                yield node, fault


def _check_use(graph: Graph) -> Iterable[tuple[Node, str]]:
    return [(node, "it reaches no output") for node in unused(graph)]


def _check_keys(graph: Graph, cases: Cases) -> Iterable[tuple[Node, str]]:
    owners: dict[str, Case] = {}
    again: list[tuple[Node, Case]] = []
    for node in graph:
        if node.op is None:
            continue
        case = cases.of(node.op, node.shape, graph.input_shapes(node))
        if case.has_weights and node.again:
            again.append((node, case))
        elif case.has_weights:
            if not node.path or node.path in owners:
                yield node, "another node has its key"
            owners[node.path] = case
    for node, case in again:
        if node.path not in owners:
            yield node, "no node has the weights that it shares"
        elif not case.can_share(owners[node.path]):
            yield node, "the weights that it shares are those of another layer"
