"""Every place in every answer is one in the text, in each of the three ways in which clients count.

`python -m tools.random_positions` looks for more.
"""

from __future__ import annotations

import pytest

pytest.importorskip("pygls")

from archdsl.server.documents import Documents
from archdsl.server.structure import folding, tokens
from tests.helpers.counting import calls_of
from tools.random_positions import URI, faults


@pytest.mark.parametrize("seed", [5, 8, 9, 24])
def test_places_do_not_depend_on_how_a_client_counts(seed: int) -> None:
    assert faults(seed) == []


def test_a_long_line_is_looked_at_once_for_all_places_in_it() -> None:
    """Places in it would cost seconds if each were counted letter by letter from its start."""
    costs = []
    for count in (200, 800):
        documents = Documents()
        layers = " -> ".join(["relu"] * count)
        documents.put(URI, f"network n: [3, 8, 8] = {layers} # \N{PARTY POPPER}\n")
        document = documents.get(URI)
        assert document is not None
        tokens(document)  # What is known of a text is known.
        costs.append(calls_of(lambda it=document: (tokens(it), folding(it))))
    assert costs[1] < 5 * costs[0]
