"""Letters as outlines: each in its place, before the text that it shows."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from unicodedata import normalize

import pytest

from archdsl.drawing import render
from archdsl.fonts import outline, text_width

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
SIZE = 14.0
"""What Graphviz takes where a graph says nothing."""
MIXED = "a Привет, мир 本 b"


def parts(label: str) -> list[ElementTree.Element]:
    """The outlines and texts of a picture of one box."""
    picture, diagnostics = render(f"digraph {{ a [label=<{label}>] }}", "svg")
    assert not diagnostics
    node = ElementTree.fromstring(picture).find(f"{SVG}g/{SVG}g[@class='node']")
    assert node is not None
    return [part for part in node if part.tag in (f"{SVG}g", f"{SVG}text")]


def letters(glyphs: ElementTree.Element) -> list[tuple[str, float]]:
    """The letters that a group draws, and where each begins, in points from the first."""
    size = float(re.findall(r"scale\((.*?)\)", glyphs.get("transform", ""))[0]) * 1000
    found = []
    for use in glyphs:
        letter = chr(int(use.get(HREF, "").removeprefix("#")[1:], 16))
        found.append((letter, float(use.get("x", "0")) / 1000 * size))
    return found


@pytest.mark.parametrize("bold", [False, True])
def test_every_letter_has_its_outline_where_it_belongs(bold: bool) -> None:
    words = "conv 3×3, /2 ²é"
    glyphs, text = parts(f"<b>{words}</b>" if bold else words)
    assert text.text == words
    expected = [
        (letter, text_width(words[:index], SIZE, bold))
        for index, letter in enumerate(words)
        if letter != " "
    ]
    for (letter, place), (wanted, there) in zip(letters(glyphs), expected, strict=True):
        assert letter == wanted
        assert place == pytest.approx(there, abs=0.01)
    width = text_width(words, SIZE, bold)
    assert float(text.get("textLength", "0")) == pytest.approx(width, abs=0.01)
    assert {use.get(HREF, "")[:2] for use in glyphs} == {"#b" if bold else "#r"}


def test_text_is_invisible_selectable_and_one_for_a_line() -> None:
    """Browsers find what stands in one text, and copy it as one line."""
    found = parts('<b>title</b><font point-size="9"> beside</font><br/>below')
    tags = [part.tag.removeprefix(SVG) for part in found]
    assert tags == ["g", "g", "text", "g", "text"]
    texts = [part for part in found if part.tag == f"{SVG}text"]
    assert ["".join(text.itertext()) for text in texts] == ["title beside", "below"]
    for text in texts:
        assert (text.get("fill"), text.get("pointer-events")) == ("none", "all")
    title, beside = texts[0]
    assert (title.get("font-weight"), title.get("font-size")) == ("bold", "14")
    assert (beside.get("font-weight"), beside.get("font-size")) == (None, "9")
    end = float(title.get("x", "0")) + float(title.get("textLength", "0"))
    assert float(beside.get("x", "0")) == pytest.approx(end, abs=1)


def test_what_stands_apart_is_no_line() -> None:
    cells = '<table border="0" cellspacing="9"><tr><td>a</td><td>b</td></tr></table>'
    texts = [part for part in parts(cells) if part.tag == f"{SVG}text"]
    assert [text.text for text in texts] == ["a", "b"]


def test_outlines_are_defined_once_and_only_those_that_are_drawn() -> None:
    picture, _ = render("digraph { a [label=<aab<b>a</b>>] }", "svg")
    root = ElementTree.fromstring(picture)
    paths = root.findall(f"{SVG}defs/{SVG}path")
    assert [path.get("id") for path in paths] == ["b61", "r61", "r62"]
    assert [path.get("d") for path in paths] == [outline("a", True), outline("a"), outline("b")]


def test_blank_text_is_left_out_and_double_spaces_stay() -> None:
    picture, _ = render('digraph { a [label=" "]; b [label=< <b> </b>>] }', "svg")
    assert b"<text" not in picture
    assert len(parts("&#160;<b>a</b>&#160;")) == 2
    _, text = parts("x  y&#160;z")
    assert text.text == "x  y\xa0z"
    assert text.get("xml:space") or text.get("{http://www.w3.org/XML/1998/namespace}space")


def test_an_accent_of_its_own_is_drawn_with_its_letter_and_stays_in_the_text() -> None:
    words = normalize("NFD", "née")
    picture, _ = render(f"digraph {{ a [label=<{words}>] }}", "svg")
    root = ElementTree.fromstring(picture)
    assert [text.text for text in root.iter(f"{SVG}text")] == [words]
    drawn = [use.get(HREF) for use in root.iter(f"{SVG}use")]
    assert drawn == ["#r6e", "#r65-301", "#r65"]
    (path,) = [each for each in root.iter(f"{SVG}path") if each.get("id") == "r65-301"]
    assert path.get("d") == outline("é")


def test_what_the_font_lacks_stays_visible_text_in_words() -> None:
    glyphs, text = parts(MIXED)
    assert "".join(text.itertext()) == MIXED
    assert [letter for letter, _ in letters(glyphs)] == ["a", ",", "b"]
    shown = [(part.text, part.get("fill", "none")) for part in text]
    assert shown == [
        ("a ", "none"),
        ("Привет", "black"),
        (", ", "none"),
        ("мир ", "black"),
        ("本", "black"),
        (" b", "none"),
    ]
    assert text.get("fill") == "none"
    starts = [float(part.get("x", "0")) for part in text]
    widths = [float(part.get("textLength", "0")) for part in text]
    for start, width, following in zip(starts, widths, starts[1:], strict=False):
        assert start + width == pytest.approx(following, abs=0.01)


def test_letters_of_east_asia_are_set_so_small_that_they_fit() -> None:
    picture, _ = render("digraph { a [label=<本本>] }", "svg")
    (part,) = ElementTree.fromstring(picture).iter(f"{SVG}tspan")
    # Each is as wide as it is high, in every font.
    assert 2 * float(part.get("font-size", "0")) == pytest.approx(
        text_width("本本", SIZE), abs=0.01
    )
