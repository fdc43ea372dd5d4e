"""The summary of a network: one row for every layer, folded by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING

from archdsl.analysis.cost import inference_params, macs, params
from archdsl.graph import Graph, Port
from archdsl.ops.base import Shape
from archdsl.shapes import Count, Dim
from archdsl.tree import (
    AuxNode,
    CallNode,
    ConditionNode,
    GroupNode,
    LoopNode,
    MergeNode,
    Node,
    OpNode,
    SequenceNode,
    SpliceNode,
)

if TYPE_CHECKING:
    from rich.table import Table


@dataclass
class Row:
    """A layer, or all layers of one block.

    `op` is an op's name or a block's, `output` the shape of its result without the batch.
    `params` are trainable numbers, `macs` multiply-adds for one image.
    """

    path: str
    op: str
    output: Shape
    params: int = 0
    macs: Count = 0
    training_only: bool = False


@dataclass(frozen=True)
class Summary:
    """The rows of a network, and its totals.

    `params` counts heads that exist only in training, `inference_params` and `macs` do not.
    """

    name: str
    inputs: dict[str, Shape]
    rows: tuple[Row, ...]
    params: int
    inference_params: int
    macs: Count


def summarize(graph: Graph, depth: int) -> Summary:
    """The table of a network; what lies more than `depth` names deep is folded into one row."""
    table = _Table(graph, depth)
    table.fill()
    inputs = {name: graph.shape(port) for name, port in graph.inputs.items()}
    rows = tuple(table.rows)
    return Summary(graph.name, inputs, rows, params(graph), inference_params(graph), macs(graph))


@dataclass(frozen=True)
class _Scope:
    """Where a node of the tree lies; `row` is what its scope is folded into, if it is."""

    path: str = ""
    level: int = 0
    row: Row | None = None


@dataclass
class _Table:
    graph: Graph
    depth: int
    rows: list[Row] = field(default_factory=list)

    def fill(self) -> None:
        """Visit the tree of blocks; it may be deeper than Python's stack."""
        assert self.graph.tree is not None
        waiting: list[tuple[Node | None, _Scope, MergeNode | None]]
        waiting = [(self.graph.tree.body, _Scope(), None)]
        while waiting:
            node, scope, join = waiting.pop()
            if join is not None:
                self._count(join.node, scope, scope.path)
            if isinstance(node, OpNode):
                self._count(node.node, scope, _path(scope.path, node.key and node.key.value))
            elif isinstance(node, MergeNode):
                waiting.append((None, scope, node))
                waiting += [(branch, scope, None) for branch in reversed(node.branches)]
            elif node is not None:
                inner = self._enter(node, scope)
                waiting += [(child, inner, None) for child in reversed(list(_children(node)))]

    def _count(self, id: int, scope: _Scope, path: str) -> None:
        """Add an op to the row that its scope is folded into, or as a row of its own."""
        node = self.graph[id]
        assert node.op is not None
        row = scope.row
        if row is None:
            row = Row(path, node.op.name, node.shapes[0], training_only=node.training_only)
            self.rows.append(row)
        shapes = [self.graph.shape(port) for port in node.inputs]
        row.params += sum(prod(w.shape) for w in node.op.weights(*shapes) if w.trainable)
        row.macs += node.op.macs(*shapes)

    def _enter(self, node: Node, scope: _Scope) -> _Scope:
        """The scope of a node's children: a new one below a key."""
        if not isinstance(node, CallNode | GroupNode) or node.key is None:
            return scope
        path, level = _path(scope.path, node.key.value), scope.level + 1
        if scope.row is not None or level < self.depth:
            return _Scope(path, level, scope.row)
        row = Row(path, _contents(node), self.graph.shape(Port(node.node)))
        row.training_only = self.graph[node.node].training_only
        self.rows.append(row)
        return _Scope(path, level, row)


def _children(node: Node) -> Iterator[Node]:
    match node:
        case SequenceNode(children=children):
            yield from children
        case LoopNode(iterations=iterations):
            yield from (iteration.child for iteration in iterations)
        case CallNode(activation=activation):
            yield activation.body
        case GroupNode(child=child) | ConditionNode(child=child):
            yield child
        case AuxNode(child=child) | SpliceNode(child=child):
            yield child


def _contents(node: Node) -> str:
    """What a scope holds, in a word: `bottleneck`, `3 bottleneck`, `5 layers`."""
    if isinstance(node, CallNode):
        return node.activation.block.name
    layers: list[str] = []
    waiting = list(_children(node))
    while waiting:
        child = waiting.pop()
        match child:
            case CallNode(activation=activation):
                layers.append(activation.block.name)
            case OpNode(op=op) | MergeNode(op=op):
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


def as_text(summary: Summary, color: bool = False) -> str:
    """The summary as a table of text, as wide as it has to be."""
    # Rich takes a while to import, and only this function needs it.
    from rich.console import Console

    console = Console(width=10_000, force_terminal=color, no_color=not color, highlight=False)
    with console.capture() as capture:
        console.print(_table(summary))
    inputs = ", ".join(f"{name}: {shape_text(shape)}" for name, shape in summary.inputs.items())
    lines = [f"{summary.name} ({inputs})", *capture.get().splitlines()]
    if summary.params != summary.inference_params:
        lines.append(f"without heads that exist only in training: {summary.inference_params:,}")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def as_data(summary: Summary) -> dict[str, object]:
    """The summary as JSON has it; a size or cost that depends on a symbolic size is a string."""
    return {
        "name": summary.name,
        "inputs": {name: _shape(shape) for name, shape in summary.inputs.items()},
        "params": summary.params,
        "inference_params": summary.inference_params,
        "macs": _number(summary.macs),
        "layers": [
            {
                "path": row.path,
                "op": row.op,
                "output": _shape(row.output),
                "params": row.params,
                "macs": _number(row.macs),
                "training_only": row.training_only,
            }
            for row in summary.rows
        ],
    }


def shape_text(shape: Shape) -> str:
    """A shape as the language writes it: `[64, 56, 56]`."""
    return f"[{', '.join(map(str, shape))}]"


def _table(summary: Summary) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("layer", "op", "output"):
        table.add_column(heading)
    for heading in ("params", "MACs"):
        table.add_column(heading, justify="right")
    for row in summary.rows:
        op = f"{row.op} (training only)" if row.training_only else row.op
        cells = (row.path, op, shape_text(row.output), _digits(row.params), _digits(row.macs))
        table.add_row(*map(Text, cells))
    table.add_section()
    table.add_row("total", "", "", _digits(summary.params), _digits(summary.macs), style="bold")
    return table


def _digits(number: Count) -> str:
    return f"{number:,}" if isinstance(number, int) else str(number)


def _number(number: Dim | Count) -> int | str:
    return number if isinstance(number, int) else str(number)


def _shape(shape: Shape) -> list[int | str]:
    return [_number(size) for size in shape]
