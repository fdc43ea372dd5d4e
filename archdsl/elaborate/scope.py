"""Where names are looked up, and what is under way while a network is elaborated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from archdsl import tree
from archdsl.elaborate.report import Reporter, Trace
from archdsl.elaborate.values import Bound, Callee, Datum
from archdsl.graph import Graph, Node, Port
from archdsl.ops.base import Op, Shape
from archdsl.provenance import Frame, Term
from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.program import Program
from archdsl.tree import Activation, Sizes


@dataclass(eq=False)
class Namespace:
    """The declarations that a file can name: its own, its imports, and the prelude's."""

    key: str
    order: int
    file: ast.File
    names: dict[str, tuple[Namespace, ast.Let | ast.Block]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    """Names whose declaration has a mistake that was reported."""
    defaults: list[ast.Default] = field(default_factory=list)
    positions: dict[ast.Block, int] = field(default_factory=dict)


@dataclass(eq=False)
class Session:
    """One run of the elaborator over a program."""

    program: Program
    reporter: Reporter
    namespaces: dict[str, Namespace] = field(default_factory=dict)
    callees: dict[ast.Let | ast.Block, Callee] = field(default_factory=dict)
    overrides: Mapping[str, Mapping[str, Term]] = field(default_factory=dict)
    steps: int = 0


@dataclass(frozen=True, eq=False)
class Tensor:
    """What flows: the node that made it, and its sizes; without sizes its shape is unknown."""

    node: int
    sizes: Sizes | None

    @property
    def shape(self) -> Shape:
        """The values of the sizes, which must be known."""
        assert self.sizes is not None
        return tuple(term.value for term in self.sizes)  # type: ignore[misc]


UNKNOWN = Tensor(-1, None)


@dataclass(eq=False)
class Network:
    """The graph that is being built. `failed`: a mistake was met, and no graph will come of it."""

    graph: Graph
    span: Span
    failed: bool = False
    depth: int = 0
    outputs: dict[str, Port] = field(default_factory=dict)
    sites: dict[str, Span] = field(default_factory=dict)

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
        ports = tuple(Port(tensor.node) for tensor in inputs)
        node = Node(len(self.graph), op, ports, (shape,), path, span, training_only)
        self.graph.add(node)
        return node.id


@dataclass(eq=False)
class Written:
    """A labelled tensor of a body. `group` is the path of the labelled scopes it stands in."""

    tensor: Tensor
    group: tuple[str, ...]
    training_only: bool


@dataclass(eq=False)
class Body:
    """A block that is being applied. `trace` leads to it.

    `frames` are the frames of the loops and conditions in it, none of which a caller may see;
    `open` are those that the application is inside of.
    """

    session: Session
    network: Network
    activation: Activation
    declaration: ast.Block
    trace: Trace | None
    frames: set[Frame] = field(default_factory=set)
    open: set[Frame] = field(default_factory=set)
    written: dict[str, list[Written]] = field(default_factory=dict)
    lets: dict[ast.Let, Datum] = field(default_factory=dict)

    @property
    def frame(self) -> Frame:
        """The frame of the block's own numbers."""
        return self.activation.frame


@dataclass(eq=False)
class Scope:
    """Names that an expression sees.

    `is_body` says that `let` numbers become locals of the block: in loops and functions, which
    are evaluated several times, they do not.
    """

    body: Body
    namespace: Namespace
    names: dict[str, Datum]
    parent: Scope | None
    trace: Trace | None
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

    def visible(self) -> list[str]:
        """All parameters and local names, for the nearest to a wrong one."""
        names: list[str] = []
        scope: Scope | None = self
        while scope is not None:
            names += scope.names
            scope = scope.parent
        return names


def describe(block: ast.Block, namespace: Namespace, parameters: Mapping[str, Term]) -> tree.Block:
    """A declaration as the tree names it; `parameters` are their literal defaults."""
    order = (namespace.order, namespace.positions[block])
    described = tuple(
        tree.Parameter(p.name.name, parameters.get(p.name.name), p.default is not None)
        for p in block.parameters
    )
    name = block.name.name
    return tree.Block(name, block.doc, described, block.is_network, block.name.span, order)


def bindings_of(callee: Callee, bound: Mapping[str, Bound]) -> dict[str, Bound]:
    """The bindings in the order of the parameters."""
    return {name: bound[name] for name in callee.parameters if name in bound}
