"""Docstrings name the stages of a network, however many layers it has."""

from __future__ import annotations

import pytest

from archdsl.backends.torch.networks import network_doc
from archdsl.driver import read
from archdsl.files import finder
from archdsl.source import Source
from tests.helpers.paths import SPECS


@pytest.mark.parametrize(
    ("body", "stages"),
    [
        ("conv(4, 3) -> repeat(300, conv(4, 3) -> bn -> relu)", "0 … 899 [4, 8, 8]."),
        ("conv(4, 3) -> conv(4, 3) -> maxpool(2) -> conv(8, 3)", "0, 1 [4, 8, 8]; 3 [8, 4, 4]."),
        ("a: conv(4, 3) -> b: bn -> c: conv(4, 1) -> d: conv(4, 1)", "a, b, c, d [4, 8, 8]."),
        ("chain(b{i}: conv(4, 3) for i in range(9))", "b0 … b8 [4, 8, 8]."),
        ("chain(b{i}: conv(4, 3) for i in range(8))", "b0, b1, b2, b3, b4, b5, b6, b7 [4, 8, 8]."),
        (
            "repeat(50, conv(4, 3) -> conv(8, 3))",
            "; ".join(
                [
                    *[f"{i} [{8 if i % 2 else 4}, 8, 8]" for i in range(12)],
                    "76 more",
                    *[f"{i} [{8 if i % 2 else 4}, 8, 8]" for i in range(88, 100)],
                ]
            )
            + ".",
        ),
    ],
)
def test_stages_are_listed_in_short(body: str, stages: str) -> None:
    graphs, found = read(Source("n.arch", f"network n: [3, 8, 8] = {body}"), finder(SPECS))
    assert not found
    graph = graphs["n"]
    text = network_doc(graph, graph.tree).replace("\u00a0", " ")
    assert text.partition("\n\n")[2] == stages
