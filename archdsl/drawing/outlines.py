"""Letters of an SVG as outlines, so that they look right in every program and with any fonts.

Most programs open no font within an SVG, and take another one, which is wider. So every letter is
drawn by a `<use>` of its outline. The text stays where it was, in front of its outlines and
invisible, so that it can be found, selected, copied and read aloud.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, groupby
from unicodedata import east_asian_width
from xml.etree.ElementTree import Element

from archdsl.drawing.elements import element
from archdsl.fonts import UNITS, is_mark, outline, text_width

BEFORE = {"start": 0.0, "middle": 0.5, "end": 1.0}
"""How much of a text lies left of its position, by its anchor."""
INVISIBLE = {"fill": "none", "pointer-events": "all"}
"""A text that is not drawn and can be selected. Programs that ignore opacity know `none`."""


@dataclass(frozen=True)
class Run:
    """Letters of a line that the font has, or lacks; `start` and `width` where its size is 1."""

    letters: tuple[str, ...]
    start: float
    width: float
    is_known: bool
    is_square: bool

    @property
    def shrunk(self) -> float:
        """How much smaller letters are set so that they fit, as those of East Asia are squares."""
        letters = len([letter for letter in self.letters if letter != " "])
        return min(1.0, self.width / letters) if self.is_square else 1.0


def draw_letters(root: Element) -> None:
    """Draw all text of an SVG by outlines, which are defined at its beginning."""
    used: dict[str, str] = {}
    for parent in [*root.iter()]:
        if parent.find("text") is not None:
            parent[:] = [
                each
                for child in parent
                for each in (_drawn(child, used) if child.tag == "text" else [child])
            ]
    if used:
        definitions = element("defs")
        definitions.extend(element("path", id=name, d=used[name]) for name in sorted(used))
        definitions.tail = "\n"
        root.insert(0, definitions)


def runs(text: str, bold: bool) -> list[Run]:
    """A line as runs of letters that the font has, and of those that it lacks."""
    letters = _letters(text)
    kinds = [
        (outline(each, bold) is not None, east_asian_width(each[0]) in "WF") for each in letters
    ]
    for index in range(1, len(letters) - 1):
        # So that words stay in the order of their script.
        if letters[index] == " " and not (kinds[index - 1][0] or kinds[index + 1][0]):
            kinds[index] = kinds[index - 1]
    found: list[Run] = []
    start = 0.0
    for (is_known, is_square), group in groupby(
        zip(letters, kinds, strict=True), lambda both: both[1]
    ):
        run = tuple([letter for letter, _ in group])
        width = text_width("".join(run), 1, bold)
        found.append(Run(run, start, width, is_known, is_square and not is_known))
        start += width
    return found


def _letters(text: str) -> list[str]:
    """Characters, those without a place of their own together with the one before."""
    found: list[str] = []
    for character in text:
        if found and is_mark(character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _drawn(text: Element, used: dict[str, str]) -> Iterator[Element]:
    """The outlines of one line, then the line itself, invisible; nothing where it is blank."""
    words, bold = text.text or "", text.get("font-weight") == "bold"
    if not words.strip():
        return
    size, color = float(text.get("font-size", "14")), text.get("fill", "black")
    found = runs(words, bold)
    width = sum(run.width for run in found) * size
    x = float(text.get("x", "0")) - width * BEFORE[text.get("text-anchor", "start")]
    place = f"translate({x:g} {text.get('y', '0')})scale({size / UNITS:g})"
    glyphs = element("g", fill=color, transform=place)
    glyphs.extend(_uses(found, bold, used))
    if len(glyphs):
        yield glyphs
    _hide(text, x, words)
    if all(run.is_known for run in found):
        text.attrib |= _stretched(width)
    else:
        _show_unknown(text, found, color)
    yield text


def _uses(found: Iterable[Run], bold: bool, used: dict[str, str]) -> Iterator[Element]:
    """A reference for every letter that has an outline, which is noted in `used`."""
    for run in found:
        widths = [text_width(letter, UNITS, bold) for letter in run.letters]
        places = accumulate(widths, initial=run.start * UNITS)
        for letter, place in zip(run.letters, places, strict=False):
            path = outline(letter, bold) if run.is_known else None
            if path:
                name = f"{'b' if bold else 'r'}{'-'.join(f'{ord(each):x}' for each in letter)}"
                used[name] = path
                yield element("use", xlink_href=f"#{name}", **{"x": f"{place:g}"} if place else {})


def _hide(text: Element, x: float, words: str) -> None:
    """Make a line invisible."""
    for name in ("text-anchor", "xml:space"):
        text.attrib.pop(name, None)
    text.attrib |= {"x": f"{x:g}", **INVISIBLE}
    if words != " ".join(words.split()):
        text.set("xml:space", "preserve")


def _show_unknown(text: Element, found: Iterable[Run], color: str) -> None:
    """Show the letters of a line that the font lacks, in whatever font there is."""
    x, size = float(text.get("x", "0")), float(text.get("font-size", "14"))
    text.text = None
    for run in found:
        place = {"x": f"{x + run.start * size:g}", **_stretched(run.width * size)}
        part = element("tspan", "".join(run.letters), **place)
        if not run.is_known:
            part.set("fill", color)
        if run.shrunk < 1:
            part.set("font-size", f"{size * run.shrunk:g}")
        text.append(part)


def _stretched(width: float) -> dict[str, str]:
    """As wide as the outlines, so that what is selected is what is seen."""
    return {"textLength": f"{width:.6g}", "lengthAdjust": "spacingAndGlyphs"}
