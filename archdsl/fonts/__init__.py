"""The font of every diagram, and how wide a text is in it, before anything is laid out."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
FAMILY = "Fira Sans Condensed"
"""The only font that a diagram is drawn with, whatever its text asks for."""
MAGNIFICATION = 4
"""A graph to be drawn is written so many times as large, and its picture made as much smaller.

Graphviz makes every letter a whole number of dots wide, 96 to the inch. Small text would be
badly spaced, and up to a fifth wider or narrower than `text_width` says.
"""


def font_file(bold: bool, suffix: str) -> Path:
    """The file of one weight: `ttf` for programs, `woff2` for what browsers open."""
    return FOLDER / f"FiraSansCondensed-{'Bold' if bold else 'Regular'}.{suffix}"


def text_width(text: str, points: float, bold: bool = False) -> float:
    """How wide one line of text is, in points, where its letters are `points` high.

    The font has neither kerning nor ligatures. A letter that it lacks counts as a wide digit.
    """
    widths = _widths()["bold" if bold else "regular"]
    missing = max(widths[digit] for digit in "0123456789")
    return points * sum(widths.get(letter, missing) for letter in text)


@cache
def _widths() -> dict[str, dict[str, float]]:
    """The width of every letter, by weight, where the font's size is 1."""
    text = FOLDER.joinpath("widths.json").read_text(encoding="utf-8")
    table: dict[str, dict[str, float]] = json.loads(text)
    return table
