"""What an editor shows behind a layer: the shapes that come out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias
from weakref import WeakKeyDictionary

from archdsl.graph import Graph
from archdsl.ops.base import Shape, shape_text
from archdsl.source import Span
from archdsl.syntax.program import Program
from archdsl.tree import (
    AuxNode,
    BundleNode,
    CallNode,
    ConditionNode,
    Instance,
    Likeness,
    LoopNode,
    Node,
    SequenceNode,
    ShareNode,
    SpliceNode,
    children,
)
from archdsl.work import long_work

SHOWN = 4
"""Maximum number of shapes in the text of a hint; a single one more is also shown."""

Sites: TypeAlias = "dict[Span, dict[Shape, None]]"
"""By layer of the text, the shapes that come out of it."""
_known: WeakKeyDictionary[Graph | Likeness, Sites] = WeakKeyDictionary()
"""Of networks, and of equal applications of blocks."""


@dataclass(frozen=True)
class Hint:
    """The shapes that come out of a layer, in the order in which the file's networks use it.

    `span` is the layer, behind which the hint is shown, and `site` where it was read.
    """

    span: Span
    shapes: tuple[Shape, ...]
    site: Span = field(repr=False, compare=False)

    @property
    def text(self) -> str:
        """The shapes as an editor shows them; of very many the first ones and the last."""
        shown, more = self.shapes, len(self.shapes) - SHOWN
        if more <= 1:
            return " | ".join(map(shape_text, shown))
        first = map(shape_text, shown[: SHOWN - 1])
        return " | ".join([*first, f"… {more} more …", shape_text(shown[-1])])


@long_work()
def hints(graphs: Iterable[Graph], program: Program) -> tuple[Hint, ...]:
    """The hints of the main file, in its order; of layers with the same end, the longest."""
    found: dict[int, tuple[Span, Span, dict[Shape, None]]] = {}
    for site, shapes in [each for graph in graphs for each in _of_network(graph).items()]:
        span = program.placed(site)
        if span.source is program.file.source:
            known, _, before = found.get(span.end, (span, site, {}))
            if span.start < known.start:
                found[span.end] = (span, site, {**shapes})
            elif span.start == known.start:
                found[span.end] = (known, site, {**before, **shapes})
    ordered = [found[end] for end in sorted(found)]
    return tuple([Hint(span, tuple(shapes), site) for span, site, shapes in ordered])


@long_work()
def nodes_at(graph: Graph, site: Span) -> tuple[int, ...]:
    """The nodes of a network that hold what comes out of the layer at a site."""
    found: dict[int, None] = {}
    waiting = [graph.tree] if site in _of_network(graph) else []
    while waiting:
        for node in _layers(waiting.pop().body):
            result = _result(node)
            if node.site == site and result is not None and result >= 0:
                found[result] = None
            if isinstance(node, CallNode) and site in _of_call(node.instance, graph):
                waiting.append(node.instance)
    return tuple(sorted(found))


def _of_network(graph: Graph) -> Sites:
    if graph not in _known:
        _known[graph] = _of_body(graph.tree, graph)
    return _known[graph]


def _of_body(instance: Instance, graph: Graph) -> Sites:
    """The shapes inside of an instance; blocks that were applied alike are looked at once."""
    found: Sites = {}
    seen: set[Likeness] = set()
    for node in _layers(instance.body):
        result = _result(node)
        if node.site is not None and result is not None and result >= 0:
            found.setdefault(node.site, {})[graph[result].shape] = None
        if isinstance(node, CallNode) and node.instance.likeness not in seen:
            seen.add(node.instance.likeness)
            for site, shapes in _of_call(node.instance, graph).items():
                found.setdefault(site, {}).update(shapes)
    return found


def _of_call(instance: Instance, graph: Graph) -> Sites:
    likeness = instance.likeness
    if likeness not in _known:
        _known[likeness] = _of_body(instance, graph)
    return _known[likeness]


def _layers(body: Node) -> Iterator[Node]:
    """The nodes of the tree of a body, in the order of the text."""
    waiting = [body]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed([*children(node)])


def _result(node: Node) -> int | None:
    """The node of the graph that holds what comes out of a layer; None without one."""
    below: Node | None = node
    while below is not None:
        match below:
            case SequenceNode(children=several):
                below = several[-1] if several else None
            case LoopNode(iterations=turns):
                below = turns[-1].child if turns else None
            case ConditionNode(child=child) | SpliceNode(child=child) | ShareNode(child=child):
                below = child
            case AuxNode() | BundleNode():
                return None
            case _:
                return below.node
    return None
