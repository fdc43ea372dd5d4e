"""What an editor shows behind a layer: the shapes that come out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias
from weakref import WeakKeyDictionary

from archdsl.graph import Graph
from archdsl.ops.base import Shape, shape_text
from archdsl.source import Span
from archdsl.syntax.program import Program
from archdsl.tree import (
    AuxNode,
    CallNode,
    ConditionNode,
    LoopNode,
    Node,
    SequenceNode,
    SpliceNode,
    children,
)

SHOWN = 4
"""Maximum number of shapes in the text of a hint."""

Sites: TypeAlias = "dict[Span, dict[Shape, None]]"
_known: WeakKeyDictionary[Graph, Sites] = WeakKeyDictionary()


@dataclass(frozen=True)
class Hint:
    """The shapes that come out of a layer, in the order in which the file's networks use it.

    `span` is the layer, behind which the hint is shown.
    """

    span: Span
    shapes: tuple[Shape, ...]

    @property
    def text(self) -> str:
        """The shapes as an editor shows them; of very many the first."""
        texts = [shape_text(shape) for shape in self.shapes[:SHOWN]]
        more = len(self.shapes) - SHOWN
        return " | ".join([*texts, f"… {more} more"] if more > 0 else texts)


def hints(graphs: Iterable[Graph], program: Program) -> tuple[Hint, ...]:
    """The hints of the main file, in its order; of layers with the same end, the longest."""
    found: dict[int, tuple[Span, dict[Shape, None]]] = {}
    for site, shapes in [each for graph in graphs for each in _shapes(graph).items()]:
        span = program.placed(site)
        if span.source is program.file.source:
            known, before = found.get(span.end, (span, {}))
            if span.start < known.start:
                found[span.end] = (span, {**shapes})
            elif span.start == known.start:
                found[span.end] = (known, {**before, **shapes})
    ordered = [found[end] for end in sorted(found)]
    return tuple([Hint(span, tuple(shapes)) for span, shapes in ordered])


def _shapes(graph: Graph) -> Sites:
    """By layer of the text, the shapes that come out of it in a network."""
    known = _known.get(graph)
    if known is None:
        known = _known[graph] = {}
        for site, node in _results(graph.tree.body):
            known.setdefault(site, {})[graph[node].shape] = None
    return known


def _results(body: Node) -> Iterator[tuple[Span, int]]:
    """The layers of a tree, each with the node of the graph that holds its result."""
    waiting = [body]
    while waiting:
        node = waiting.pop()
        result = _result(node)
        if node.site is not None and result is not None and result >= 0:
            yield node.site, result
        inner = [node.instance.body] if isinstance(node, CallNode) else children(node)
        waiting += reversed([*inner])


def _result(node: Node) -> int | None:
    """The node of the graph that holds what comes out of a layer; None without one."""
    below: Node | None = node
    while below is not None:
        match below:
            case SequenceNode(children=several):
                below = several[-1] if several else None
            case LoopNode(iterations=turns):
                below = turns[-1].child if turns else None
            case ConditionNode(child=child) | SpliceNode(child=child):
                below = child
            case AuxNode():
                return None
            case _:
                return below.node
    return None
