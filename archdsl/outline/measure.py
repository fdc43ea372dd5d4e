"""How large the text of a box is. All lengths are in points."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.fonts import text_width
from archdsl.outline.labels import Text

LARGE, NORMAL, SMALL = 9.5, 8.5, 8.5
"""Sizes of letters: of titles, of what stands beside and below them, and of small print."""
LEADING = 1.2
"""The distance of lines, as a multiple of the size of letters."""
MARGIN = 5.5
"""The room between text and the border of a box, on both sides."""


@dataclass(frozen=True)
class Extent:
    """A width and a height."""

    width: float
    height: float


def text_extent(text: Text) -> Extent:
    """The size of a box that holds a text."""
    around = "".join(f" · {side}" for side in (text.before, text.after) if side)
    lines = [
        (text_width(text.title, LARGE, bold=True) + text_width(around, NORMAL), LARGE),
        *[(text_width(line, NORMAL), NORMAL) for line in text.lines],
        *[(text_width(line, SMALL), SMALL) for line in text.small],
    ]
    height = sum(points * LEADING for _, points in lines)
    return Extent(max(width for width, _ in lines) + 2 * MARGIN, height + MARGIN)
