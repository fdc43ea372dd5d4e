"""Properties of every view of a network, whatever is folded."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isclose

from archdsl.analysis.cost import macs, params, total
from archdsl.backends.diagram.compose import compose
from archdsl.backends.diagram.view import View
from archdsl.graph import Graph
from archdsl.ops.parameters import shown_briefly
from archdsl.outline.choose import LEAST_BOXES, Choice, choose
from archdsl.outline.fold import MOST_BOXES, Cell, cells, whole
from archdsl.outline.labels import Wording
from archdsl.outline.pieces import DiagramScope, Piece
from archdsl.outline.reader import Outline
from archdsl.tree import LayerValue


def check(outline: Outline, choice: Choice, limit: int = MOST_BOXES) -> View:
    """The chosen view, after comparing everything in it with the graph."""
    found, diagnostics = choose(outline, choice, limit)
    assert not diagnostics
    shown = compose(outline.root, outline, found, outline.graph.outputs, Wording())
    check_boxes(outline.graph, shown)
    check_edges(outline.graph, shown)
    check_words(outline.graph, shown)
    check_skips(shown)
    for cell in found:
        check_law(cell, outline.graph)
    if choice.is_folded:
        check_size(outline, shown, limit)
    return shown


def check_boxes(graph: Graph, shown: View) -> None:
    """Every op is in one box, in order, and costs are neither lost nor counted twice."""
    inputs = [box.nodes for box in shown.boxes if box.family == "input"]
    assert sorted(inputs) == [(port.node,) for port in graph.inputs.values()]
    ops = [node for box in shown.boxes if box.family != "input" for node in box.nodes]
    assert ops == [node.id for node in graph if node.op is not None]
    assert sum(box.params for box in shown.boxes) == params(graph)
    assert total(box.macs for box in shown.boxes) == macs(graph)


def check_words(graph: Graph, shown: View) -> None:
    """A box of ops names them in order, and by how much each makes an image smaller or larger."""
    for box in shown.boxes:
        if box.family in ("block", "input", "output") or box.repeats:
            continue
        ops = [(graph[node].op, graph.input_shapes(graph[node])) for node in box.nodes]
        labels = [op.label(*shapes) for op, shapes in ops]
        assert box.text.heading == " · ".join(labels)
        for (op, _), label in zip(ops, labels, strict=True):
            window = op.window()
            for sign, factors in (("/", window.stride), ("×", window.upscale)):
                numbers = [*map(str, factors if isinstance(factors, tuple) else [factors])]
                factor = numbers[0] if len(set(numbers)) == 1 else "×".join(numbers)
                assert factor == "1" or f"{sign}{factor}" in label.replace(",", "").split(" ")


def check_skips(shown: View) -> None:
    """A skip goes around at least one box, and ends at a join or in a box that holds it."""
    sources: dict[int, set[int]] = {}
    for edge in shown.edges:
        sources.setdefault(edge.target, set()).add(edge.source)

    def leads(start: int, end: int) -> bool:
        waiting, known = [end], {end}
        while waiting:
            for each in sources.get(waiting.pop(), set()) - known:
                known.add(each)
                waiting.append(each)
        return start in known

    for edge in shown.edges:
        if edge.is_skip:
            others = sources[edge.target] - {edge.source}
            assert any(leads(edge.source, other) for other in others)


def check_edges(graph: Graph, shown: View) -> None:
    """Every edge of the graph is drawn once or is inside a box; every output is drawn."""
    owner = {node: place for place, box in enumerate(shown.boxes) for node in box.nodes}
    # What reads no numbers has no arrow.
    reads = [(port.node, node.id) for node in graph for port in node.read]
    between = [(owner[source], owner[target]) for source, target in reads]
    drawn = [
        (edge.source, edge.target)
        for edge in shown.edges
        if shown.boxes[edge.target].family != "output"
    ]
    assert sorted(drawn) == sorted({(s, t) for s, t in between if s != t})
    assert all(edge.source < edge.target for edge in shown.edges)
    ends = {source for source, target in reads if owner[source] != owner[target]}
    for node in ends | {port.node for port in graph.outputs.values()}:
        box = shown.boxes[owner[node]]
        assert box.nodes[-1] == node or box.family == "block" or box.repeats
    outputs = {
        shown.boxes[edge.target].text.title: edge.source
        for edge in shown.edges
        if shown.boxes[edge.target].family == "output"
    }
    assert outputs == {name: owner[port.node] for name, port in graph.outputs.items()}
    assert sum(box.family == "output" for box in shown.boxes) == len(outputs)


def check_size(outline: Outline, shown: View, limit: int) -> None:
    """A folded view fits a page, and folds nothing if the whole network fits."""
    count = sum(box.family != "output" for box in shown.boxes)
    assert count <= max(limit, LEAST_BOXES + len(outline.graph.inputs))
    everything = cells(outline.root, whole(outline.root), outline.runs)
    if len(everything) + len(outline.graph.inputs) <= limit:
        assert [box.nodes for box in shown.boxes if box.family not in ("input", "output")] == [
            cell.nodes for cell in everything
        ]


def check_law(cell: Cell, graph: Graph) -> None:
    """A card's statement about its copies is true and complete."""
    if cell.is_stretch or len(cell.pieces) == 1 or not all(map(_is_call, cell.pieces)):
        return
    for item in cell.law.varied + cell.law.shared:
        name, _, told = item.partition(" ")
        values = _values(cell.pieces, name, graph)
        # Layers passed as arguments have two names; the golden files cover them.
        if values and told.partition(" ")[0] not in _bound(cell.pieces, name):
            assert is_true(told, values), (item, values)
    named = {item.partition(" ")[0] for item in cell.law.varied}
    given = {name for piece in cell.pieces for name in _call(piece).arguments}
    differing = {name for name in given if len({*_values(cell.pieces, name, graph)}) > 1}
    assert differing <= named


def is_true(told: str, values: Sequence[object]) -> bool:
    """Whether a law in words gives a row of values."""
    texts = [_brief(value) for value in values]
    if len({*texts}) == 1:
        return told == texts[0]
    if len({*texts[1:]}) == 1:
        return told == f"{texts[0]}, then {texts[1]}"
    if " → " not in told:
        return told in (", ".join(texts), f"{texts[0]} … {texts[-1]}")
    ends, _, step = told.removesuffix(" each").rpartition(", ")
    if step == "×2":
        follows = all(then == 2 * value for value, then in pairwise(values))
    else:
        by = float(step.replace("−", "-"))
        follows = all(isclose(then - value, by, rel_tol=0.01) for value, then in pairwise(values))
    return follows and ends == f"{texts[0]} → {texts[-1]}"


def _brief(value: object) -> str:
    text = shown_briefly(value)
    return text if len(text) < 25 else f"{text[:23]}…"


def _is_call(piece: Piece) -> bool:
    return isinstance(piece, DiagramScope) and piece.call is not None


def _call(piece: Piece):
    assert isinstance(piece, DiagramScope)
    assert piece.call is not None
    return piece.call


def _values(pieces: Sequence[Piece], name: str, graph: Graph) -> list[object]:
    """The values of a name in the copies' frames; empty if they are not numbers."""
    if name == "in":
        return [_channels(piece, graph) for piece in pieces]
    definitions = [_call(piece).frame.definitions.get(name) for piece in pieces]
    if all(definitions):
        return [each.value for each in definitions]
    layers = [_call(piece).layers.get(name) for piece in pieces]
    if all(layer is not None and layer.callee is not None for layer in layers):
        return [_name(layer) for layer in layers]
    return []


def _bound(pieces: Sequence[Piece], name: str) -> set[str]:
    """The argument names bound to a layer that was passed as an argument."""
    layers = [_call(piece).layers.get(name) for piece in pieces]
    return {inner for layer in layers if layer is not None for inner in layer.bindings}


def _name(layer: LayerValue) -> str:
    return layer.callee if isinstance(layer.callee, str) else layer.callee.name


def _channels(piece: Piece, graph: Graph) -> object:
    read = [port for node in piece.nodes for port in graph[node].inputs]
    size = graph.shape(next(port for port in read if port.node not in piece.nodes)).channels
    return size if isinstance(size, int) else str(size)
