"""The page of all networks, and the list of the smallest, say what the specs give now."""

from __future__ import annotations

from tests.helpers.kinds import NETWORKS, SMALLEST, smallest_text
from tests.helpers.paths import SPECS
from tests.helpers.pipeline import graphs
from tools.survey import PAGE, page


def test_the_page_is_what_the_specs_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_no_network_is_left_out() -> None:
    files = sorted(SPECS.glob("*.arch"))
    assert [(path.stem, name) for path in files for name in graphs(path)] == NETWORKS


def test_the_smallest_of_each_kind_are_known() -> None:
    """`python -m tools.survey` writes them anew."""
    assert SMALLEST.read_text(encoding="utf-8") == smallest_text()
