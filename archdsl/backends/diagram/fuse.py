"""Which ops are drawn as one box: a convolution with the norm and the activation around it."""

from __future__ import annotations

from collections.abc import Iterable

from archdsl.backends.diagram.pieces import Piece, Step
from archdsl.graph import Graph
from archdsl.ops.units import UnitPart

BEFORE: frozenset[UnitPart | None] = frozenset({"flatten", "pad"})
"""What only prepares the input of a layer: it may come before it."""


def fuse(pieces: Iterable[Piece], graph: Graph) -> list[Piece]:
    """The pieces of one scope, with chains of steps made one step where they are one box."""
    fused: list[Piece] = []
    for piece in pieces:
        last = fused[-1] if fused else None
        if isinstance(piece, Step) and isinstance(last, Step) and _fits(last, piece, graph):
            fused[-1] = _one(last, piece, graph)
        else:
            fused.append(piece)
    return fused


def layer(step: Piece, graph: Graph) -> int | None:
    """The node of a step that is a convolution or linear, None where it has none."""
    return next((node for node in step.nodes if _part(node, graph) == "layer"), None)


def title(step: Step, graph: Graph) -> str:
    """What a step is called: by its layer, else by its first op."""
    main = layer(step, graph)
    return label(step.nodes[0] if main is None else main, graph)


def label(node: int, graph: Graph) -> str:
    """What an op is called."""
    op = graph[node].op
    assert op is not None
    return op.label(*graph.input_shapes(graph[node]))


def is_join(piece: Piece, graph: Graph) -> bool:
    """Whether a piece only joins tensors."""
    op = graph[piece.nodes[0]].op
    return isinstance(piece, Step) and op is not None and op.is_join


def _fits(first: Step, then: Step, graph: Graph) -> bool:
    last, node = first.nodes[-1], then.nodes[0]
    is_chain = [*graph.nodes.successors(last)] == [node] and len(graph[node].inputs) == 1
    if not is_chain or graph[last].training_only is not graph[node].training_only:
        return False
    if first.loop or then.loop or any(port.node == last for port in graph.outputs.values()):
        return False
    before = {_part(node, graph) for node in first.nodes}
    after = {_part(node, graph) for node in then.nodes}
    if None in before | after or before & after:
        return False
    return "layer" not in before or not after & BEFORE


def _one(first: Step, then: Step, graph: Graph) -> Step:
    path = then.path if layer(first, graph) is None else first.path
    return Step(first.nodes + then.nodes, path)


def _part(node: int, graph: Graph) -> UnitPart | None:
    op = graph[node].op
    assert op is not None
    return op.part
