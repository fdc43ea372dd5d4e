"""The tensors between the boxes of a container."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archdsl.backends.scene.containers import OUTSIDE, Container, Read
from archdsl.graph import Graph
from archdsl.outline.around import ways_around
from archdsl.outline.fuse import is_join, main_node


@dataclass(frozen=True)
class Edge:
    """A tensor from a port to another; `source` and `target` are places, or `OUTSIDE`.

    One that `is_skip` passes other boxes of the container on its way to a join. One that `is_blind`
    tells no number, but how many samples there are: it is not drawn.
    """

    source: int
    from_port: int
    target: int
    to_port: int
    is_skip: bool = False
    training_only: bool = False
    is_blind: bool = False


def edges(container: Container, graph: Graph) -> list[Edge]:
    """The tensors between the boxes of a container, in the order of what reads them."""
    found = [_edge(container, place, node, read) for place, node, read in _reads(container)]
    around = {*_ways(found)}
    told = [
        replace(each, is_skip=False) if each.is_skip and _ends(each) not in around else each
        for each in found
    ]
    leaving = []
    for node, port in container.exits.items():
        place = container.owner(node)
        inner = container.children[place].exits[node]
        leaving.append(Edge(place, inner, OUTSIDE, port, False, graph[node].training_only))
    return told + leaving


def _reads(container: Container) -> Iterator[tuple[int, int, Read]]:
    for place, child in enumerate(container.children):
        for node, read in child.reads.items():
            yield place, node, read


def _edge(container: Container, place: int, node: int, read: Read) -> Edge:
    child = container.children[place]
    if container.holds(node):
        source = container.owner(node)
        port = container.children[source].exits[node]
    else:
        source, port = OUTSIDE, container.entries[node]
    to_port = child.entries[node]
    return Edge(source, port, place, to_port, read.is_skip, read.training_only, read.is_blind)


def _ends(edge: Edge) -> tuple[int, int]:
    """The boxes of an edge; of those from outside, each port stands for itself."""
    return edge.source if edge.source != OUTSIDE else -1 - edge.from_port, edge.target


def _ways(found: Sequence[Edge]) -> Iterator[tuple[int, int]]:
    """The edges that lead around other boxes of the container."""
    joins = {edge.target for edge in found if edge.is_skip}
    if not joins:
        return
    sources: dict[int, list[int]] = {}
    for edge in found:
        if not edge.is_blind:
            sources.setdefault(edge.target, []).append(_ends(edge)[0])
    yield from ways_around(dict(sorted(sources.items())), joins)


def joins_by_skips(container: Container, local: Sequence[Edge], graph: Graph) -> Iterator[str]:
    """The symbols of the joins in a container that a tensor reaches past other boxes in it."""
    for place in dict.fromkeys(edge.target for edge in local if edge.is_skip):
        piece = container.children[place].pieces[0]
        if is_join(piece, graph):
            op = graph[main_node(piece, graph)].op
            assert op is not None
            yield op.label()
