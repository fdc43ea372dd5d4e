"""What a diagram shows, before anything is laid out: boxes, edges, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from archdsl.analysis.cost import macs_of, params_of
from archdsl.backends.diagram.fold import Cell
from archdsl.backends.diagram.fuse import layer
from archdsl.backends.diagram.labels import Text, shape_text, small_print, text_of
from archdsl.backends.diagram.outline import Outline
from archdsl.backends.diagram.pieces import DiagramScope, Piece, Step, common_path
from archdsl.backends.diagram.tooltips import box_tooltip, end_tooltip, scope_tooltip
from archdsl.graph import Graph, Node, Port
from archdsl.ops.base import Op, Shape
from archdsl.ops.conv import Convolution
from archdsl.shapes import Count


@dataclass(frozen=True, eq=False)
class Box:
    """One box, with the nodes of the graph that it stands for, in order.

    `family` is that of its op, or "block", "input" or "output". One that `is_convolution` may have
    more beside the convolution. `params` are trainable numbers,
    `macs` multiply-adds for one image outside of heads that exist only in training. `steps` are
    the boxes that it hides, itself included. `skips` are the symbols of the joins in it that a
    tensor reaches past other layers. `around` are the frames that it lies in, from the outside in.
    `tooltip` is all there is to say of it, in lines.
    """

    text: Text
    family: str
    nodes: tuple[int, ...]
    path: str = ""
    params: int = 0
    macs: Count = 0
    steps: int = 1
    skips: tuple[str, ...] = ()
    around: tuple[DiagramScope, ...] = ()
    training_only: bool = False
    repeats: bool = False
    is_join: bool = False
    is_convolution: bool = False
    tooltip: str = ""

    def plain(self) -> Box:
        """The same without small print, and in no frame but those of blocks."""
        around = tuple([scope for scope in self.around if scope.kind == "block"])
        return replace(self, text=replace(self.text, small=()), around=around)

    def __str__(self) -> str:
        """`layer1: bottleneck ×3 (in 64, then 256) 215,808 680,000,000 skip +`."""
        words = [self.text.title, self.text.beside, *[f"({line})" for line in self.text.lines]]
        words += [f"{self.params:,} {self.macs}"] if self.params else []
        words += [f"{self.steps} steps"] if self.steps > 1 else []
        words += [f"skip {symbol}" for symbol in self.skips]
        words += ["training only"] if self.training_only else []
        text = " ".join(filter(None, words))
        return f"{self.path}: {text}" if self.path else text


@dataclass(frozen=True, eq=False)
class Edge:
    """All tensors from one box to another, by their indices; `shape` is what the target reads.

    `is_skip` where all of them pass other layers on their way to a join.
    """

    source: int
    target: int
    shape: Shape
    is_skip: bool = False
    training_only: bool = False


@dataclass(frozen=True, eq=False)
class View:
    """A picture as a value: boxes in an order of evaluation, and edges between their indices.

    `tooltips` are those of the frames that boxes lie in; `tooltip` is that of an inset.
    """

    name: str
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    is_inset: bool = False
    tooltip: str = ""
    tooltips: Mapping[DiagramScope, str] = field(default_factory=dict)

    @cached_property
    def reads(self) -> Mapping[int, tuple[Edge, ...]]:
        """The edges into every box, by its index."""
        return _by(self.edges, lambda edge: edge.target)

    @cached_property
    def feeds(self) -> Mapping[int, tuple[Edge, ...]]:
        """The edges out of every box, by its index."""
        return _by(self.edges, lambda edge: edge.source)

    def tells(self, edge: Edge) -> bool:
        """Whether the shape of an edge is worth writing: it is new there, and in an inset its size.

        What several boxes read is written once.
        """
        if min(self.feeds[edge.source], key=lambda each: each.is_skip) is not edge:
            return False
        before = self.reads.get(edge.source)
        if before is None or (self.is_inset and self.boxes[edge.target].family == "output"):
            return True
        return before[0].shape[self.is_inset :] != edge.shape[self.is_inset :]

    def __str__(self) -> str:
        """One line for every box, with the boxes that it reads."""
        lines = [self.name]
        for index, box in enumerate(self.boxes):
            sources = [_source(edge) for edge in self.reads.get(index, ())]
            lines.append(f"  %{index} {box}" + (f" <- {', '.join(sources)}" if sources else ""))
        return "\n".join(lines)


def view(
    scope: DiagramScope, outline: Outline, cells: Sequence[Cell], outputs: Mapping[str, Port]
) -> View:
    """The picture of a scope; what it reads from outside are its inputs.

    All but that of the whole network are insets, which do without small print and small frames.
    """
    graph, is_inset = outline.graph, scope is not outline.root
    boxes, exits = _inputs(cells, graph), []
    for cell in cells:
        box = _box(cell, outline)
        boxes.append(box.plain() if is_inset else box)
        source = len(boxes) - 1
        for label, port in outputs.items():
            if port.node in cell.nodes:
                training_only = graph[port.node].training_only
                shape = graph.shape(port)
                exits.append(Edge(source, len(boxes), shape, training_only=training_only))
                said = end_tooltip(label, "output", shape)
                boxes.append(
                    Box(Text(label), "output", (), training_only=training_only, tooltip=said)
                )
    owner = {node: index for index, box in enumerate(boxes) for node in box.nodes}
    edges = (*_edges(owner, outline), *exits)
    tooltip = scope_tooltip(scope, graph) if is_inset else ""
    frames = dict.fromkeys(frame for box in boxes for frame in box.around)
    tooltips = {frame: scope_tooltip(frame, graph) for frame in frames}
    return View(scope.title, tuple(boxes), edges, is_inset, tooltip, tooltips)


def _inputs(cells: Sequence[Cell], graph: Graph) -> list[Box]:
    inside = {node for cell in cells for node in cell.nodes}
    read = [port.node for cell in cells for node in cell.nodes for port in graph[node].inputs]
    names = {port.node: name for name, port in graph.inputs.items()}
    outside = [node for node in dict.fromkeys(read) if node not in inside]
    return [_input(names.get(node, "input"), graph[node]) for node in outside]


def _input(name: str, node: Node) -> Box:
    return Box(Text(name), "input", (node.id,), tooltip=end_tooltip(name, "input", node.shape))


def _box(cell: Cell, outline: Outline) -> Box:
    graph = outline.graph
    nodes = [graph[node] for node in cell.nodes]
    is_step = isinstance(cell.pieces[0], Step) and not cell.is_stretch
    op = _op(cell.pieces[0], graph) if is_step else None
    path = cell.scope.path if cell.scope else common_path(cell.pieces)
    params = params_of(graph, nodes)
    macs = macs_of(graph, [node for node in nodes if not node.training_only])
    training_only = all(node.training_only for node in nodes)
    counts = [params] if training_only else [params, macs]
    text = text_of(cell, graph)
    return Box(
        text=replace(text, small=small_print(path if path != text.title else "", counts)),
        family=op.family if op else "block",
        nodes=cell.nodes,
        path=path,
        params=params,
        macs=macs,
        steps=cell.steps,
        skips=() if is_step else _hidden_skips(nodes, outline),
        around=tuple([scope for scope in cell.around if _is_framed(scope, outline.root)]),
        training_only=training_only,
        repeats=len(cell.pieces) > 1 and not cell.is_stretch,
        is_join=op is not None and op.is_join,
        is_convolution=isinstance(op, Convolution),
        tooltip=box_tooltip(cell, graph, path, (params, macs)),
    )


def _is_framed(scope: DiagramScope, root: DiagramScope) -> bool:
    """Whether an open scope has a frame: a turn has none, nor a label around most of a network."""
    if scope.kind == "label":
        return 2 * scope.steps < root.steps
    return scope.kind == "block"


def _op(step: Piece, graph: Graph) -> Op:
    """The layer of a step, or its first op."""
    main = layer(step, graph)
    op = graph[step.nodes[0] if main is None else main].op
    assert op is not None
    return op


def _hidden_skips(nodes: Sequence[Node], outline: Outline) -> tuple[str, ...]:
    """The symbols of the joins among some nodes that a tensor reaches past other layers."""
    joins = [node.op for node in nodes if node.op is not None and node.id in outline.joins]
    return tuple(dict.fromkeys(op.label() for op in joins))


def _edges(owner: Mapping[int, int], outline: Outline) -> Iterator[Edge]:
    """The edges between boxes, in the order of what reads, each of them once."""
    graph = outline.graph
    merged: dict[tuple[int, int], list[tuple[Port, Node]]] = {}
    for node, target in owner.items():
        for port in graph[node].inputs:
            source = owner.get(port.node, target)
            if source != target:
                merged.setdefault((source, target), []).append((port, graph[node]))
    for (source, target), reads in merged.items():
        yield Edge(
            source,
            target,
            graph.shape(reads[0][0]),
            all((port.node, node.id) in outline.skips for port, node in reads),
            all(node.training_only for _, node in reads),
        )


def _source(edge: Edge) -> str:
    return f"%{edge.source}{' skip' if edge.is_skip else ''} [{shape_text(edge.shape)}]"


def _by(edges: Iterable[Edge], key: Callable[[Edge], int]) -> dict[int, tuple[Edge, ...]]:
    groups: dict[int, list[Edge]] = {}
    for edge in edges:
        groups.setdefault(key(edge), []).append(edge)
    return {index: tuple(group) for index, group in groups.items()}
