"""The diagnostics of one file, of which there are never very many."""

from __future__ import annotations

from dataclasses import dataclass, field

from archdsl.diagnostics import Diagnostic, error
from archdsl.source import Span

MAXIMUM_MISTAKES = 100


class Enough(Exception):
    """So many mistakes that nobody will read more of them."""


@dataclass
class Report:
    """What was found so far."""

    diagnostics: list[Diagnostic] = field(default_factory=list)

    def refuse(self, code: str, message: str, span: Span, help: str = "") -> None:
        """Report a mistake."""
        self.diagnostics.append(error(code, message, span, help=help))
        if len(self.diagnostics) >= MAXIMUM_MISTAKES:
            raise Enough
