"""Networks that differ only in numbers: costly tests use the smallest of each kind."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from archdsl.graph import Graph
from archdsl.tree import CallNode, ConditionNode, Node, OpNode, children
from tests.helpers.paths import SPECS
from tests.helpers.pipeline import graphs


def kind(graph: Graph) -> frozenset[Hashable]:
    """The blocks and ops of a network, and the branches it takes of every `if`."""
    found: set[Hashable] = set()
    waiting: list[Node] = [graph.tree.body]
    while waiting:
        node = waiting.pop()
        match node:
            case CallNode(instance=instance):
                found.add(instance.block)
                waiting.append(instance.body)
            case ConditionNode(site=site, taken=taken):
                found.add((site, taken))
            case OpNode(op=op):
                found.add(op.name)
        waiting += children(node)
    return frozenset(found)


def smallest_of_each_kind(networks: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The network with the fewest layers of each group that differs only in numbers."""
    smallest: dict[Hashable, tuple[int, tuple[str, str]]] = {}
    for file, name in networks:
        graph = graphs(SPECS / f"{file}.arch")[name]
        known = smallest.setdefault((file, kind(graph)), (len(graph), (file, name)))
        if len(graph) < known[0]:
            smallest[file, kind(graph)] = len(graph), (file, name)
    return [each for _, each in smallest.values()]
