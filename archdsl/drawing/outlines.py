"""Letters of an SVG as outlines, so that they look right in every program and with any fonts.

Most programs open no font within an SVG, and take another one, which is wider. So every letter is
drawn by a `<use>` of its outline. The text stays where it was, in front of its outlines and
invisible, so that it can be searched, selected, copied and read aloud. What stands in one line is
one text, whatever its weights and sizes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate
from xml.etree.ElementTree import Element

from archdsl.drawing.elements import element
from archdsl.drawing.runs import LetterRun, TextPiece
from archdsl.fonts import UNITS, outline, text_width

INVISIBLE = {"fill": "none", "pointer-events": "all"}
"""A text that is not drawn and can be selected. Programs that ignore opacity know `none`."""
NEAR = 0.2
"""A piece belongs to the line before it where the gap is less than this, in units of its size."""


def draw_letters(root: Element) -> None:
    """Draw all text of an SVG by outlines, which are defined at its beginning."""
    used: dict[str, str] = {}
    for parent in [*root.iter()]:
        if parent.find("text") is not None:
            parent[:] = [each for line in _lines(parent) for each in _drawn(line, used)]
    if used:
        definitions = element("defs")
        definitions.extend(element("path", id=name, d=used[name]) for name in sorted(used))
        definitions.tail = "\n"
        root.insert(0, definitions)


def _lines(parent: Element) -> Iterator[list[TextPiece] | Element]:
    """The content of an element, its text by lines."""
    line: list[TextPiece] = []
    for child in [*parent]:
        piece = TextPiece.of(child) if child.tag == "text" else None
        if piece and line and _continues(line[-1], piece):
            line.append(piece)
            continue
        if line:
            yield line
        line = [piece] if piece else []
        if piece is None:
            yield child
    if line:
        yield line


def _continues(before: TextPiece, piece: TextPiece) -> bool:
    gap = piece.x - before.x - before.width
    return before.y == piece.y and abs(gap) < NEAR * piece.size


def _drawn(line: list[TextPiece] | Element, used: dict[str, str]) -> Iterator[Element]:
    """The outlines of one line, then the line itself, invisible; nothing where it is blank."""
    if isinstance(line, Element):
        yield line
        return
    seen = [index for index, piece in enumerate(line) if not piece.is_blank]
    if not seen:
        return
    pieces = line[seen[0] : seen[-1] + 1]
    for piece in pieces:
        place = f"translate({piece.x:g} {piece.y})scale({piece.size / UNITS:g})"
        glyphs = element("g", fill=piece.color, transform=place)
        glyphs.extend(_uses(piece, used))
        if len(glyphs):
            yield glyphs
    yield _text(pieces)


def _uses(piece: TextPiece, used: dict[str, str]) -> Iterator[Element]:
    """A reference for every letter that has an outline, which is noted in `used`."""
    for run in piece.runs:
        widths = [text_width(letter, UNITS, piece.bold) for letter in run.letters]
        places = accumulate(widths, initial=run.start * UNITS)
        for letter, place in zip(run.letters, places, strict=False):
            path = outline(letter, piece.bold) if run.is_known else None
            if path:
                code = "-".join(f"{ord(character):x}" for character in letter)
                name = f"{'b' if piece.bold else 'r'}{code}"
                used[name] = path
                yield element("use", xlink_href=f"#{name}", **{"x": f"{place:g}"} if place else {})


def _text(pieces: Iterable[TextPiece]) -> Element:
    """A line as text: a single element where it is alike all over, else with a part for each."""
    parts: list[Element] = []
    y = ""
    for piece in pieces:
        y = piece.y
        if piece.is_blank:
            # It only parts words: the next piece has a place of its own.
            parts[-1].text = f"{parts[-1].text}{piece.words}"
        else:
            parts += [_part(piece, run) for run in piece.runs]
    if len(parts) == 1 and "fill" not in parts[0].attrib:
        (text,) = parts
        text.tag = "text"
    else:
        text = element("text")
        text.extend(parts)
    text.attrib, text.tail = {"y": y, **text.attrib, **INVISIBLE}, "\n"
    if any(part.text != " ".join((part.text or "").split()) for part in parts):
        text.set("xml:space", "preserve")
    return text


def _part(piece: TextPiece, run: LetterRun) -> Element:
    """Letters of a line, as wide as their outlines; those that the font lacks are seen."""
    part = element("tspan", "".join(run.letters), x=f"{piece.x + run.start * piece.size:g}")
    if piece.bold:
        part.set("font-weight", "bold")
    part.set("font-size", f"{piece.size * run.shrunk:g}")
    if not run.is_known:
        part.set("fill", piece.color)
    part.set("textLength", f"{run.width * piece.size:.6g}")
    part.set("lengthAdjust", "spacingAndGlyphs")
    return part
