"""The layers of every application of a block, as segments that can be computed again."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from archdsl.graph import Graph
from archdsl.tree import CallNode, Node, OpNode, children


def segments_of(graph: Graph, names: Collection[str]) -> list[list[int]]:
    """The nodes of every application of blocks by their names, in order; the outermost counts."""
    found: list[list[int]] = []
    waiting: list[Node] = [graph.tree.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, CallNode) and node.instance.block.name in names:
            found.append(sorted({*_nodes(node)}))
        else:
            waiting += _below(node)
    return sorted(filter(None, found))


def blocks_of(graph: Graph) -> list[str]:
    """The names of all blocks that a network applies."""
    found: dict[str, None] = {}
    waiting: list[Node] = [graph.tree.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, CallNode):
            found[node.instance.block.name] = None
        waiting += _below(node)
    return sorted(found)


def _nodes(root: Node) -> Iterator[int]:
    """The nodes of the flat graph that come of a part of the tree."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, OpNode):
            yield node.node
        waiting += _below(node)


def _below(node: Node) -> list[Node]:
    return [node.instance.body] if isinstance(node, CallNode) else [*children(node)]
