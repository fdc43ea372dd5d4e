"""Pictures in programs that show SVG, on machines that have one font, which is too wide.

With a narrow font installed, text that is set in another font than ours looks right by luck.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy
import pytest
from PIL import Image

from archdsl.backends.diagram import Choice, Look
from archdsl.drawing import render
from archdsl.drawing.finish import LetterForm
from archdsl.pictures import picture
from tests.helpers.paths import SPECS
from tests.helpers.pipeline import graphs
from tests.helpers.svg_readers import EVEN_WIDER, READERS, SCALE, WIDE

Reader = Callable[[bytes, Path, str], Image.Image]

SVG = "{http://www.w3.org/2000/svg}"
DARK = 128
"""Ink is darker than this; what lies between is the soft edge of a letter."""
PIXELS = SCALE * 96 / 72
"""So many pixels are a point."""

each_reader = pytest.mark.parametrize("reader", READERS.values(), ids=list(READERS))


@cache
def resnet(letters: LetterForm) -> bytes:
    """A figure with cards, insets and a legend."""
    graph = graphs(SPECS / "resnet.arch")["resnet50"]
    content, diagnostics = picture(graph, "svg", Choice(), Look(), letters=letters)
    assert not diagnostics
    return content


def only_words(svg: bytes) -> tuple[bytes, list[tuple[float, ...]]]:
    """An SVG with the words of its boxes alone, in black, and where the boxes are, in pixels."""
    root = ElementTree.fromstring(svg)
    (whole,) = [group for group in root.findall(f"{SVG}g") if group.get("class") == "graph"]
    scale = float(root.get("viewBox", "").split()[2]) / float(root.get("width", "")[:-2]) / PIXELS
    dx, dy = map(float, whole.get("transform", "").split("translate(")[1][:-1].split())
    boxes = []
    for group in [*whole]:
        shape = group.find(f"{SVG}path") if group.get("class") == "node" else None
        shape = group.find(f"{SVG}polygon") if shape is None else shape
        if shape is None or group.get("class") != "node":
            whole.remove(group)
            continue
        numbers = shape.get("points") or shape.get("d", "").translate(str.maketrans("MC", "  "))
        points = [tuple(map(float, pair.split(","))) for pair in numbers.split()]
        xs, ys = [(x + dx) / scale for x, _ in points], [(y + dy) / scale for _, y in points]
        boxes.append((min(xs), min(ys), max(xs), max(ys)))
        group.remove(shape)
    for part in root.iter():
        if part.get("fill", "none") != "none":
            part.set("fill", "#000000")
    assert len(boxes) >= 10
    return ElementTree.tostring(root), boxes


def spilled(reader: Reader, letters: LetterForm, folder: Path) -> tuple[int, int]:
    """How many dark pixels of the words of all boxes lie in no box, and in one."""
    words, boxes = only_words(resnet(letters))
    ink = numpy.asarray(reader(words, folder, WIDE).convert("L")) < DARK
    total = int(ink.sum())
    for left, top, right, bottom in boxes:
        ink[round(top) : round(bottom), round(left) : round(right)] = False
    outside = int(ink.sum())
    return outside, total - outside


@each_reader
def test_all_words_lie_in_their_boxes(reader: Reader, tmp_path: Path) -> None:
    outside, inside = spilled(reader, "outlines", tmp_path)
    assert (outside, inside > 5_000) == (0, True)


def test_words_in_another_font_do_not(tmp_path: Path) -> None:
    """The check above finds what is wrong, where a reader opens no font within an SVG."""
    outside, inside = spilled(READERS["rsvg"], "font", tmp_path)
    assert outside > inside / 50


@each_reader
def test_the_fonts_of_a_machine_change_no_pixel(reader: Reader, tmp_path: Path) -> None:
    one = reader(resnet("outlines"), tmp_path / "one", WIDE)
    other = reader(resnet("outlines"), tmp_path / "other", EVEN_WIDER)
    assert one.size == other.size
    assert one.tobytes() == other.tobytes()


def test_outlines_look_as_the_font_does(tmp_path: Path) -> None:
    """A browser opens the font, so it shows what the letters must be."""
    pictures = []
    for letters in ("outlines", "font"):
        # Else a browser makes every letter a whole number of pixels wide.
        svg = resnet(letters).replace(b"<svg ", b'<svg text-rendering="geometricPrecision" ')
        image = READERS["chromium"](svg, tmp_path / letters, WIDE).convert("L")
        # In a dot they differ by how edges are softened.
        size = image.width // 6, image.height // 6
        small = image.resize(size, Image.Resampling.BOX)
        pictures.append(numpy.asarray(small).astype(int))
    difference = numpy.abs(pictures[0] - pictures[1])
    assert difference.mean() < 1
    assert difference.max() < 40


@each_reader
def test_what_the_font_lacks_is_seen(reader: Reader, tmp_path: Path) -> None:
    ink = []
    for index, label in enumerate(("Щ", "&#160;")):
        svg, _ = render(f"digraph {{ a [shape=none, label=<a{label}b>] }}", "svg")
        image = reader(svg, tmp_path / str(index), WIDE).convert("L")
        ink.append(int((numpy.asarray(image) < DARK).sum()))
    assert ink[0] > ink[1] + 20
