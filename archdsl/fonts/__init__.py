"""The font of every diagram: its files, its outlines, and how wide a text is in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import category, east_asian_width, normalize

FOLDER = Path(__file__).resolve().parent
FAMILY = "Fira Sans Condensed"
"""The only font that a diagram is drawn with, whatever its text asks for."""
MAGNIFICATION = 4
"""A graph to be drawn is written so many times as large, and its picture made as much smaller.

Graphviz makes every letter a whole number of dots wide, 96 to the inch. Small text would be
badly spaced, and up to a fifth wider or narrower than `text_width` says.
"""


UNITS = 1000
"""The font's size in which outlines are given."""


def font_file(bold: bool, suffix: str) -> Path:
    """The file of one weight: `ttf` for programs, `woff2` for what browsers open."""
    return FOLDER / f"FiraSansCondensed-{'Bold' if bold else 'Regular'}.{suffix}"


def text_width(text: str, points: float, bold: bool = False) -> float:
    """How wide one line of text is, in points, where its letters are `points` high.

    The font has neither kerning nor ligatures. A letter that it lacks is about as wide as in
    other fonts, and an accent that is a character of its own has no width.
    """
    widths = _table("widths.json")["bold" if bold else "regular"]
    return points * sum(widths.get(letter) or _missing(letter, bold) for letter in text)


def outline(text: str, bold: bool = False) -> str | None:
    """The outline of a letter as the data of an SVG path, where the font's size is `UNITS`.

    It is empty for a space, and None for a letter that the font lacks. An accent may be a
    character of its own.
    """
    return _table("glyphs.json")["bold" if bold else "regular"].get(normalize("NFC", text))


def is_mark(letter: str) -> bool:
    """Whether a character has no place of its own, as an accent that is set over a letter."""
    return category(letter) in ("Mn", "Me", "Cf")


def _missing(letter: str, bold: bool) -> float:
    """About the width in other fonts, and no more than Graphviz takes for what it does not find."""
    if is_mark(letter):
        return 0.0
    if east_asian_width(letter) in "WF":
        return 0.96 if ord(letter) > 0xFFFF else 0.69
    return 0.66 if bold else 0.62


@cache
def _table(name: str) -> Mapping[str, Mapping[str, Any]]:
    """What one of the JSON files says of every letter, by weight."""
    table: dict[str, dict[str, Any]] = json.loads(FOLDER.joinpath(name).read_text(encoding="utf-8"))
    return table
