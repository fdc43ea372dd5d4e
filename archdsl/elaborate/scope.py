"""Where names are looked up, and what is under way while a network is elaborated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias, Unpack

from archdsl.arithmetic import Refused, Value
from archdsl.diagnostics import Details, Severity
from archdsl.elaborate.applications import Applications
from archdsl.elaborate.namespaces import Namespace
from archdsl.elaborate.pending import PendingCondition
from archdsl.elaborate.reach import Reach
from archdsl.elaborate.report import Failure, LimitExceeded, Reporter, Trace
from archdsl.elaborate.tensors import Labels, Tensor
from archdsl.elaborate.values import BlockCallee, Bound, Datum, FunctionCallee, LoopLayer
from archdsl.graph import Graph, Node, Port
from archdsl.ops.base import Op, Shape
from archdsl.provenance import Expression, Frame, Term, TooLong, operation
from archdsl.shapes.residues import Meter
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.tree import Block, Instance

MAXIMUM_LAYERS, MAXIMUM_TURNS = 100_000, 200_000
"""Maximum number of layers, and of blocks and turns of loops that contain them."""
MAXIMUM_STEPS, STEPS_FOR_A_LAYER = 500_000, 100
"""Maximum number of expressions to evaluate, and the additional number per layer.

The longest text has no more, one for every token: what is written once can be evaluated once.
"""
MAXIMUM_ENTRIES, ENTRIES_FOR_A_LAYER = 2**20, 2**7
"""Maximum number of size table entries to inspect, and the additional number per layer."""

Evaluator: TypeAlias = "Callable[[Any, Scope], Datum]"
"""Gives an expression of one kind its value."""
Applier: TypeAlias = Callable[..., Any]
"""Applies a layer of one kind to a tensor, at a place; `apply.dispatch` has its type."""


@dataclass(eq=False)
class Session:
    """One run of the elaborator over a program.

    `evaluators` and `appliers` are the functions for every kind of expression and of layer. `fact`
    answers what an assert asks of a network; there is none while networks are built.
    """

    reporter: Reporter
    evaluators: Mapping[type[ast.SyntaxNode], Evaluator]
    appliers: Mapping[type, Applier]
    namespaces: dict[str, Namespace] = field(default_factory=dict)
    callees: dict[ast.Let | ast.BlockDeclaration, BlockCallee | FunctionCallee] = field(
        default_factory=dict
    )
    defaults: dict[ast.Default, dict[str, Bound]] = field(default_factory=dict)
    under_way: set[ast.Let] = field(default_factory=set)
    fact: Callable[[ast.Attribute, Scope], Term] | None = None
    steps: int = 0
    """The expressions evaluated for the network that is being built."""
    applications: Applications = field(default_factory=Applications)
    """Those that were made so far."""

    def __post_init__(self) -> None:
        self.reach = Reach(self.applications.number, self.reporter.placed)


@dataclass(eq=False)
class NetworkBuild:
    """The graph that is being built. `failed`: a mistake was met, and no graph will come of it.

    `shares` says whether applications may be replayed, and `spared` how many entries of tables were
    not looked at again. `deepest` is the largest number of calls within each other.
    """

    graph: Graph
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
        return MAXIMUM_STEPS + STEPS_FOR_A_LAYER * (self.layers + self.turns)

    def add(
        self,
        op: Op | None,
        inputs: tuple[Tensor, ...],
        shape: Shape,
        path: str,
        span: Span,
        training_only: bool = False,
    ) -> int:
        """Append a node; its number."""
        ports = tuple([Port(tensor.node) for tensor in inputs])
        node = Node(self.count, op, ports, shape, path, span, training_only)
        self.graph.add(node)
        return node.id

    def has_weights(self, first: int) -> bool:
        """Whether a node of this number or a later one has weights."""
        graph = self.graph
        nodes = (graph[number] for number in range(first, self.count))
        return any(node.op and node.op.weights(*graph.input_shapes(node)) for node in nodes)


@dataclass(eq=False)
class Retracing(NetworkBuild):
    """A graph whose nodes are there from `made` on: what would append them finds them."""

    made: int = 0

    @property
    def count(self) -> int:
        """The number of nodes so far."""
        return self.made

    def add(
        self,
        op: Op | None,
        inputs: tuple[Tensor, ...],
        shape: Shape,
        path: str,
        span: Span,
        training_only: bool = False,
    ) -> int:
        """The next node; its number."""
        node = self.graph[self.made]
        assert (node.op, node.shape, node.path) == (op, shape, path)
        self.made += 1
        return node.id


@dataclass(eq=False, slots=True)
class Body:
    """A block that is being applied. `trace` leads to it.

    `labels` are the tensors that it can read by their labels, and its loops and conditions.
    """

    session: Session
    network: NetworkBuild
    instance: Instance
    trace: Trace | None = None
    labels: Labels = field(default_factory=Labels)
    lets: dict[ast.Let, Datum] = field(default_factory=dict)

    @property
    def frame(self) -> Frame:
        """The frame of the block's own numbers."""
        return self.instance.frame

    def fail(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        trace: Trace | None = None,
        **details: Unpack[Details],
    ) -> Failure:
        """Report a mistake of this body; to be raised where nothing can go on."""
        self.network.failed = True
        return self.session.reporter.report(code, message, span, trace or self.trace, **details)

    def note(self, code: str, message: str, span: Span, help: str) -> None:
        """Remark on what is no mistake."""
        report = self.session.reporter.report
        report(code, message, span, self.trace, help=help, severity=Severity.NOTE)

    def count(self, span: Span, layers: int = 0, turns: int = 0) -> None:
        """Count layers, or blocks and turns of loops, against the bounds on them."""
        network = self.network
        network.layers += layers
        network.turns += turns
        if network.layers > MAXIMUM_LAYERS or network.turns > MAXIMUM_TURNS:
            message = f"this makes more than {MAXIMUM_LAYERS:,} layers"
            self.fail("E0713", message, span, help="repeat less often, or make the blocks smaller")
            raise LimitExceeded

    def weigh(self, span: Span) -> None:
        """Hold the work on tables of sizes against the bound on it."""
        if self.network.entries > self.network.most_entries:
            message = "comparing the sizes up to here takes too long"
            help = "a multiple as the input size makes this simpler: `[3, 16 * h, 16 * w]`"
            self.fail("E0311", message, span, help=help)
            raise LimitExceeded


@dataclass(eq=False, slots=True)
class Scope:
    """Names that an expression sees.

    `is_body` says that `let` numbers become locals of the block: in loops and functions, which
    are evaluated several times, they do not.
    """

    body: Body
    namespace: Namespace
    names: dict[str, Datum]
    parent: Scope | None = None
    trace: Trace | None = None
    is_body: bool = False

    def find(self, name: str) -> Datum | None:
        """The value of a parameter or local name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def inner(self, names: dict[str, Datum], is_body: bool = False) -> Scope:
        """A scope with more names, inside this one."""
        return Scope(self.body, self.namespace, names, self, self.trace, is_body)

    def placed(self, span: Span) -> Span:
        """Where a span lies in the text as it is now."""
        return self.body.session.reporter.placed(span)

    def visible(self) -> list[str]:
        """All parameters and local names, for the nearest to a wrong one."""
        names: list[str] = []
        scope: Scope | None = self
        while scope is not None:
            names += scope.names
            scope = scope.parent
        return names

    def fail(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        trace: Trace | None = None,
        **details: Unpack[Details],
    ) -> Failure:
        """Report a mistake; to be raised where an expression has no value."""
        return self.body.fail(code, message, span, trace=trace or self.trace, **details)

    def broken(self) -> Failure:
        """To be raised where a value is missing whose mistake was reported elsewhere."""
        self.body.network.failed = True
        return Failure()

    def refused(self, refused: Refused, span: Span) -> Failure:
        """Report an operation without a result."""
        return self.fail(
            refused.code, refused.message, span, found=refused.found, help=refused.help
        )

    def term(self, value: Value, operator: str, operands: list[Expression], span: Span) -> Term:
        """A value with the operation it came from."""
        try:
            return Term(value, operation(operator, *operands))
        except TooLong:
            help = "name parts of it with `let` in the block"
            raise self.fail(
                "E0714", "the expression of this number is too long", span, help=help
            ) from None


def constants(session: Session, namespace: Namespace | None = None) -> Scope:
    """The scope of what belongs to no network: numbers of a file, defaults, asserts."""
    nowhere = Span(Source("", ""), 0, 0)
    block = Block("", "", (), is_network=False, span=nowhere, order=(0, 0))
    instance = Instance(block, "", Frame(""), {})
    body = Body(session, NetworkBuild(Graph("", instance)), instance)
    return Scope(body, namespace or Namespace(0, ast.File(nowhere.source, ())), {})


@contextmanager
def aside(session: Session) -> Iterator[None]:
    """Evaluate what is evaluated once for all networks, and counts for none."""
    steps, session.steps = session.steps, 0
    try:
        yield
    finally:
        session.steps = steps
