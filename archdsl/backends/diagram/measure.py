"""How large a picture will be, about, before anything is laid out. All lengths are in points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from archdsl.backends.diagram.view import Box, Edge, View
from archdsl.fonts import text_width
from archdsl.outline.measure import LEADING, MARGIN, NORMAL, SMALL, Extent, text_extent

GAP = 14.0
"""The room between columns, and between insets above each other."""
HEADING = 50.0
"""How high the name of a picture and its legend are."""
RANK_GAP = 10.0
"""The room between boxes above each other."""
BETWEEN = 9.0
"""The room between adjacent boxes."""
JOIN = 16.0
"""The diameter of a join."""
LOOP = 18.0
"""How far a skip that is folded stands out of its box."""


@lru_cache(maxsize=2**16)
def box_extent(box: Box) -> Extent:
    """The size of one box."""
    if box.is_join:
        return Extent(max(JOIN, text_width(box.text.title, NORMAL) + MARGIN), JOIN)
    if box.is_end:
        width = text_width(box.text.title, NORMAL) + MARGIN
        return Extent(max(width, box.room), NORMAL * LEADING + MARGIN / 2)
    extent = text_extent(box.text)
    return Extent(max(extent.width, box.room), extent.height)


@dataclass(frozen=True)
class FlowExtent:
    """How much room something takes along the flow of tensors, and how much across it."""

    along: float
    across: float


@dataclass(frozen=True)
class Ruler:
    """Measures pictures whose tensors flow down, or to the right where it `is_level`."""

    is_level: bool = False

    def box(self, box: Box) -> FlowExtent:
        """The room for one box."""
        extent = box_extent(box)
        if self.is_level:
            return FlowExtent(extent.width, extent.height)
        return FlowExtent(extent.height, extent.width)

    def part(self, view: View, start: int, stop: int) -> FlowExtent:
        """The room for the boxes from one index up to another."""
        ranks = _ranks(view, start, stop)
        across: dict[int, float] = {}
        for index, rank in ranks.items():
            across[rank] = across.get(rank, 0.0) + self.box(view.boxes[index]).across + BETWEEN
        loops = any(box.skips for box in view.boxes[start:stop])
        reach = FlowExtent(
            sum(self._rows(view, ranks)), max(across.values()) + LOOP * (loops + view.has_skips)
        )
        return self._framed(view, reach) if view.is_inset else reach

    def positions(self, view: View) -> list[float]:
        """How far along every box of a picture begins, and where all of it ends."""
        ranks = _ranks(view, 0, len(view.boxes))
        before = list(accumulate(self._rows(view, ranks), initial=0.0))
        return [*[before[ranks[index]] for index in range(len(view.boxes))], before[-1]]

    def _rows(self, view: View, ranks: Mapping[int, int]) -> list[float]:
        """The room for every rank of boxes along the flow, with the room before it."""
        rows = [0.0] * (max(ranks.values()) + 1)
        for index, rank in ranks.items():
            labels = [self._label(edge) for edge in view.reads.get(index, ()) if view.tells(edge)]
            room = RANK_GAP + (labels[-1] if labels else 0.0)
            rows[rank] = max(rows[rank], self.box(view.boxes[index]).along + room)
        return rows

    def _label(self, edge: Edge) -> float:
        if self.is_level:
            return max(text_width(line, SMALL) for line in edge.lines)
        return SMALL * LEADING * len(edge.lines)

    def _framed(self, view: View, inner: FlowExtent) -> FlowExtent:
        """The room for an inset with its title."""
        title, line = text_width(view.name, NORMAL, bold=True), NORMAL * LEADING
        if self.is_level:
            return FlowExtent(
                max(inner.along, title) + 2 * MARGIN, inner.across + line + 2 * MARGIN
            )
        return FlowExtent(inner.along + line + 2 * MARGIN, max(inner.across, title) + 2 * MARGIN)


def _ranks(view: View, start: int, stop: int) -> dict[int, int]:
    """How many boxes lie before each box, in one column."""
    ranks = dict.fromkeys(range(start, stop), 0)
    for index in ranks:
        before = [ranks[edge.source] for edge in view.reads.get(index, ()) if edge.source in ranks]
        ranks[index] = max(before, default=-1) + 1
    return ranks
