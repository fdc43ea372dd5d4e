"""The graph of a network while it is built, and the limits on it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from archdsl.elaborate.pending import PendingCondition
from archdsl.elaborate.tensors import Tensor
from archdsl.elaborate.values import LoopLayer
from archdsl.graph import Graph, Node, Port
from archdsl.ops.base import Op, Shape
from archdsl.shapes.residues import Meter
from archdsl.source import Span

STEPS_FOR_A_LAYER = 100
"""The number of expressions that may be evaluated per layer, in addition to the bound on them."""
MAXIMUM_ENTRIES, ENTRIES_FOR_A_LAYER = 2**20, 2**7
"""Maximum number of size table entries to inspect, and the additional number per layer."""


@dataclass(frozen=True)
class Limits:
    """Maximum numbers in a network: layers, blocks and turns of loops around them, and steps.

    Steps are expressions to evaluate. The longest text has no more, one for every token: what is
    written once can be evaluated once.
    """

    layers: int = 100_000
    turns: int = 200_000
    steps: int = 500_000

    @staticmethod
    def of(layers: int) -> Limits:
        """Those for another number of layers."""
        return Limits(layers, 2 * layers, 5 * layers)


LIMITS = Limits()
"""The limits unless somebody asks for others."""


@dataclass(eq=False)
class NetworkBuild:
    """The graph that is being built. `failed`: a mistake was met, and no graph will come of it.

    `shares` says whether applications may be replayed, and `spared` how many entries of tables were
    not looked at again. `deepest` is the largest number of calls within each other.
    """

    graph: Graph
    limits: Limits = LIMITS
    failed: bool = False
    layers: int = 0
    turns: int = 0
    applied: set[LoopLayer] = field(default_factory=set)
    """The loops whose frames have served an application already."""
    pending: list[PendingCondition] = field(default_factory=list)
    """The conditions that hold for some inputs only."""
    work: Meter = field(default_factory=Meter)
    """The work on tables of sizes, from now on."""
    shares: bool = True
    spared: int = 0
    deepest: int = 0

    @property
    def count(self) -> int:
        """The number of nodes so far."""
        return len(self.graph)

    @property
    def entries(self) -> int:
        """The entries of tables that are counted."""
        return self.work.entries + self.spared

    @property
    def most_entries(self) -> int:
        """The bound on them for the layers so far."""
        return MAXIMUM_ENTRIES + ENTRIES_FOR_A_LAYER * (self.layers + self.turns)

    @property
    def most_steps(self) -> int:
        """The bound on the steps of the session for the layers so far."""
        return self.limits.steps + STEPS_FOR_A_LAYER * (self.layers + self.turns)

    def add(
        self,
        op: Op | None,
        inputs: tuple[Tensor, ...],
        shape: Shape,
        path: str,
        span: Span,
        training_only: bool = False,
        again: bool = False,
    ) -> int:
        """Append a node; its number."""
        ports = tuple([Port(tensor.node) for tensor in inputs])
        self.append(node := Node(self.count, op, ports, shape, path, span, training_only, again))
        return node.id

    def append(self, node: Node) -> None:
        """Put a node at the end."""
        self.graph.add(node)

    def has_weights(self, first: int) -> bool:
        """Whether a node of this number or a later one has weights."""
        graph = self.graph
        nodes = (graph[number] for number in range(first, self.count))
        return any(node.op and node.op.has_weights(*graph.input_shapes(node)) for node in nodes)


TRACED = tuple([each.name for each in fields(Node) if each.name != "again"])
"""What must agree where a node is made once more; which use has the weights is settled later."""


@dataclass(eq=False)
class Retracing(NetworkBuild):
    """A graph whose nodes are there from `made` on: what would append them finds them."""

    made: int = 0

    @property
    def count(self) -> int:
        """The number of nodes so far."""
        return self.made

    def append(self, node: Node) -> None:
        """Pass over a node that is there, and is the same."""
        assert all(getattr(self.graph[self.made], name) == getattr(node, name) for name in TRACED)
        self.made += 1
