"""Which ops are drawn as one box: a convolution with the norm and the activation around it.

The ops of a box stand in it in the order of the graph. Where a box could end on either side of a
norm, the network decides: `conv · bn · relu` where norms follow layers, `bn · relu · conv` where
they come first, as in ResNet v2 and DenseNet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from archdsl.graph import Graph
from archdsl.ops.units import UnitPart
from archdsl.outline.pieces import Piece, Step

BEFORE: frozenset[UnitPart | None] = frozenset({"flatten", "pad"})
"""Ops that only prepare the input of a layer, and may precede it in a box."""
BETWEEN: frozenset[UnitPart | None] = frozenset({"normalization", "activation", "regularization"})
"""Ops that may lie between a norm and the layer of its box."""


def fuse(pieces: Sequence[Piece], graph: Graph, norms_first: bool) -> list[Piece]:
    """The pieces of one scope, with chains of steps made one step where they are one box."""
    fused: list[Piece] = []
    for index, piece in enumerate(pieces):
        last = fused[-1] if fused else None
        begins = norms_first and _begins_box(pieces, index, graph)
        if begins or not isinstance(piece, Step) or not isinstance(last, Step):
            fused.append(piece)
        elif _fits(last, piece, graph):
            fused[-1] = _one(last, piece, graph)
        else:
            fused.append(piece)
    return fused


def has_norms_first(graph: Graph) -> bool:
    """Whether more norms stand before a layer that none precedes than behind one that is last."""
    first = last = 0
    for node in graph:
        if node.op is not None and node.op.part == "normalization":
            follows = _meets_layer(node.id, graph, _before)
            leads = _meets_layer(node.id, graph, _after)
            first += leads and not follows
            last += follows and not leads
    return first > last


def layer(step: Piece, graph: Graph) -> int | None:
    """The node of a step that is a convolution or linear, None where it has none."""
    return next((node for node in step.nodes if _part(node, graph) == "layer"), None)


def main_node(step: Piece, graph: Graph) -> int:
    """The node that a step is called by: its layer, else its first op."""
    main = layer(step, graph)
    return step.nodes[0] if main is None else main


def title(step: Step, graph: Graph) -> str:
    """The name of a step: that of its layer, else of its first op."""
    return label(main_node(step, graph), graph)


def label(node: int, graph: Graph) -> str:
    """The name of an op."""
    op = graph[node].op
    assert op is not None
    return op.label(*graph.input_shapes(graph[node]))


def is_join(piece: Piece, graph: Graph) -> bool:
    """Whether a piece only joins tensors."""
    op = graph[piece.nodes[0]].op
    return isinstance(piece, Step) and op is not None and op.is_join


def _fits(first: Step, then: Step, graph: Graph) -> bool:
    last, node = first.nodes[-1], then.nodes[0]
    if not _is_chain(last, node, graph):
        return False
    if graph[last].training_only is not graph[node].training_only:
        return False
    if first.loop or then.loop or any(port.node == last for port in graph.outputs.values()):
        return False
    before = {_part(node, graph) for node in first.nodes}
    after = {_part(node, graph) for node in then.nodes}
    if None in before | after or before & after:
        return False
    return "layer" not in before or not after & BEFORE


def _begins_box(pieces: Sequence[Piece], index: int, graph: Graph) -> bool:
    """Whether a step begins with a norm and is one box with a layer that comes after it."""
    step = pieces[index]
    if not isinstance(step, Step) or _part(step.nodes[0], graph) != "normalization":
        return False
    for follower in pieces[index + 1 : index + 1 + len(BETWEEN)]:
        if not isinstance(follower, Step) or not _fits(step, follower, graph):
            return False
        step = _one(step, follower, graph)
        if layer(step, graph) is not None:
            return True
    return False


def _meets_layer(node: int, graph: Graph, way: Callable[[int, Graph], Iterator[int]]) -> bool:
    """Whether one way from a norm leads to a layer through what may be in one box with both."""
    parts = {_part(node, graph)}
    for each in way(node, graph):
        part = _part(each, graph)
        if part == "layer":
            return True
        if part in parts or part not in BETWEEN:
            return False
        parts.add(part)
    return False


def _before(node: int, graph: Graph) -> Iterator[int]:
    """The nodes before one, from the nearest, as far as they are a chain."""
    while len(graph[node].inputs) == 1:
        before = graph[node].inputs[0].node
        if not _is_chain(before, node, graph):
            return
        yield (node := before)


def _after(node: int, graph: Graph) -> Iterator[int]:
    """The nodes after one, from the nearest, as far as they are a chain."""
    while len(followers := graph.nodes.succ[node]) == 1:
        (follower,) = followers
        if not _is_chain(node, follower, graph):
            return
        yield (node := follower)


def _is_chain(node: int, then: int, graph: Graph) -> bool:
    """Whether the second alone reads the first, and nothing else."""
    (source, *others) = graph[then].inputs
    return source.node == node and not others and len(graph.nodes.succ[node]) == 1


def _one(first: Step, then: Step, graph: Graph) -> Step:
    path = first.path if layer(then, graph) is None else then.path
    return Step(first.nodes + then.nodes, path)


def _part(node: int, graph: Graph) -> UnitPart | None:
    op = graph[node].op
    return None if op is None else op.part
