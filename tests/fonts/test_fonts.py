"""The font that ships, and the widths of texts in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archdsl.drawing.engines import find
from archdsl.drawing.process import run, surroundings
from archdsl.fonts import FOLDER, MAGNIFICATION, font_file, outline, text_width
from tools.subset_fonts import tables

PRINTABLE = [chr(code) for code in range(0x20, 0x7F)]
LATIN = [chr(code) for code in range(0xA0, 0x100)]
SIGNS = "×·→←↑↓²³‖–—…≥≤∞"
TEXTS = [
    "bottleneck",
    "256×56²",
    "conv 3×3, 64 → 256",
    "global_avgpool",
    "25.6M parameters · 4.09G MACs",
    "1,000 ≥ 999 … ∞ ‖",
]
MISSING = ["本⊕Щ", "😀"]


def test_a_width_is_the_sum_of_its_letters() -> None:
    assert text_width("", 10) == 0
    assert text_width("n", 1000) == pytest.approx(527)
    assert text_width("W", 1000) == pytest.approx(749)
    assert text_width("n", 1000, bold=True) == pytest.approx(524)
    assert text_width("nWn", 7) == pytest.approx(7 * (2 * 0.527 + 0.749))


def test_the_font_has_every_letter_that_a_diagram_shows() -> None:
    for weight in json.loads((FOLDER / "widths.json").read_text(encoding="utf-8")).values():
        assert set(weight) >= {*PRINTABLE, *LATIN, *SIGNS}


def test_an_accent_of_its_own_has_no_width() -> None:
    assert text_width("e\u0301", 10) == text_width("e", 10)


def test_every_letter_has_an_outline_and_no_other() -> None:
    for bold in (False, True):
        for letter in [*PRINTABLE, *LATIN, *SIGNS]:
            assert (outline(letter, bold) == "") is (letter in " \xa0"), letter
        assert outline("⊕", bold) is None
        assert outline("本", bold) is None


def test_the_tables_are_those_of_the_fonts_that_ship() -> None:
    for name, text in tables().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, name


def test_the_files_are_small_and_their_licence_is_with_them() -> None:
    for bold in (False, True):
        for suffix in ("ttf", "woff2"):
            assert 5_000 < font_file(bold, suffix).stat().st_size < 30_000
    assert "SIL OPEN FONT LICENSE" in (FOLDER / "OFL.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("points", [7, 8, 9, 12])
@pytest.mark.parametrize("bold", [False, True])
def test_graphviz_measures_the_same_widths(tmp_path: Path, points: float, bold: bool) -> None:
    size = points * MAGNIFICATION
    labels = [f"<<b>{text}</b>>" if bold else f'"{text}"' for text in TEXTS]
    nodes = "".join(f"{i} [label={label}];" for i, label in enumerate(labels))
    dot = f"digraph {{ node [fontsize={size}]; {nodes} }}"
    for text, width in measured(tmp_path, dot):
        assert width / MAGNIFICATION == pytest.approx(text_width(text, points, bold), rel=0.02)


@pytest.mark.parametrize("bold", [False, True])
def test_what_the_font_lacks_is_no_wider_than_graphviz_takes_it(tmp_path: Path, bold: bool) -> None:
    """What stands behind it then never lies over it. Graphviz rounds at small sizes."""
    labels = [f"<<b>{text}</b>>" if bold else f'"{text}"' for text in MISSING]
    nodes = "".join(f"{i} [label={label}];" for i, label in enumerate(labels))
    for text, width in measured(tmp_path, f"digraph {{ node [fontsize=36]; {nodes} }}"):
        assert text_width(text, 36, bold) <= width * 1.01 <= 1.5 * text_width(text, 36, bold)


def measured(folder: Path, dot: str) -> list[tuple[str, float]]:
    """The texts of a graph, and how wide each is for Graphviz."""
    command, _ = find("json", "pygraphviz", 20)
    outcome = run(command, dot.encode(), 20, folder, surroundings(folder))
    drawn = [one for node in json.loads(outcome.output)["objects"] for one in node["_ldraw_"]]
    found = [(one["text"], one["width"]) for one in drawn if one["op"] == "T"]
    assert len(found) in (len(TEXTS), len(MISSING))
    return found
