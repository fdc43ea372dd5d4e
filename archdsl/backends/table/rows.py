"""The rows of a table of a network: one for every layer, folded by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from archdsl.graph import Graph
from archdsl.ops.base import Op
from archdsl.ops.parameters import shown
from archdsl.provenance import Term
from archdsl.tree import (
    AuxNode,
    Binding,
    Block,
    BundleNode,
    CallNode,
    ConditionNode,
    GroupNode,
    LayerValue,
    LoopNode,
    Node,
    OpNode,
    Results,
    SequenceNode,
    ShareNode,
    SpliceNode,
    UseNode,
)


@dataclass
class TableRow:
    """A layer, or all layers of one block.

    `op` is an op's name or a block's, `arguments` what that was given, as the language writes it,
    `result` the node whose result is the row's (-1 where it has several `results`, by name), and
    `nodes` are all that are folded into it, in order.
    """

    path: str
    op: str
    result: int
    arguments: str = ""
    training_only: bool = False
    nodes: list[int] = field(default_factory=list)
    results: Results = ()


def rows_of(graph: Graph, depth: int) -> tuple[list[TableRow], dict[int, str]]:
    """The rows of a network, and the path of every layer, by its node.

    What lies more than `depth` names deep is folded into one row.
    """
    table = _Table(graph, depth)
    table.fill()
    return table.rows, table.paths


@dataclass(frozen=True)
class _Scope:
    """Where a node of the tree lies; `row` is what its scope is folded into, if it is."""

    path: str = ""
    level: int = 0
    row: TableRow | None = None


@dataclass
class _Table:
    graph: Graph
    depth: int
    rows: list[TableRow] = field(default_factory=list)
    paths: dict[int, str] = field(default_factory=dict)

    def fill(self) -> None:
        """Visit the tree of blocks; it may be deeper than Python's stack."""
        waiting: list[tuple[Node | None, _Scope, OpNode | None]]
        waiting = [(self.graph.tree.body, _Scope(), None)]
        while waiting:
            node, scope, join = waiting.pop()
            if join is not None:
                self._count(join.node, scope, _path(scope.path, join.key and join.key.value))
            if isinstance(node, OpNode) and node.branches:
                waiting.append((None, scope, node))
                waiting += [(branch, scope, None) for branch in reversed(node.branches)]
            elif isinstance(node, OpNode):
                self._count(node.node, scope, _path(scope.path, node.key and node.key.value))
            elif node is not None:
                inner = self._enter(node, scope)
                waiting += [(child, inner, None) for child in reversed(list(_children(node)))]

    def _count(self, id: int, scope: _Scope, path: str) -> None:
        """Add an op to the row that its scope is folded into, or as a row of its own."""
        node = self.graph[id]
        assert node.op is not None
        self.paths[id] = path
        row = scope.row
        if row is None:
            row = TableRow(path, node.op.name, id, op_arguments(node.op), node.training_only)
            self.rows.append(row)
        row.nodes.append(id)

    def _enter(self, node: Node, scope: _Scope) -> _Scope:
        """The scope of a node's children: a new one below a key."""
        if not isinstance(node, CallNode | GroupNode) or node.key is None:
            return scope
        path, level = _path(scope.path, node.key.value), scope.level + 1
        if scope.row is not None or level < self.depth:
            return _Scope(path, level, scope.row)
        given = _call_arguments(node.instance.arguments) if isinstance(node, CallNode) else ""
        made = [node.node, *[result for _, result in node.results]]
        only = all(self.graph[each].training_only for each in made if each >= 0)
        row = TableRow(path, _contents(node), node.node, given, only, results=node.results)
        self.rows.append(row)
        return _Scope(path, level, row)


def op_arguments(op: Op) -> str:
    """The arguments of an op that differ from the defaults, as the language writes them."""
    return str(op).removeprefix(op.name)[1:-1]


def _call_arguments(arguments: Mapping[str, Binding]) -> str:
    """The arguments of a block: `width=64, shortcut=projection(stride=2)`."""
    return ", ".join(f"{name}={_argument(value)}" for name, value in arguments.items())


def _argument(value: Binding) -> str:
    if isinstance(value, Term):
        return shown(value.value)
    if not isinstance(value, LayerValue):
        return shown(value)
    callee = value.callee.name if isinstance(value.callee, Block) else value.callee
    bound = _call_arguments(value.bindings)
    return f"{callee}({bound})" if callee and bound else callee or " ".join(value.site.text.split())


def _children(node: Node) -> Iterator[Node]:
    match node:
        case SequenceNode(children=children):
            yield from children
        case LoopNode(iterations=iterations):
            yield from (iteration.child for iteration in iterations)
        case CallNode(instance=instance):
            yield instance.body
        case GroupNode(child=child) | ConditionNode(child=child):
            yield child
        case AuxNode(child=child) | SpliceNode(child=child):
            yield child
        case ShareNode(child=child) | UseNode(child=child):
            yield child
        case BundleNode(branches=branches):
            yield from branches


def _contents(node: Node) -> str:
    """The content of a scope in short: `bottleneck`, `3 bottleneck`, `5 layers`."""
    if isinstance(node, CallNode):
        return node.instance.block.name
    layers: list[str] = []
    waiting = list(_children(node))
    while waiting:
        child = waiting.pop()
        match child:
            case CallNode(instance=instance):
                layers.append(instance.block.name)
            case OpNode(op=op):
                layers.append(op.name)
            case _:
                waiting += _children(child)
    if len(set(layers)) == 1:
        return f"{len(layers)} {layers[0]}" if len(layers) > 1 else layers[0]
    return f"{len(layers)} layers"


def _path(scope: str, key: object) -> str:
    if key is None:
        return scope
    return f"{scope}.{key}" if scope else str(key)
