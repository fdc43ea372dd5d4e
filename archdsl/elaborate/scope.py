"""A run of the elaborator, the blocks that it is in, and the names that an expression sees."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias, Unpack

from archdsl.arithmetic import Refused, Value
from archdsl.diagnostics import Details, Severity
from archdsl.elaborate.applications import Applications, Replayed
from archdsl.elaborate.build import LIMITS, Limits, NetworkBuild
from archdsl.elaborate.namespaces import Namespace
from archdsl.elaborate.reach import Reach
from archdsl.elaborate.report import Failure, LimitExceeded, Reporter, Trace
from archdsl.elaborate.tensors import Labels
from archdsl.elaborate.values import Bound, Callee, Datum
from archdsl.graph import Graph
from archdsl.ops.base import Op, Shape
from archdsl.provenance import Expression, Frame, Term, TooLong, operation
from archdsl.resolve.arguments import Filled
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.tree import Block, Instance

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
    callees: dict[ast.Named, Callee] = field(default_factory=dict)
    defaults: dict[ast.Default, dict[str, Bound]] = field(default_factory=dict)
    under_way: set[ast.Let] = field(default_factory=set)
    fact: Callable[[ast.Attribute, Scope], Term] | None = None
    filled: dict[Hashable, Filled] = field(default_factory=dict)
    """The parameters that the arguments of calls fill, by what is called and the call."""
    outputs: dict[tuple[Op, Shape], Shape] = field(default_factory=dict)
    """The shapes of results, by ops and the shapes of their only inputs."""
    steps: int = 0
    """The expressions evaluated for the network that is being built."""
    applications: Applications = field(default_factory=Applications)
    """Those that were made so far."""
    limits: Limits = LIMITS

    def __post_init__(self) -> None:
        self.reach = Reach(self.applications.number, self.reporter.placed)


@dataclass(eq=False, slots=True)
class Body:
    """A block that is being applied. `trace` leads to it.

    `labels` are the tensors that it can read by their labels, and its loops and conditions. `fed`
    is, of several inputs of a network, the first that a `let` with weights is applied to.
    `replayed` is its last application of a block that was not made anew.
    """

    session: Session
    network: NetworkBuild
    instance: Instance
    trace: Trace | None = None
    labels: Labels = field(default_factory=Labels)
    lets: dict[ast.Let, Datum] = field(default_factory=dict)
    fed: dict[str, Value] = field(default_factory=dict)
    replayed: Replayed | None = None

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
        """Report a remark that is not an error."""
        report = self.session.reporter.report
        report(code, message, span, self.trace, help=help, severity=Severity.NOTE)

    def count(self, span: Span, layers: int = 0, turns: int = 0) -> None:
        """Count layers, or blocks and turns of loops, against the bounds on them."""
        network = self.network
        network.layers += layers
        network.turns += turns
        limits = network.limits
        if network.layers > limits.layers or network.turns > limits.turns:
            message = f"this makes more than {limits.layers:,} layers"
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

    def visible(self) -> dict[str, Datum]:
        """All parameters and local names, the innermost first, with their values."""
        names: dict[str, Datum] = {}
        scope: Scope | None = self
        while scope is not None:
            names = {**names, **{k: v for k, v in scope.names.items() if k not in names}}
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
    body = Body(session, NetworkBuild(Graph("", instance), session.limits), instance)
    return Scope(body, namespace or Namespace(0, ast.File(nowhere.source, ())), {})


@contextmanager
def aside(session: Session) -> Iterator[None]:
    """Evaluate something once for all networks, without counting its steps for any."""
    steps, session.steps = session.steps, 0
    try:
        yield
    finally:
        session.steps = steps
