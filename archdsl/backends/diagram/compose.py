"""From cells to a view: what every box says, and what is drawn between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from archdsl.analysis.cost import macs_of, params_of
from archdsl.backends.diagram.tooltips import box_tooltip, end_tooltip, scope_tooltip
from archdsl.backends.diagram.view import Box, Edge, View
from archdsl.graph import Graph, Node, Port
from archdsl.ops.base import Op
from archdsl.ops.conv import Convolution
from archdsl.outline.around import ways_around
from archdsl.outline.common import common
from archdsl.outline.fold import Cell
from archdsl.outline.fuse import main_node
from archdsl.outline.labels import Text, Wording, end_of, small_print, text_of
from archdsl.outline.pieces import DiagramScope, Piece, Step
from archdsl.outline.reader import Outline
from archdsl.outline.sharing import ONE_SET, is_again, sharing


@dataclass(frozen=True)
class _Drawn:
    """The boxes so far, and the edges to outputs."""

    graph: Graph
    outputs: Mapping[str, Port]
    boxes: list[Box] = field(default_factory=list)
    exits: list[Edge] = field(default_factory=list)

    @cached_property
    def _labels(self) -> Mapping[int, list[tuple[int, str]]]:
        """The outputs by their nodes, each with its number."""
        found: dict[int, list[tuple[int, str]]] = {}
        for number, (label, port) in enumerate(self.outputs.items()):
            found.setdefault(port.node, []).append((number, label))
        return found

    def add(self, box: Box, gives: bool = True) -> None:
        """Add a box, and the outputs that it `gives`."""
        source = len(self.boxes)
        self.boxes.append(box)
        given = [each for node in box.nodes for each in self._labels.get(node, ())] if gives else ()
        for _, label in sorted(given):
            node = self.graph[self.outputs[label].node]
            only, shape = node.training_only, node.shape
            self.exits.append(Edge(source, len(self.boxes), (shape,), training_only=only))
            said = end_tooltip(label, "output", shape)
            self.boxes.append(Box(Text(label), "output", (), training_only=only, tooltip=said))


def compose(
    scope: DiagramScope,
    outline: Outline,
    cells: Sequence[Cell],
    outputs: Mapping[str, Port],
    wording: Wording,
) -> View:
    """The picture of a scope; what it reads from outside are its inputs.

    All but that of the whole network are insets, which do without small print and small frames.
    """
    is_inset = scope is not outline.root
    if not is_inset:
        outputs = {wording.names.get(name, name): port for name, port in outputs.items()}
    drawn = _Drawn(outline.graph, outputs)
    for box in _inputs(scope, cells, outline, wording):
        drawn.add(box, gives=not is_inset)
    for cell, shared in zip(cells, common(cells), strict=True):
        box = _renamed(_box(cell, outline, shared, wording), wording)
        drawn.add(box.plain() if is_inset else box)
    boxes = list(_with_frames_of_several(drawn.boxes))
    owner = {node: index for index, box in enumerate(boxes) for node in box.nodes}
    edges = (*_skips_told(list(_edges(owner, boxes, outline))), *drawn.exits)
    tooltip = scope_tooltip(scope, outline.costs) if is_inset else ""
    frames = dict.fromkeys(frame for box in boxes for frame in box.around)
    tooltips = {frame: scope_tooltip(frame, outline.costs) for frame in frames}
    again = frozenset([frame for frame in frames if is_again(frame.nodes, outline.costs)])
    return View(scope.title, tuple(boxes), edges, is_inset, wording.names, tooltip, tooltips, again)


def _with_frames_of_several(boxes: Sequence[Box]) -> Iterator[Box]:
    """The boxes without frames that hold nothing but one box of the same path."""
    held = Counter(scope for box in boxes for scope in box.around)
    for box in boxes:
        around = [each for each in box.around if held[each] > 1 or each.path != box.path]
        yield replace(box, around=tuple(around))


def _inputs(
    scope: DiagramScope, cells: Sequence[Cell], outline: Outline, wording: Wording
) -> Iterator[Box]:
    """The inputs: those of the network, or those of a scope and its wires by name."""
    graph = outline.graph
    names = {port.node: wording.names.get(name, name) for name, port in graph.inputs.items()}
    inside = {node for cell in cells for node in cell.nodes}
    read = [port.node for cell in cells for node in cell.nodes for port in graph[node].inputs]
    outside = dict.fromkeys(node for node in read if node not in inside)
    if scope is outline.root:
        outside = dict.fromkeys([*names, *outside])
    elif outside:
        # What comes in by itself was made last; all else is read by a name.
        own = max(outside) if not (scope.call and scope.call.input_names) else -1
        wires = {node: name for name, node in (scope.call.wires if scope.call else {}).items()}
        others = [node for node in outside if node != own]
        names |= {own: names.get(own, "input")}
        names |= {each: wires.get(each, names.get(each, _label(each, outline))) for each in others}
    for node in outside:
        said = end_tooltip(names[node], "input", graph[node].shape)
        yield Box(Text(names[node]), "input", (node,), tooltip=said)


def _label(node: int, outline: Outline) -> str:
    """How a neighboring scope reads a tensor."""
    name = outline.names.get(node, "")
    return f"@{end_of(name)}" if name else "input"


def _renamed(box: Box, wording: Wording) -> Box:
    """The box by the name that it is given, if it is."""
    name = wording.names.get(box.path)
    if name is None or box.is_join:
        return box
    return replace(box, text=box.text.renamed(name, box.family != "block" or box.repeats))


def _box(cell: Cell, outline: Outline, shared: frozenset[str] | None, wording: Wording) -> Box:
    graph = outline.graph
    nodes = [graph[node] for node in cell.nodes]
    is_step = isinstance(cell.pieces[0], Step) and not cell.is_stretch
    op = _op(cell.pieces[0], graph) if is_step else None
    path = cell.path
    params = params_of(outline.costs, cell.nodes)
    macs = macs_of(outline.costs, [node.id for node in nodes if not node.training_only])
    training_only = all(node.training_only for node in nodes)
    counts = [params] if training_only else [params, macs]
    text, shares = text_of(cell, graph, shared), sharing(cell, outline.costs)
    text = replace(text, lines=(*text.lines, *[shares] * bool(shares)))
    # What has no name but that of its op is not named twice.
    has_others = shares not in ("", ONE_SET)
    is_told = not has_others and path not in (text.title, op.name if op else "")
    small = small_print(path if is_told else "", counts if wording.costs else [])
    return Box(
        text=replace(text, small=small),
        family=op.family if op else "block",
        nodes=cell.nodes,
        path=path,
        params=params,
        macs=macs,
        steps=cell.steps,
        skips=() if is_step else tuple(dict.fromkeys(_hidden_skips(nodes, outline))),
        around=tuple([each for each in cell.around if _is_framed(each, outline.root, wording)]),
        training_only=training_only,
        is_again=has_others,
        repeats=len(cell.pieces) > 1 and not cell.is_stretch,
        is_join=op is not None and op.is_join,
        is_convolution=isinstance(op, Convolution),
        tooltip=box_tooltip(cell, graph, path, (params, macs), shares),
    )


def _is_framed(scope: DiagramScope, root: DiagramScope, wording: Wording) -> bool:
    """Whether an open scope has a frame: a turn has none, nor a label around most of a network.

    What is given a title has one in any case.
    """
    if scope.kind == "label" and scope.path not in wording.names:
        return 2 * scope.steps < root.steps
    return scope.kind != "turn"


def _op(step: Piece, graph: Graph) -> Op:
    """The layer of a step, or its first op."""
    assert isinstance(step, Step)
    op = graph[main_node(step, graph)].op
    assert op is not None
    return op


def _hidden_skips(nodes: Sequence[Node], outline: Outline) -> Iterator[str]:
    """The symbols of the joins that a tensor reaches past other layers, all among some nodes."""
    joins = {node.id for node in nodes if node.id in outline.joins}
    sources = {node.id: [port.node for port in node.read] for node in nodes} if joins else {}
    around = {edge[1] for edge in ways_around(sources, joins) if edge in outline.skips}
    yield from [node.op.label() for node in nodes if node.op is not None and node.id in around]


def _edges(owner: Mapping[int, int], boxes: Sequence[Box], outline: Outline) -> Iterator[Edge]:
    """The edges between boxes, in the order of what reads, each of them once."""
    graph = outline.graph
    merged: dict[tuple[int, int], list[tuple[Port, Node]]] = {}
    for node, target in owner.items():
        for port in graph[node].read:
            source = owner.get(port.node, target)
            # How an input came about lies outside of the picture, even where it was of another.
            if source != target and not boxes[target].is_end:
                merged.setdefault((source, target), []).append((port, graph[node]))
    for (source, target), reads in merged.items():
        yield Edge(
            source,
            target,
            tuple(dict.fromkeys(graph.shape(port) for port, _ in reads)),
            all((port.node, node.id) in outline.skips for port, node in reads),
            all(node.training_only for _, node in reads),
        )


def _skips_told(edges: Sequence[Edge]) -> Iterator[Edge]:
    """The edges; in an inset a wire passes nothing that is drawn, and is no skip."""
    sources: dict[int, list[int]] = {}
    for edge in edges:
        sources.setdefault(edge.target, []).append(edge.source)
    joins = {edge.target for edge in edges if edge.is_skip}
    around = {*ways_around(dict(sorted(sources.items())), joins)}
    for edge in edges:
        if edge.is_skip:
            yield replace(edge, is_skip=(edge.source, edge.target) in around)
        else:
            yield edge
