"""What the language's constructs look like: specs, each beside its folded views and DOT texts.

After a change that is meant, `python -m tools.goldens` writes the files anew.
"""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import pytest

from archdsl.backends.diagram import Choice, Look, diagram
from tests.helpers.paths import DIAGRAMS
from tests.helpers.pipeline import graphs
from tools.goldens import SPECS_OF_DIAGRAMS, dots, views

MARKUP = ("b", "br", "font", "table", "td", "tr")
"""What our own markup consists of."""

each_spec = pytest.mark.parametrize("path", SPECS_OF_DIAGRAMS, ids=lambda path: path.stem)


@each_spec
def test_the_views_are_those_beside_it(path: Path) -> None:
    assert views(path) == path.with_suffix(".view").read_text(encoding="utf-8")


@each_spec
def test_the_texts_are_those_beside_it(path: Path) -> None:
    assert dots(path) == path.with_suffix(".dot").read_text(encoding="utf-8")


def test_the_texts_depend_on_no_order_of_a_set() -> None:
    program = (
        "from tools.goldens import SPECS_OF_DIAGRAMS, dots;"
        " print(*map(dots, SPECS_OF_DIAGRAMS), sep='', end='')"
    )
    surroundings = {"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "77", "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", program]
    text = subprocess.run(command, env=surroundings, capture_output=True, check=True).stdout
    assert text.decode() == "".join(map(dots, SPECS_OF_DIAGRAMS))


def labels(text: str) -> Iterator[ElementTree.Element]:
    """The HTML-like labels of a DOT text; each must be well-formed, down to its last bracket."""
    for part in text.split("label=<")[1:]:
        depths = accumulate({"<": 1, ">": -1}.get(letter, 0) for letter in f"<{part}")
        end = next(place for place, depth in enumerate(depths) if depth == 0)
        yield ElementTree.fromstring(f"<label>{part[: end - 1]}</label>")


@pytest.mark.parametrize("look", [Look(), Look("LR", "dark", 3.5), Look("TB", "mono")], ids=str)
@each_spec
def test_labels_are_well_formed(path: Path, look: Look) -> None:
    for graph in graphs(path).values():
        text, _ = diagram(graph, Choice(full=True), look)
        found = list(labels(text))
        assert {tag.tag for label in found for tag in label.iter()} <= {*MARKUP, "label"}
        assert len(found) == text.count("label=<")


def test_whatever_a_string_holds_is_text() -> None:
    networks = graphs(DIAGRAMS / "laws.arch")
    for name, shown in (("words", "name a<b>&'"), ("long", "name </b> whatever is longer…")):
        text, _ = diagram(networks[name], Choice(), Look())
        assert any(shown in "".join(label.itertext()) for label in labels(text))


def test_a_look_changes_colours_and_directions_alone() -> None:
    graph = graphs(DIAGRAMS / "ends.arch")["heads"]
    light, dark = (diagram(graph, Choice(), Look(theme=name))[0] for name in ("light", "dark"))
    assert light != dark
    assert light.count("label=") == dark.count("label=")
    assert "rankdir=LR" in diagram(graph, Choice(), Look("LR"))[0]
