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
    GroupNode,
    Instance,
    LabelNode,
    Likeness,
    LoopNode,
    Node,
    Results,
    SequenceNode,
    ShareNode,
    SpliceNode,
    UseNode,
    children,
)
from archdsl.work import long_work

SHOWN = 4
"""Maximum number of shapes in the text of a hint; a single one more is also shown."""

Given: TypeAlias = tuple[tuple[str, Shape], ...]
"""What comes out of a layer, by name; a single tensor has none."""
Sites: TypeAlias = "dict[Span, dict[Given, None]]"
"""By layer of the text, what comes out of it."""
_known: WeakKeyDictionary[Graph | Likeness, Sites] = WeakKeyDictionary()
"""Of networks, and of equal applications of blocks."""


@dataclass(frozen=True)
class Hint:
    """What comes out of a layer, in the order in which the file's networks use it.

    `span` is the layer, behind which the hint is shown, and `site` where it was read.
    """

    span: Span
    given: tuple[Given, ...]
    site: Span = field(repr=False, compare=False)

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shapes of the tensors that come out of it alone, not as one of several."""
        return tuple([given[0][1] for given in self.given if len(given) == 1])

    @property
    def text(self) -> str:
        """The shapes as an editor shows them; of very many the first ones and the last.

        Several results are written as in a signature: `(fine: [8, 16, 16], coarse: [8, 8, 8])`.
        """
        shown, more = self.given, len(self.given) - SHOWN
        if more <= 1:
            return " | ".join(map(_text, shown))
        first = map(_text, shown[: SHOWN - 1])
        return " | ".join([*first, f"… {more} more …", _text(shown[-1])])


def _text(given: Given) -> str:
    texts = [f"{name}: {shape_text(shape)}" if name else shape_text(shape) for name, shape in given]
    return f"({', '.join(texts)})" if given[0][0] else texts[0]


def by_line(hints: Iterable[Hint]) -> dict[int, Hint]:
    """The hint behind the last layer of every line, by its line from 0, as editors count."""
    last: dict[int, Hint] = {}
    for hint in hints:
        line = hint.span.source.editor_line(hint.span.end)
        if line not in last or hint.span.end >= last[line].span.end:
            last[line] = hint
    return last


@long_work()
def hints(graphs: Iterable[Graph], program: Program) -> tuple[Hint, ...]:
    """The hints of the main file, in its order; of layers with the same end, the longest."""
    found: dict[int, tuple[Span, Span, dict[Given, None]]] = {}
    for site, given in [each for graph in graphs for each in _of_network(graph).items()]:
        span = program.placed(site)
        if span.source is program.file.source:
            known, _, before = found.get(span.end, (span, site, {}))
            if span.start < known.start:
                found[span.end] = (span, site, {**given})
            elif span.start == known.start:
                found[span.end] = (known, site, {**before, **given})
    ordered = [found[end] for end in sorted(found)]
    return tuple([Hint(span, tuple(given), site) for span, site, given in ordered])


@long_work()
def nodes_at(graph: Graph, site: Span) -> tuple[int, ...]:
    """The nodes of a network that hold what comes out of the layer at a site."""
    found: dict[int, None] = {}
    waiting = [graph.tree] if site in _of_network(graph) else []
    while waiting:
        for node in layers_of(waiting.pop().body):
            if node.site == site:
                found |= dict.fromkeys(result for _, result in _results(node))
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
    for node in layers_of(instance.body):
        results = _results(node)
        # Behind a mistake a result may have no node yet.
        if node.site is not None and results and all(result >= 0 for _, result in results):
            given = tuple([(name, graph[result].shape) for name, result in results])
            found.setdefault(node.site, {})[given] = None
        if isinstance(node, CallNode) and node.instance.likeness not in seen:
            seen.add(node.instance.likeness)
            for site, shapes in _of_call(node.instance, graph).items():
                found.setdefault(site, {}).update(shapes)
    return found


def _of_call(instance: Instance, graph: Graph) -> Sites:
    likeness = instance.likeness
    if likeness not in _known:
        original = likeness.original and _known.get(likeness.original)
        found = {likeness.moved.get(s, s): each for s, each in (original or {}).items()}
        _known[likeness] = found or _of_body(instance, graph)
    return _known[likeness]


def layers_of(body: Node) -> Iterator[Node]:
    """The nodes of the tree of a body, in the order of the text."""
    waiting = [body]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed([*children(node)])


def _results(node: Node) -> Results:
    """The nodes of the graph that hold what comes out of a layer; a single one has no name.

    There are none where one of them is unknown, as it comes from a layer with a mistake.
    """
    found = _named_results(node)
    return found if all(result >= 0 for _, result in found) else ()


def _named_results(node: Node) -> Results:
    below: Node | None = node
    while below is not None:
        match below:
            case SequenceNode(children=several):
                below = several[-1] if several else None
            case LoopNode(iterations=turns):
                below = turns[-1].child if turns else None
            case ConditionNode(child=child) | SpliceNode(child=child) | ShareNode(child=child):
                below = child
            case AuxNode():
                return ()
            case BundleNode(results=results):
                return results
            case (
                CallNode(results=(_, *_) as results)
                | GroupNode(results=(_, *_) as results)
                | LabelNode(results=(_, *_) as results)
                | UseNode(results=(_, *_) as results)
            ):
                return results
            case _:
                return (("", below.node),)
    return ()
