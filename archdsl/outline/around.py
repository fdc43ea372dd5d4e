"""Ways around: the tensors that reach a join past other layers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from archdsl.graph import Graph


def ways_around(
    sources: Mapping[int, Sequence[int]], joins: Collection[int]
) -> Iterator[tuple[int, int]]:
    """The edges (from node, to join) whose tensor leads to another source of the join as well.

    What that leads through is what the edge passes. `sources` are what every node reads, in an
    order of evaluation.
    """
    # A set of tensors is the bits of one number: 100,000 of them are united in a microsecond.
    joined = dict.fromkeys(source for join in joins for source in sources[join])
    number = {source: index for index, source in enumerate(joined)}
    last = {source: node for node, read in sources.items() for source in read}
    before: dict[int, int] = {}
    for node, read in sources.items():
        behind = 0
        for source in read:
            behind |= before.get(source, 0)
        if node in joins:
            yield from [(source, node) for source in {*read} if behind & 1 << number[source]]
        for source in read:
            if source in number:
                behind |= 1 << number[source]
            if last[source] == node:
                # The sets of a deep network would fill the memory.
                before.pop(source, None)
        before[node] = behind


def skips(graph: Graph) -> Iterator[tuple[int, int]]:
    """The edges (from node, to node) that lead a tensor to a join, past what others pass through.

    A tensor that is only weighed by what is made of it, as by squeeze-and-excitation, skips
    nothing: it is the main path.
    """
    joins = {node.id for node in graph if node.op and node.op.is_join and not node.op.is_gate}
    sources = {node.id: [port.node for port in node.read] for node in graph}
    yield from ways_around(sources, joins)
