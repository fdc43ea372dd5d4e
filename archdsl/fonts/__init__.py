"""The font of all diagrams: its files, the outlines of its letters, and the width of text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import category, east_asian_width, normalize

FOLDER = Path(__file__).resolve().parent
FAMILY = "Fira Sans Condensed"
"""The only font that diagrams are drawn with."""
MAGNIFICATION = 4
"""Scale of a graph when it is drawn; the picture is scaled down by the same factor.

Graphviz rounds the width of letters to whole dots, 96 to the inch. Small text would be badly
spaced, and up to a fifth wider or narrower than `text_width`.
"""
LEAST_POINTS, GREATEST_POINTS = 5, 60
"""How high letters may be, in points.

Pictures are drawn magnified: Graphviz ignores a size above 255, and warns of tiny tables.
"""
UNITS = 1000
"""The font's size in which outlines are given."""


def font_file(bold: bool, suffix: str) -> Path:
    """The file of one weight: `ttf` for programs, `woff2` for browsers."""
    return FOLDER / f"FiraSansCondensed-{'Bold' if bold else 'Regular'}.{suffix}"


def text_width(text: str, points: float, bold: bool = False) -> float:
    """The width of one line of text in points, at a font size in points.

    The font has neither kerning nor ligatures. The width of a letter that it lacks is an estimate
    for other fonts; a combining accent has no width.
    """
    widths = _table("widths.json")["bold" if bold else "regular"]
    return points * sum(widths.get(letter) or _missing(letter, bold) for letter in text)


def outline(text: str, bold: bool = False) -> str | None:
    """The outline of a letter as the data of an SVG path, where the font's size is `UNITS`.

    It is empty for a space, and None for a letter that the font lacks. An accent may be a
    combining character.
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
    """One of the JSON files: a value for every letter, by weight."""
    table: dict[str, dict[str, Any]] = json.loads(FOLDER.joinpath(name).read_text(encoding="utf-8"))
    return table
