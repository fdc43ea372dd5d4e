"""Figures as Graphviz lays them out: no arrow crosses a title, and words stay where they belong."""

from __future__ import annotations

import re
import warnings
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from typing import NamedTuple

import pytest

from archdsl.backends.diagram import Choice, Look, diagram
from archdsl.drawing.process import surroundings
from archdsl.fonts import text_width
from archdsl.graph import Graph
from tests.helpers.paths import DIAGRAMS, SPECS
from tests.helpers.pipeline import graphs

pygraphviz = pytest.importorskip("pygraphviz")

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"-?[0-9.]+")
ROUNDED = 1.0
"""Graphviz rounds what it draws, in points."""

FILES = [
    *sorted(DIAGRAMS.glob("*.arch")),
    *[SPECS / f"{name}.arch" for name in ("senet", "xception")],
]
NETWORKS = [(path, name) for path in FILES for name in [*graphs(path)][:6]]


class Place(NamedTuple):
    """What something takes up, in points; `text` is what it says, if it does."""

    left: float
    top: float
    right: float
    bottom: float
    text: str = ""

    def meets(self, other: Place) -> bool:
        across = self.left < other.right - ROUNDED and other.left < self.right - ROUNDED
        return across and self.top < other.bottom - ROUNDED and other.top < self.bottom - ROUNDED

    def holds(self, other: Place) -> bool:
        inside = self.left <= other.left + ROUNDED and other.right <= self.right + ROUNDED
        return inside and self.top <= other.top + ROUNDED and other.bottom <= self.bottom + ROUNDED


def texts(group: ElementTree.Element) -> Iterator[Place]:
    for each in group.iter(f"{SVG}text"):
        size, words = float(each.attrib["font-size"]), each.text or ""
        width = text_width(words, size, each.get("font-weight") == "bold")
        x, y = float(each.attrib["x"]), float(each.attrib["y"])
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[each.attrib["text-anchor"]]
        yield Place(left, y - 0.75 * size, left + width, y + 0.2 * size, words)


def shapes(group: ElementTree.Element) -> Iterator[Place]:
    for each in group:
        numbers = list(map(float, NUMBER.findall(each.get("d", each.get("points", "")))))
        if each.tag == f"{SVG}ellipse":
            x, y, across, along = (float(each.attrib[name]) for name in ("cx", "cy", "rx", "ry"))
            yield Place(x - across, y - along, x + across, y + along)
        elif numbers and each.get("stroke") not in ("none", "transparent"):
            yield Place(
                min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])
            )


def points(group: ElementTree.Element) -> Iterator[Place]:
    """Points on the curves of an edge."""
    for path in group.iter(f"{SVG}path"):
        numbers = list(map(float, NUMBER.findall(path.attrib["d"])))
        ends = list(zip(numbers[::2], numbers[1::2], strict=True))
        for start in range(0, len(ends) - 3, 3):
            for turn in range(21):
                t, u = turn / 20, 1 - turn / 20
                weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
                curve = list(zip(weights, ends[start : start + 4], strict=True))
                x, y = (sum(weight * end[axis] for weight, end in curve) for axis in (0, 1))
                yield Place(x, y, x, y)


@pytest.fixture(autouse=True)
def font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FONTCONFIG_FILE", surroundings(tmp_path)["FONTCONFIG_FILE"])


def layout(graph: Graph) -> dict[str, list[ElementTree.Element]]:
    """The groups of a figure by their class, in its natural size."""
    text, diagnostics = diagram(graph, Choice(), Look())
    assert not diagnostics
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picture = pygraphviz.AGraph(string=text).draw(format="svg", prog="dot")
    groups: dict[str, list[ElementTree.Element]] = {"cluster": [], "node": [], "edge": []}
    for group in ElementTree.fromstring(picture).iter(f"{SVG}g"):
        groups.get(group.get("class", ""), []).append(group)
    return groups


@pytest.mark.parametrize(("path", "name"), NETWORKS, ids=lambda part: getattr(part, "stem", part))
def test_words_are_clear_of_arrows_and_within_their_frames(path: Path, name: str) -> None:
    found = layout(graphs(path)[name])
    titles = [place for group in found["cluster"] for place in texts(group)]
    frames = [place for group in found["cluster"] for place in shapes(group)]
    curves = [point for group in found["edge"] for point in points(group)]
    crossed = [
        title.text
        for title, point in product(titles, curves)
        if title.left < point.left < title.right and title.top < point.top < title.bottom
    ]
    assert not crossed
    labels = [place for group in found["edge"] for place in texts(group)]
    leaving = [
        label.text
        for label, frame in product(labels, frames)
        if label.meets(frame) and not frame.holds(label)
    ]
    assert not leaving
    assert not [(a.text, b.text) for a, b in combinations([*titles, *labels], 2) if a.meets(b)]
    for group in found["node"]:
        for shape, word in product(shapes(group), texts(group)):
            assert shape.left <= word.left + ROUNDED, word
            assert word.right <= shape.right + ROUNDED, word
