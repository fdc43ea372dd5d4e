"""Lints say a thing once for all copies of a layer, and never of the library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archdsl.analysis import lints
from archdsl.analysis.lints import Remark
from archdsl.analysis.spans import outside
from archdsl.diagnostics import Diagnostic
from archdsl.driver import check
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.source import Source

TEXT = """
from inception import unit
block pair(c) = conv(c, 3) -> relu
block own(c) = let p = pair(c) in x: p -> y: unit(c, 1) -> z: conv(c, 1)
network small: [3, 8, 8] =
    a: own(4) -> b: repeat(3, own(4)) -> c: (relu -> unit(4, 1)) -> d: stage(2, basic(4))
network other: [3, 8, 8] =
    a: pair(4) -> b: add(basic(4, last=bn(eps=0.5)), conv(4, 1, pad=0))
"""


def every_convolution(graph: Graph) -> Iterator[Remark]:
    """A lint that remarks on every convolution."""
    for node in graph:
        if node.op is not None and node.op.family == "convolution":
            yield Remark(node, "N0901", node.op.name)


def before_norms(graph: Graph) -> Iterator[Remark]:
    """A lint that remarks on convolutions which a normalisation reads."""
    for node in graph:
        if node.op is not None and node.op.name == "bn":
            yield from [Remark(graph[port.node], "N0901", "read") for port in node.inputs]


def checked(text: str) -> list[Diagnostic]:
    """What is said of a text."""
    return check(Source("net.arch", text), finder(Path()))[1]


@pytest.fixture
def _remarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lints, "LINTS", (every_convolution,))


@pytest.mark.usefixtures("_remarks")
def test_a_remark_is_made_once_at_a_place_with_the_number_of_copies() -> None:
    found = {(each.span.line, each.span.text): each.message for each in checked(TEXT)}
    assert found == {
        (3, "conv(c, 3)"): "conv (and 4 more like it)",
        (4, "unit(c, 1)"): "conv (and 3 more like it)",
        (4, "conv(c, 1)"): "conv (and 3 more like it)",
        (6, "unit(4, 1)"): "conv",
        (6, "d: stage(2, basic(4))"): "conv (and 3 more like it)",
        (8, "basic(4, last=bn(eps=0.5))"): "conv (and 1 more like it)",
        (8, "conv(4, 1, pad=0)"): "conv",
    }


def test_a_remark_holds_for_all_layers_of_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one network has the normalisation and another has not, the text is as it should be."""
    monkeypatch.setattr(lints, "LINTS", (before_norms,))
    text = "block unit(norm) = conv(4, 3) -> (bn if norm) -> relu\n"
    with_norm = "network a: [3, 8, 8] = unit(true) -> unit(true)\n"
    assert [each.message for each in checked(text + with_norm)] == ["read (and 1 more like it)"]
    assert checked(text + with_norm + "network b: [3, 8, 8] = unit(false)\n") == []


@pytest.mark.usefixtures("_remarks")
def test_nothing_is_remarked_where_something_is_wrong() -> None:
    found = checked(TEXT + "assert small.depth == 0\n")
    assert [each.code for each in found] == ["E0802"]


def test_what_somebody_wrote_stays_where_it_is() -> None:
    graphs, diagnostics = check(Source("net.arch", TEXT), finder(Path()))
    assert diagnostics == []
    for graph in graphs.values():
        moved = outside(graph)
        assert str(moved) == str(graph)
        assert not any(node.span.source.is_library for node in moved)
        spans = [(node.span, moved[node.id].span) for node in graph]
        assert all(old is new for old, new in spans if not old.source.is_library)
        assert any(old is not new for old, new in spans)
