"""The diagnostics of one file, of which there are never very many."""

from __future__ import annotations

from archdsl.diagnostics import Diagnostics, error
from archdsl.source import Span

MAXIMUM_MISTAKES = 100


class Report(Diagnostics):
    """What was found so far; raises `Enough` where that is too much."""

    def __init__(self) -> None:
        super().__init__(MAXIMUM_MISTAKES)

    def refuse(self, code: str, message: str, span: Span, help: str = "") -> None:
        """Report a mistake."""
        self.add(error(code, message, span, help=help))
