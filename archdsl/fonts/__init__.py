"""The font of all diagrams, and the width of texts in it, known before layout."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
FAMILY = "Fira Sans Condensed"
"""The only font that diagrams are drawn with."""
MAGNIFICATION = 4
"""Scale of a graph when it is drawn; the picture is scaled down by the same factor.

Graphviz rounds the width of letters to whole dots, 96 to the inch. Small text would be badly
spaced, and up to a fifth wider or narrower than `text_width`.
"""


def font_file(bold: bool, suffix: str) -> Path:
    """The file of one weight: `ttf` for programs, `woff2` for browsers."""
    return FOLDER / f"FiraSansCondensed-{'Bold' if bold else 'Regular'}.{suffix}"


def text_width(text: str, points: float, bold: bool = False) -> float:
    """The width of one line of text in points, at a font size in points.

    The font has neither kerning nor ligatures. A letter missing from it counts as a wide digit.
    """
    widths = _widths()["bold" if bold else "regular"]
    missing = max(widths[digit] for digit in "0123456789")
    return points * sum(widths.get(letter, missing) for letter in text)


@cache
def _widths() -> dict[str, dict[str, float]]:
    """The width of every letter by weight, at font size 1."""
    text = FOLDER.joinpath("widths.json").read_text(encoding="utf-8")
    table: dict[str, dict[str, float]] = json.loads(text)
    return table
