"""Where on the page: the picture is cut into columns, and insets are stacked beside them.

Graphviz lays out every column by itself. What is decided here is decided from estimates, so that
the same view gives the same text whatever Graphviz there is, and where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise, product

from archdsl.backends.diagram.insets import Inset
from archdsl.backends.diagram.measure import GAP, HEADING, SMALL, FlowExtent, Ruler
from archdsl.backends.diagram.view import View

MOST_COLUMNS = 8
LEAST_POINTS = 7.0
"""Smaller letters cannot be read on paper."""
ENOUGH = 0.9
"""A page that shrinks no more than this is better with fewer columns."""
SLACKS = (1.0, 1.1, 1.2, 1.3, 1.5)
"""How much higher than the mean a column of insets may be: what is tried."""
PAGE_HEIGHT = 9.0
"""So high a figure may be beside its caption, in inches: the text of a page of A4 or letter."""


@dataclass(frozen=True, eq=False)
class Part:
    """The boxes of a view from one index up to another: what stands in one column."""

    view: View
    start: int
    stop: int
    ruler: Ruler

    @cached_property
    def reach(self) -> FlowExtent:
        """Its size, about, in points."""
        return self.ruler.part(self.view, self.start, self.stop)


@dataclass(frozen=True)
class Page:
    """Columns, each of parts one behind another in the direction of flow; lengths in points.

    Where tensors flow to the right the columns are rows, one below another.
    """

    columns: tuple[tuple[Part, ...], ...]
    width: float
    height: float

    def scale(self, width: float) -> float:
        """By how much the picture shrinks, at least, to fit a width in inches and a page."""
        return min(1.0, 72 * width / self.width, 72 * PAGE_HEIGHT / (self.height + HEADING))

    def is_legible(self, width: float) -> bool:
        """Whether no letters become too small where it has to fit so many inches."""
        return self.scale(width) * SMALL >= LEAST_POINTS

    @cached_property
    def views(self) -> list[View]:
        """What is on the page, each once."""
        return list(dict.fromkeys(part.view for column in self.columns for part in column))


def arrange(view: View, insets: Sequence[Inset], width: float, ruler: Ruler) -> Page:
    """The page on which letters come out largest, where it may be so many inches wide.

    Insets are left out, those of the least weight first, until everything can be read.
    """
    by_weight = sorted(insets, key=lambda inset: inset.weight)
    for count in range(len(insets) + 1):
        left_out = by_weight[:count]
        kept = [inset.view for inset in insets if inset not in left_out]
        page = _best(view, kept, width, ruler)
        if page.is_legible(width):
            break
    return page


def _best(view: View, insets: Sequence[View], width: float, ruler: Ruler) -> Page:
    return max(
        _pages(view, insets, ruler),
        key=lambda page: (min(page.scale(width), ENOUGH), -len(page.columns), -page.height),
    )


def _pages(view: View, insets: Sequence[View], ruler: Ruler) -> Iterator[Page]:
    """The picture, cut, and then its insets in columns of many lengths."""
    parts = [Part(inset, 0, len(inset.boxes), ruler) for inset in insets]
    positions, cuts = ruler.positions(view), _cuts(view)
    total = positions[-1] + sum(part.reach.along + GAP for part in parts)
    for count, slack in product(range(1, MOST_COLUMNS + 1), SLACKS):
        limit = total / count * slack
        pieces = [Part(view, *ends, ruler) for ends in _cut(positions, cuts, limit)]
        yield _page(_stacks([*pieces, *parts], limit), ruler)


def _stacks(parts: Sequence[Part], limit: float) -> list[tuple[Part, ...]]:
    """Parts in their order, one behind another as long as a column stays within the limit."""
    stacks: list[tuple[Part, ...]] = []
    length = 0.0
    for part in parts:
        length += GAP + part.reach.along
        if stacks and length <= limit and part.start == 0:
            stacks[-1] += (part,)
        else:
            stacks.append((part,))
            length = part.reach.along
    return stacks


def _page(columns: Sequence[tuple[Part, ...]], ruler: Ruler) -> Page:
    across = sum(max(part.reach.across for part in column) + GAP for column in columns) - GAP
    along = max(sum(part.reach.along + GAP for part in column) for column in columns) - GAP
    width, height = (along, across) if ruler.is_level else (across, along)
    return Page(tuple(columns), width, height)


def _cut(
    positions: Sequence[float], cuts: Sequence[int], limit: float
) -> Iterator[tuple[int, int]]:
    """The ends of columns that are no longer than the limit, as far as it can be cut."""
    start, last = 0, len(positions) - 1
    for cut, following in pairwise([*cuts, last]):
        if positions[following] - positions[start] > limit:
            yield start, cut
            start = cut
    yield start, last


def _cuts(view: View) -> list[int]:
    """The boxes before which a picture can be cut: one tensor leads on, and no frame is open."""
    changes = [0] * (len(view.boxes) + 1)
    for source, edges in view.feeds.items():
        changes[source + 1] += 1
        changes[max(edge.target for edge in edges) + 1] -= 1
    crossing = list(accumulate(changes))
    return [cut for cut in range(2, len(view.boxes) - 1) if _fits(view, cut, crossing[cut])]


def _fits(view: View, cut: int, crossing: int) -> bool:
    before, after = view.boxes[cut - 1], view.boxes[cut]
    is_framed = bool({*before.around} & {*after.around})
    return crossing == 1 and not is_framed and not after.is_join and after.family != "output"
