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
from archdsl.backends.diagram.measure import GAP, HEADING, FlowExtent, Ruler
from archdsl.backends.diagram.view import View
from archdsl.outline.measure import SMALL

MOST_COLUMNS = 8
LEAST_POINTS = 7.0
"""Smaller letters cannot be read on paper."""
ENOUGH = 0.9
"""A page that shrinks no more than this is better with fewer columns."""
SLACKS = (1.0, 1.1, 1.2, 1.3, 1.5)
"""How much higher than the mean a column of insets may be: what is tried."""
PAGE_WIDTH, PAGE_HEIGHT = 6.9, 9.0
"""A figure over both columns of a paper, with its caption on a page of A4 or letter, in inches."""


@dataclass(frozen=True)
class Sheet:
    """How large a figure may be, in inches, and by how much it may shrink to be read all the same.

    All is for letters of the usual size; a sheet for larger letters is as much smaller.
    """

    width: float = PAGE_WIDTH
    height: float = PAGE_HEIGHT
    least: float = LEAST_POINTS / SMALL

    @property
    def area(self) -> float:
        """What a page may measure at most, in square points, to be legible on it."""
        return 72 * self.width / self.least * 72 * self.height / self.least

    def for_letters(self, points: float) -> Sheet:
        """The sheet on which letters of some size are to come out as they are."""
        larger = points / SMALL
        return Sheet(self.width / larger, self.height / larger, 1.0)


@dataclass(frozen=True, eq=False)
class Part:
    """The boxes of a view from one index up to another: what stands in one column."""

    view: View
    start: int
    stop: int
    ruler: Ruler

    @property
    def is_stray(self) -> bool:
        """Whether it is a single box that was cut off from its picture."""
        boxes = self.view.boxes[self.start : self.stop]
        is_cut = len(boxes) < len(self.view.boxes)
        return is_cut and sum(not box.is_end for box in boxes) < 2

    @cached_property
    def reach(self) -> FlowExtent:
        """Its size, about, in points."""
        return self.ruler.part(self.view, self.start, self.stop)


class _Whole:
    """A picture that is cut in many ways; every part of it is measured once."""

    def __init__(self, view: View, ruler: Ruler) -> None:
        self.ruler = ruler
        self.positions = ruler.positions(view)
        self._view = view
        self._cuts = _cuts(view)
        self._parts: dict[tuple[int, int], Part] = {}

    def cut(self, limit: float) -> list[Part]:
        """Parts that are no longer than the limit, as far as the picture can be cut."""
        return [self._part(*ends) for ends in _cut(self.positions, self._cuts, limit)]

    def _part(self, start: int, stop: int) -> Part:
        if (start, stop) not in self._parts:
            self._parts[start, stop] = Part(self._view, start, stop, self.ruler)
        return self._parts[start, stop]


@dataclass(frozen=True)
class Page:
    """Columns, each of parts one behind another in the direction of flow; lengths in points.

    Where tensors flow to the right the columns are rows, one below another.
    """

    columns: tuple[tuple[Part, ...], ...]
    width: float
    height: float

    def scale(self, sheet: Sheet) -> float:
        """By how much the picture shrinks, at least, to fit a sheet."""
        return min(1.0, 72 * sheet.width / self.width, 72 * sheet.height / (self.height + HEADING))

    def is_legible(self, sheet: Sheet) -> bool:
        """Whether no letters become too small where it has to fit a sheet."""
        return self.scale(sheet) >= sheet.least

    @property
    def has_stray(self) -> bool:
        """Whether a column holds nothing but a single box of a picture that was cut."""
        return any(len(column) == 1 and column[0].is_stray for column in self.columns)

    @cached_property
    def views(self) -> list[View]:
        """The views on the page, each once."""
        return list(dict.fromkeys(part.view for column in self.columns for part in column))


def arrange(view: View, insets: Sequence[Inset], sheet: Sheet, ruler: Ruler) -> Page:
    """The page on which letters come out largest.

    Insets are left out, those of the least weight first, until everything can be read.
    """
    parts = {inset: Part(inset.view, 0, len(inset.view.boxes), ruler) for inset in insets}
    areas = {inset: part.reach.along * part.reach.across for inset, part in parts.items()}
    by_weight = sorted(insets, key=lambda inset: inset.weight)
    whole, area = _Whole(view, ruler), sum(areas.values())
    for count, next_out in enumerate([*by_weight, None]):
        # What does not fit without gaps does not fit with them.
        if area <= sheet.area or next_out is None:
            left_out = {*by_weight[:count]}
            kept = [part for inset, part in parts.items() if inset not in left_out]
            page = _best(whole, kept, sheet)
            if page.is_legible(sheet):
                break
        area -= areas[next_out] if next_out else 0.0
    return page


def _best(whole: _Whole, insets: Sequence[Part], sheet: Sheet) -> Page:
    return max(
        _pages(whole, insets),
        key=lambda page: (
            page.is_legible(sheet),
            page.is_legible(sheet) and not page.has_stray,
            min(page.scale(sheet), max(ENOUGH, sheet.least)),
            -len(page.columns),
            -page.height,
        ),
    )


def _pages(whole: _Whole, parts: Sequence[Part]) -> Iterator[Page]:
    """The picture, cut, and then its insets in columns of many lengths."""
    total = whole.positions[-1] + sum(part.reach.along + GAP for part in parts)
    for count, slack in product(range(1, MOST_COLUMNS + 1), SLACKS):
        limit = total / count * slack
        pieces = whole.cut(limit)
        yield _page(_stacks([*pieces, *parts], limit), whole.ruler)
        if pieces[0].is_stray:
            # The insets stand below the first box, that it is not alone.
            yield _page(_stacks([pieces[0], *parts, *pieces[1:]], limit), whole.ruler)


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
