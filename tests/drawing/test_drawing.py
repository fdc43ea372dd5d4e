"""From the text of a graph to a picture, whatever Graphviz does, or with none."""

from __future__ import annotations

import re
import time
import xml.etree.ElementTree as ElementTree
import zlib
from pathlib import Path

import pytest

from archdsl.diagnostics import Severity
from archdsl.drawing import render
from archdsl.drawing.engines import CHILD
from archdsl.fonts import FAMILY, FOLDER

SVG = "{http://www.w3.org/2000/svg}"
FORMS = ["svg", "png", "pdf"]
SMALL = 'digraph { rankdir=LR; node [shape=box]; a -> b [label="256×56²"] }'
BOLD = "digraph { a [label=<<b>bottleneck</b>>] }"


def picture(text: str, form: str, **options: object) -> bytes:
    """The picture of a graph that nothing is said of."""
    content, diagnostics = render(text, form, **options)
    assert diagnostics == []
    return content


def pixels(text: str) -> tuple[int, int, int]:
    """Width and height of a PNG, and how many values its bytes have."""
    content = picture(text, "png")
    assert content.startswith(b"\x89PNG")
    width, height = (int.from_bytes(content[i : i + 4], "big") for i in (16, 20))
    chunks, place = b"", 8
    while place < len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        if content[place + 4 : place + 8] == b"IDAT":
            chunks += content[place + 8 : place + 8 + length]
        place += 12 + length
    return width, height, len(set(zlib.decompress(chunks)))


def test_an_svg_has_its_text_as_text_and_its_font_within() -> None:
    root = ElementTree.fromstring(picture(SMALL, "svg", letters="font"))
    assert sorted(str(text.text) for text in root.iter(f"{SVG}text")) == ["256×56²", "a", "b"]
    assert root.get("font-family", "").startswith(FAMILY)
    assert {text.get("font-family") for text in root.iter(f"{SVG}text")} == {None}
    (style,) = root.iter(f"{SVG}style")
    assert (style.text or "").count("@font-face") == 1
    assert "font-weight:normal" in (style.text or "")


def test_an_svg_carries_the_weights_that_it_uses() -> None:
    assert b"font-weight:bold;src" in picture(BOLD, "svg", letters="font")
    assert b"font-weight:normal;src" not in picture(BOLD, "svg", letters="font")
    both = picture("digraph { a -> b [label=<x<b>y</b>>] }", "svg", letters="font")
    assert both.count(b"@font-face") == 2
    assert b"<style" not in picture('digraph { a [label=""] }', "svg", letters="font")


@pytest.mark.parametrize("letters", ["outlines", "font"])
def test_an_svg_is_small_and_names_no_program_and_no_other_place(letters: str) -> None:
    content = picture(BOLD, "svg", letters=letters)
    assert len(content) < 20_000
    assert b"<!" not in content
    assert b"raphviz" not in content
    places = set(re.findall(rb"\w+://[^\"]*", content))
    assert places == {b"http://www.w3.org/2000/svg", b"http://www.w3.org/1999/xlink"}


@pytest.mark.parametrize("letters", ["outlines", "font"])
def test_user_text_stays_text(letters: str) -> None:
    text = r'digraph { a [label="</text><script>\" font-family=\"x\"  <!-- & -->"] }'
    root = ElementTree.fromstring(picture(text, "svg", letters=letters))
    shown = [one.text for one in root.iter(f"{SVG}text")]
    assert shown == ['</text><script>" font-family="x"  <!-- & -->']


def test_a_pdf_carries_the_font_in_both_weights() -> None:
    content = picture("digraph { a -> b [label=<<b>bold</b>>] }", "pdf")
    assert content.startswith(b"%PDF-")
    fonts = set(re.findall(rb"/BaseFont /[A-Z]{6}\+(\S+)", content))
    assert fonts == {b"FiraSansCondensed-Regular", b"FiraSansCondensed-Bold"}
    assert b"/FontFile" in content
    assert b"Date" not in content


def test_a_png_has_text() -> None:
    blank = pixels('digraph { a [shape=none, label=" ", width=2, fixedsize=true] }')
    named = pixels('digraph { a [shape=none, label="bottleneck", width=2, fixedsize=true] }')
    assert blank[:2] == named[:2]
    assert named[2] > blank[2] + 20


def test_a_magnified_graph_has_a_picture_of_the_same_size() -> None:
    small = 'digraph { a [shape=box, label="", width=1, height=0.5, margin=0] }'
    large = 'digraph { pad=0.2222; a [shape=box, label="", width=4, height=2, margin=0] }'
    for form in ("svg", "png"):
        sizes = {size(picture(small, form)), size(picture(large, form, magnified=4))}
        assert len(sizes) == 1, sizes


def size(content: bytes) -> tuple[float, ...]:
    """Width and height of an SVG, in points, or of a PNG, in pixels, to about one per cent."""
    if content.startswith(b"\x89PNG"):
        return tuple(round(int.from_bytes(content[i : i + 4], "big") / 4) for i in (16, 20))
    root = ElementTree.fromstring(content)
    texts = (root.get(name, "").removesuffix("pt") for name in ("width", "height"))
    return tuple(round(float(text)) for text in texts)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_graph_has_the_same_bytes_on_every_machine(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = picture(BOLD, form)
    configuration = tmp_path / "fonts.conf"
    configuration.write_text("<fontconfig></fontconfig>")
    surroundings = {
        "FONTCONFIG_FILE": str(configuration),
        "HOME": str(tmp_path / "none"),
        "LANG": "tr_TR.UTF-8",
        "PYTHONHASHSEED": "77",
        "SOURCE_DATE_EPOCH": "1700000000",
        "TZ": "Asia/Tokyo",
    }
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    # A second later, so that a time would show.
    time.sleep(1.1)
    monkeypatch.chdir(tmp_path)
    assert picture(BOLD, form) == before


def test_every_box_has_its_name_where_another_has_a_label() -> None:
    content = picture('digraph { a -> b; c [label="other"] }', "svg").decode()
    assert re.findall(r">([^<>\n]+)</text>", content) == ["a", "b", "other"]


def test_nothing_planted_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pygraphviz", "resource", "signal", "typing"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(9)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert picture(SMALL, "svg")


def test_the_child_knows_nothing_of_the_compiler() -> None:
    text = CHILD.read_text(encoding="utf-8")
    assert "import archdsl" not in text
    assert "from archdsl" not in text


def test_a_warning_is_a_note_beside_the_picture() -> None:
    text = 'digraph { node [fixedsize=true, width=0.1]; a [label="long name"]; b [label="longer"] }'
    content, (note,) = render(text, "svg")
    assert content
    assert (note.code, note.severity) == ("N0941", Severity.NOTE)
    assert "too small for label" in note.message
    assert "(and 1 more like it)" in note.message


def test_nothing_leaks_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    render("digraph {", "svg")
    render('digraph { a [fixedsize=true, width=0.1, label="long name"] }', "png")
    assert capfd.readouterr() == ("", "")


def test_nothing_is_left_behind_and_nothing_written_beside_the_font(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = sorted(FOLDER.iterdir())
    picture(SMALL, "pdf")
    render("digraph {", "svg")
    assert [*tmp_path.iterdir()] == []
    assert sorted(FOLDER.iterdir()) == before
