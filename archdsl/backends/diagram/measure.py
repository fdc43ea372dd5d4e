"""How large a picture will be, about, before anything is laid out. All lengths are in points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from archdsl.backends.diagram.view import Box, View
from archdsl.fonts import text_width

LARGE, NORMAL, SMALL = 9.5, 8.5, 8.5
"""Sizes of letters."""
LEADING = 1.2
"""The distance of lines, as a multiple of the size of letters."""
MARGIN = 5.5
"""The room between text and the border of a box, on both sides."""
GAP = 14.0
"""The room between columns, and between insets above each other."""
HEADING = 50.0
"""How high the name of a picture and its legend are."""
RANK_GAP = 10.0
"""The room between boxes above each other."""
BETWEEN = 9.0
"""The room between boxes beside each other."""
JOIN = 16.0
"""The diameter of a join."""
LOOP = 18.0
"""How far a skip that is folded stands out of its box."""


@dataclass(frozen=True)
class Extent:
    """A width and a height."""

    width: float
    height: float


@lru_cache(maxsize=2**12)
def box_extent(box: Box) -> Extent:
    """The size of one box."""
    if box.family == "merge":
        return Extent(JOIN, JOIN)
    if box.family in ("input", "output"):
        return Extent(text_width(box.text.title, NORMAL) + MARGIN, NORMAL * LEADING + MARGIN / 2)
    beside = f" · {box.text.beside}" if box.text.beside else ""
    lines = [
        (text_width(box.text.title, LARGE, bold=True) + text_width(beside, NORMAL), LARGE),
        *[(text_width(line, NORMAL), NORMAL) for line in box.text.lines],
        *[(text_width(line, SMALL), SMALL) for line in box.text.small],
    ]
    height = sum(points * LEADING for _, points in lines)
    return Extent(max(width for width, _ in lines) + 2 * MARGIN, height + MARGIN)


def extent(view: View, start: int, stop: int) -> Extent:
    """The size of the boxes from one place up to another."""
    ranks = _ranks(view, start, stop)
    boxes = view.boxes[start:stop]
    widths: dict[int, float] = {}
    for place, rank in ranks.items():
        widths[rank] = widths.get(rank, 0.0) + box_extent(view.boxes[place]).width + BETWEEN
    loops = LOOP * any(box.skips for box in boxes) + LOOP * any(e.is_skip for e in view.edges)
    width, height = max(widths.values()) + loops, sum(_rows(view, ranks))
    if not view.is_inset:
        return Extent(width, height)
    title = text_width(view.name, NORMAL, bold=True)
    return Extent(max(width, title) + 2 * MARGIN, height + NORMAL * LEADING + 2 * MARGIN)


def heights(view: View) -> list[float]:
    """How high a picture is above each of its boxes, and as a whole."""
    ranks = _ranks(view, 0, len(view.boxes))
    above = list(accumulate(_rows(view, ranks), initial=0.0))
    return [*[above[ranks[place]] for place in range(len(view.boxes))], above[-1]]


def _rows(view: View, ranks: Mapping[int, int]) -> list[float]:
    """The height of every rank of boxes, with the room above it."""
    rows = [0.0] * (max(ranks.values()) + 1)
    labelled = {edge.target for edge in view.edges if view.tells(edge)}
    for place, rank in ranks.items():
        room = RANK_GAP + SMALL * LEADING * (place in labelled)
        rows[rank] = max(rows[rank], box_extent(view.boxes[place]).height + room)
    return rows


def _ranks(view: View, start: int, stop: int) -> dict[int, int]:
    """How many boxes lie above each box, in one column."""
    ranks = dict.fromkeys(range(start, stop), 0)
    for edge in sorted(view.edges, key=lambda edge: edge.target):
        if edge.source in ranks and edge.target in ranks:
            ranks[edge.target] = max(ranks[edge.target], ranks[edge.source] + 1)
    return ranks
