"""Pictures of networks: their words, whatever these hold, and what is said beside them."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.backends.diagram import Choice, Look
from archdsl.cli import main
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
        "layer2: bottleneck ×4\nin 256, then 512\nstride 2, then 1\nwidth 128\nnorm bn\nact relu\n"
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


# --- from Python ---


@cache
def resnet50() -> archdsl.Network:
    return archdsl.read(SPECS / "resnet.arch")["resnet50"]


def test_python_draws_what_the_command_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["--depth", "1", "--theme", "mono", "--width", "175mm", "--label", "layer1=Stage 1"]
    options = [*asked, "--expand-type", "bottleneck", "--no-legend", "--direction", "LR"]
    command = ["draw", str(SPECS / "resnet.arch:resnet50"), "-o", "a.svg", *options]
    assert CliRunner().invoke(main, command).exit_code == 0
    resnet50().draw(
        "b.svg",
        depth=1,
        theme="mono",
        width="175mm",
        labels={"layer1": "Stage 1"},
        expand_type="bottleneck",
        legend=False,
        direction="LR",
    )
    assert Path("a.svg").read_bytes() == Path("b.svg").read_bytes()


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("a.gif", {}, "E0924"),
        ("a.dot", {"labels": {"layr1": "x"}}, "E0945"),
        ("a.dot", {"expand": "layr1"}, "E0914"),
        ("mine.dot", {}, "E0925"),
    ],
)
def test_what_cannot_be_drawn_is_an_error_of_the_spec(
    tmp_path: Path, name: str, options: dict[str, Any], code: str
) -> None:
    (tmp_path / "mine.dot").write_text("my notes")
    with pytest.raises(archdsl.SpecError) as caught:
        resnet50().draw(tmp_path / name, **options)
    assert [each.code for each in caught.value.diagnostics] == [code]
    assert [each.name for each in tmp_path.iterdir()] == ["mine.dot"]


@pytest.mark.parametrize(
    "options",
    [{"theme": "blue"}, {"direction": "BT"}, {"width": "wide"}, {"width": 0.1}, {"font_size": 1},
     {"depth": 0}, {"labels": {"layer1": "\x00"}},
     {"depth": 1, "full": True}, {"text": "words"}, {"text": "font"}],
    ids=str,
)  # fmt: skip
def test_what_is_no_value_of_an_option_is_told(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        resnet50().draw(tmp_path / "a.dot", **options)
    assert not [*tmp_path.iterdir()]
