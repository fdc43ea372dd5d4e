"""Pictures of networks: their words, whatever these hold, and what is said beside them."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from archdsl.backends.diagram import Choice, Look
from archdsl.driver import read
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.pictures import picture
from archdsl.source import Source
from tests.helpers.paths import ROOT, SPECS
from tests.helpers.pipeline import graphs

FULL = Choice(full=True)
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    r"\Net",
    r"\Gamma",
    r"x\\y",
    r"\L\T\E\H",
    r"a\nb\lc\rd",
    r"end\\",
    r"\\\\server",
    "&amp;",
    "R&D &lt;",
    "&#65;&bsol;N",
    "<b>x</b>",
    "]]>",
    "<!-- x -->",
    "it's",
    "two  spaces",
    "β ‖ ×",
    "本 Щ",
    "%s |",
    "</title>",
]
"""Labels that mean something to Graphviz, to XML, or to Python."""


def network(text: str) -> Graph:
    found, diagnostics = read(Source("net.arch", text), finder(SPECS))
    assert not diagnostics, diagnostics
    (graph,) = found.values()
    return graph


def drawn(graph: Graph, choice: Choice = FULL, **options: str) -> ElementTree.Element:
    svg, diagnostics = picture(graph, "svg", choice, Look(), **options)
    assert not diagnostics
    return ElementTree.fromstring(svg)


def texts(root: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def titles(root: ElementTree.Element) -> list[str]:
    return [str(title.text) for title in root.iter(f"{SVG}title")]


@pytest.mark.parametrize("letters", ["outlines", "font"])
def test_labels_are_shown_as_they_were_written(letters: str) -> None:
    """In a box, in its tooltip, in the description of the whole, and over a frame."""
    layers = " -> ".join(f'"{label}": conv(3, 1)' for label in HOSTILE)
    frames = " -> ".join(f'"in {label}": (a: conv(3, 1) -> b: conv(3, 1))' for label in HOSTILE)
    root = drawn(network(f"network n: [3, 8, 8] = {layers} -> {frames}"), letters=letters)
    words, said = texts(root), titles(root)
    description = root.findtext(f"{SVG}desc") or ""
    for label in HOSTILE:
        assert f"{label} · 12 · 576" in words
        assert f"{label}: conv(3, 1)\n[3, 8, 8] -> [3, 8, 8]\n12 parameters, 576 MACs" in said
        assert f"conv 1×1, 3 ({label});" in description
        assert f"in {label}" in words
        assert f"in {label}\n[3, 8, 8] -> [3, 8, 8]\n24 parameters, 1,152 MACs" in said


def test_tooltips_say_what_a_box_is() -> None:
    said = titles(drawn(graphs(SPECS / "resnet.arch")["resnet50"], Choice()))
    assert (
        "layer2: bottleneck ×4\nin 256, then 512\nstride 2, then 1\nwidth 128\n"
        "[256, 56, 56] -> [512, 28, 28]\n1,219,584 parameters, 1,027,604,480 MACs"
    ) in said
    assert "[256, 56, 56], skip" in said
    assert "input [3, 224, 224]" in said
    assert "output [1000]" in said


def test_no_name_of_graphviz_is_shown_and_every_part_says_something() -> None:
    root = drawn(graphs(SPECS / "googlenet.arch")["googlenet"], Choice())
    for group in root.iter(f"{SVG}g"):
        if group.get("class") in ("node", "edge"):
            assert group.findtext(f"{SVG}title")
    assert not [said for said in titles(root) if "cluster" in said or said.startswith("c0_")]


def test_a_picture_is_described_in_a_sentence() -> None:
    root = drawn(graphs(SPECS / "lenet.arch")["lenet5"])
    assert root.findtext(f"{SVG}title") == "lenet5 (lenet.arch)"
    description = root.findtext(f"{SVG}desc") or ""
    assert description.startswith("Network from input [1, 32, 32] to output [10] with 6")
    assert description.endswith(".")


def test_costs_that_depend_on_sizes_are_left_out_where_they_are_long() -> None:
    root = drawn(network("network n: [3, h, w] = conv(8, 3, stride=2) -> conv(8, 3, stride=3)"))
    assert all(len(line) < 100 for said in titles(root) for line in said.splitlines())


def test_the_same_bytes_for_another_hash_seed() -> None:
    program = (
        "import sys; from archdsl.backends.diagram import Choice, Look;"
        "from archdsl.pictures import picture; from tests.helpers.paths import SPECS;"
        "from tests.helpers.pipeline import graphs;"
        "graph = graphs(SPECS / 'densenet.arch')['densenet121'];"
        "sys.stdout.buffer.write(picture(graph, 'svg', Choice(), Look())[0])"
    )
    command, written = [sys.executable, "-c", program], set()
    for seed in ("1", "77"):
        surroundings = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        outcome = subprocess.run(command, env=surroundings, capture_output=True, check=True)
        written.add(outcome.stdout)
    (content,) = written
    assert content.startswith(b"<?xml")
