"""What grows with a network grows no faster: counted in calls, not in time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from archdsl.backends.diagram import Choice, Look, diagram
from archdsl.backends.table import COLUMNS, summarize
from archdsl.backends.torch import generate
from archdsl.backends.torch.walk import strip
from archdsl.driver import read
from archdsl.graph import Graph
from archdsl.source import Source
from tests.helpers.counting import calls_of
from tests.helpers.large_specs import LARGE

SMALL, LARGER = 80, 320
MOST = 1.25
"""By how much more than the layers the calls may grow: for logarithms, and what is sorted."""


def large(text: str) -> Graph:
    found, diagnostics = read(Source("large.arch", text), lambda module, source: None)
    assert not diagnostics
    return found["n"]


def summary(graph: Graph) -> object:
    return summarize(graph, 99, [*COLUMNS]).grid().texts(True)


def folded(graph: Graph) -> object:
    return diagram(graph, Choice(), Look())


def opened(graph: Graph) -> object:
    return diagram(graph, Choice(full=True), Look())


def compiled(graph: Graph) -> object:
    return generate([graph], "", "large.arch")


@pytest.mark.parametrize(
    "view", [summary, folded, opened, compiled], ids=lambda view: view.__name__
)
@pytest.mark.parametrize("kind", LARGE)
def test_work_grows_with_the_layers(kind: str, view: Callable[[Graph], object]) -> None:
    few, many = large(LARGE[kind](SMALL)), large(LARGE[kind](LARGER))
    view(few)  # What is done once in a process is done.
    growth = calls_of(lambda: view(many)) / calls_of(lambda: view(few))
    assert growth <= MOST * (LARGER / SMALL)


def test_a_long_sequence_is_known_by_its_first_links() -> None:
    few, many = (large(LARGE["chain"](layers)).tree.body for layers in (SMALL, LARGER))
    assert calls_of(lambda: strip(many)) == calls_of(lambda: strip(few))
