"""The diagnostics of one file, of which there are never very many."""

from __future__ import annotations

from collections.abc import Callable

from archdsl.diagnostics import Diagnostics, error
from archdsl.source import Span

MAXIMUM_MISTAKES = 100


class Report(Diagnostics):
    """The diagnostics so far; raises `Enough` if there are too many.

    `placed` says where a span lies in the text as it is now, for messages that name a place.
    """

    def __init__(self, placed: Callable[[Span], Span]) -> None:
        super().__init__(MAXIMUM_MISTAKES)
        self.placed = placed
        self._dropped: list[Span] = []

    def refuse(self, code: str, message: str, span: Span, help: str = "") -> None:
        """Report a mistake, unless it is in what another asks to delete."""
        if not any(_is_inside(span, each) for each in self._dropped):
            self.add(error(code, message, span, help=help))

    def drop(self, span: Span) -> None:
        """Say no more of a part of the text that has no place there, whatever it is."""
        self._dropped.append(span)


def _is_inside(span: Span, other: Span) -> bool:
    """Whether a span is a part of another one."""
    return span.source is other.source and other.start <= span.start and span.end <= other.end
