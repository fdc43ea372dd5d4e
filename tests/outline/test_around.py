"""Which tensors reach a join past other layers."""

from __future__ import annotations

import networkx
from hypothesis import given
from hypothesis import strategies as st

from archdsl.outline.around import ways_around


@given(st.data())
def test_a_way_around_is_one_through_another_source(data: st.DataObject) -> None:
    """networkx finds the same edges, one search for every pair."""
    sources: dict[int, list[int]] = {}
    for node in range(1, data.draw(st.integers(1, 14))):
        sources[node] = data.draw(st.lists(st.integers(0, node - 1), min_size=1, max_size=4))
    joins = data.draw(st.sets(st.sampled_from([*sources]))) if sources else set()
    graph = networkx.DiGraph([(each, node) for node, read in sources.items() for each in read])
    expected = {
        (each, join)
        for join in joins
        for each in sources[join]
        if any(other != each and networkx.has_path(graph, each, other) for other in sources[join])
    }
    assert {*ways_around(sources, joins)} == expected
