"""A graph as text: the network that the text declares has the same graph."""

from __future__ import annotations

import pytest

from archdsl.files import finder
from archdsl.findings import Findings
from archdsl.importing.graphs import text_of
from archdsl.shipped import LIBRARY, path_of
from archdsl.source import Source
from tools.round_trip import difference

NETWORKS = ("resnet:resnet34_c", "googlenet:googlenet", "vit:vit_b_16", "bert:bert_base",
            "fcn:fcn_resnet50", "unet:unet")  # fmt: skip


@pytest.mark.parametrize("called", NETWORKS)
def test_the_text_of_a_graph_has_that_graph(called):
    module, _, name = called.partition(":")
    path = path_of(module)
    source = Source(path.name, path.read_text(encoding="utf-8"))
    graph = Findings(source, finder(path.parent), name).graphs[name]
    made = Findings(Source("made.arch", text_of(graph)), finder(LIBRARY))
    assert not made.diagnostics
    (other,) = made.graphs.values()
    assert not difference(graph, other)


def test_modules_are_found_by_keys():
    path = path_of("resnet")
    source = Source(path.name, path.read_text(encoding="utf-8"))
    graph = Findings(source, finder(path.parent), "resnet50").graphs["resnet50"]
    assert "layer1: repeat(3, bottleneck(64))" in text_of(graph)
