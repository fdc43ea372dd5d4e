"""Where a text has what was read in an earlier version of it.

A declaration that stands in two versions of a text is read once: its syntax tree keeps the spans of
the version that it was read in. `Places` says where they lie in another.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from archdsl.source import Source, Span


@dataclass(frozen=True)
class Places:
    """A text, and what it has of earlier versions: spans of these, and where each starts now."""

    source: Source
    moved: tuple[tuple[Span, int], ...] = ()

    @cached_property
    def shifts(self) -> dict[Source, list[tuple[int, int]]]:
        """By earlier version, where a part of it began, and how far it has moved."""
        shifts: dict[Source, list[tuple[int, int]]] = {}
        for span, start in self.moved:
            shifts.setdefault(span.source, []).append((span.start, start - span.start))
        return {source: sorted(each) for source, each in shifts.items()}

    def of(self, span: Span) -> Span:
        """A span in the text as it is now; spans of other texts stay as they are."""
        shifts = self.shifts.get(span.source)
        if not shifts:
            return span
        index = bisect_right(shifts, (span.start, len(span.source.text)))
        shift = shifts[max(index - 1, 0)][1]
        return Span(self.source, span.start + shift, span.end + shift)
