"""Ways around: the tensors that reach a join past other layers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from archdsl.graph import Graph


def passing(sources: Collection[int], before: Callable[[int], Iterable[int]]) -> set[int]:
    """Those of some sources of a node that lead to another of them as well.

    What they lead through is what they pass. `before` gives the sources of any node; numbers are
    in an order of evaluation.
    """
    first, known = min(sources, default=0), set[int]()
    waiting = [each for source in sources for each in before(source)]
    while waiting:
        node = waiting.pop()
        if node >= first and node not in known:
            known.add(node)
            waiting += before(node)
    return known.intersection(sources)


def skips(graph: Graph) -> Iterator[tuple[int, int]]:
    """The edges (from node, to node) that lead a tensor to a join, past what others pass through.

    A tensor that is only weighed by what is made of it, as by squeeze-and-excitation, skips
    nothing: it is the main path.
    """

    def before(node: int) -> Iterable[int]:
        return [port.node for port in graph[node].inputs]

    for node in graph:
        if node.op is not None and node.op.is_join and not node.op.is_gate:
            yield from [(source, node.id) for source in passing({*before(node.id)}, before)]
