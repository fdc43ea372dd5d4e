"""The diagnostics of one file, of which there are never very many."""

from __future__ import annotations

from collections.abc import Callable

from archdsl.diagnostics import Diagnostics, error
from archdsl.fixes import Fix, fixes_of
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

    def refuse(
        self,
        code: str,
        message: str,
        span: Span,
        help: str = "",
        fixes: tuple[Fix, ...] | None = None,
    ) -> None:
        """Report a mistake, unless it is in what another asks to delete.

        Unless they are given, `fixes` are what the help says.
        """
        if not any(each.holds(span) for each in self._dropped):
            known = fixes_of(help, span) if fixes is None else fixes
            self.add(error(code, message, span, help=help, fixes=known))

    def drop(self, span: Span) -> None:
        """Say no more of a part of the text that has no place there, whatever it is."""
        self._dropped.append(span)
