"""Tooltips for the parts of a picture, and a description of the whole.

Numbers are exact, and shapes are written as in the language.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from archdsl.analysis.cost import macs, macs_of, params, params_of
from archdsl.analysis.layer_costs import Amount, Costs
from archdsl.graph import Graph, Node
from archdsl.ops import OPS
from archdsl.ops.base import Shape, shape_text
from archdsl.ops.join import Join
from archdsl.outline.fold import Cell
from archdsl.outline.labels import Text
from archdsl.outline.pieces import DiagramScope, Step

JOINS = {
    op.symbol: op.noun
    for op in sorted(
        [op for op in OPS.values() if issubclass(op, Join)], key=lambda op: len(op.symbol)
    )
}
"""The meaning of the symbols of joins, signs before words."""
LONGEST_COUNT = 60
"""A cost of more letters depends on symbolic sizes in ways that no tooltip explains."""
MOST_DESCRIBED = 60
"""The description of a picture names no more boxes than this."""


@dataclass(frozen=True)
class Description:
    """The title of a picture, and a sentence for those who cannot see it."""

    name: str
    sentence: str


def box_tooltip(
    cell: Cell, graph: Graph, path: str, costs: tuple[Amount, Amount], shares: str
) -> str:
    """Paths and ops of a box, what it makes of which shape, whose weights, parameters and MACs."""
    nodes = [graph[node] for node in cell.nodes]
    lines = [*_contents(cell, nodes, path), _change(nodes, graph)]
    lines += ["in training only"] * all(node.training_only for node in nodes)
    lines += [shares] * bool(shares)
    lines.append(", ".join(_costs(*costs)))
    return "\n".join(filter(None, lines))


def scope_tooltip(scope: DiagramScope, costs: Costs) -> str:
    """The content of a frame: its path, block, shapes, parameters and MACs."""
    nodes = [costs.graph[node] for node in scope.nodes]
    always = [node.id for node in nodes if not node.training_only]
    figures = _costs(params_of(costs, scope.nodes), macs_of(costs, always))
    lines = [_titled(scope.name, scope.path), _change(nodes, costs.graph), ", ".join(figures)]
    return "\n".join(filter(None, lines))


def end_tooltip(label: str, role: str, shape: Shape) -> str:
    """The description of an input or output: `image: input [3, 224, 224]`."""
    return f"{label if label == role else f'{label}: {role}'} {shape_text(shape)}"


def edge_tooltip(shapes: Sequence[Shape], is_skip: bool, training_only: bool) -> str:
    """The shapes of tensors, and what is special about their way."""
    return ", ".join(
        [*map(shape_text, shapes), *["skip"] * is_skip, *["in training only"] * training_only]
    )


def loop_tooltip(symbols: Sequence[str]) -> str:
    """Which skip connections a box hides."""
    return f"skip connection inside: {', '.join(JOINS.get(each, each) for each in symbols)}"


def describe(costs: Costs, boxes: Sequence[str]) -> Description:
    """The name of a network with its file, and its picture described in one sentence."""
    graph = costs.graph
    spec = PurePath(graph.tree.block.span.source.name).name
    inputs, outputs = (
        ", ".join(f"{name} {shape_text(graph.shape(port))}" for name, port in ports.items())
        for ports in (graph.inputs, graph.outputs)
    )
    totals = " and ".join(_costs(params(costs), macs(costs)))
    shown = [*boxes[:MOST_DESCRIBED]]
    shown += [f"and {len(boxes) - len(shown)} more"] * (len(boxes) > len(shown))
    figures = f" with {totals}" if totals else ""
    sentence = f"Network from {inputs} to {outputs}{figures}, as a diagram: {'; '.join(shown)}."
    return Description(f"{graph.name} ({spec})", sentence)


def described_box(text: Text, path: str) -> str:
    """A box in the description of a picture: `conv 7×7, 64, /2 · bn · relu (conv1)`."""
    words = JOINS.get(text.heading, text.heading)
    return f"{words} ({path})" if path not in ("", text.title) else words


def _costs(parameters: Amount, multiplications: Amount) -> list[str]:
    """`9,536 parameters`, `118,013,952 MACs`; what is 0, or too long to be read, is left out."""
    counts = [(parameters, "parameters"), (multiplications, "MACs")]
    texts = [(f"{n:,}" if isinstance(n, int) else str(n), unit) for n, unit in counts if n]
    return [f"{text} {unit}" for text, unit in texts if len(text) <= LONGEST_COUNT]


def _contents(cell: Cell, nodes: Sequence[Node], path: str) -> Iterator[str]:
    """The content of a box: the ops of a step, else the block, how often, how copies vary."""
    first, times = cell.pieces[0], len(cell.pieces)
    if isinstance(first, Step) and times == 1:
        yield from [_titled(str(node.op), node.path) for node in nodes]
        return
    name = first.name if isinstance(first, DiagramScope) else str(nodes[0].op)
    if cell.is_stretch:
        name = f"{len(nodes)} layers"
    elif times > 1:
        name = f"{name} ×{times}"
    yield _titled(name, path)
    yield from [*cell.law.varied, *cell.law.shared]


def _titled(name: str, path: str) -> str:
    return name if path in ("", name) else f"{path}: {name}"


def _change(nodes: Sequence[Node], graph: Graph) -> str:
    """`[3, 224, 224] -> [64, 112, 112]`: the tensors that some nodes read, and their last."""
    inside = {node.id for node in nodes}
    read = dict.fromkeys(port for node in nodes for port in node.read if port.node not in inside)
    shapes = ", ".join(shape_text(graph.shape(port)) for port in read)
    return f"{shapes} -> {shape_text(nodes[-1].shape)}"
