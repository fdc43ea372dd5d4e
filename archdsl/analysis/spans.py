"""Places of a network's layers in the text that the user wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archdsl.graph import Graph
from archdsl.source import Span
from archdsl.tree import CallNode, OpNode, children


def outside(graph: Graph) -> Graph:
    """The network, with layers of the library placed at the call in the user's text."""
    spans = dict(_spans(graph))
    known = replace(graph, order=[])
    for node in graph:
        in_library = node.span.source.is_library
        known.add(replace(node, span=spans[node.id]) if in_library else node)
    return known


def _spans(graph: Graph) -> Iterator[tuple[int, Span]]:
    """By node, the smallest enclosing span outside the library."""
    waiting = [(graph.tree.body, graph.tree.block.span)]
    while waiting:
        node, around = waiting.pop()
        if node.site is not None and not node.site.source.is_library:
            around = node.site
        if isinstance(node, OpNode):
            yield node.node, around
        inner = [node.instance.body] if isinstance(node, CallNode) else children(node)
        waiting += [(child, around) for child in inner]
