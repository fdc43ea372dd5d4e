"""What ends a training: an error with a code."""

from __future__ import annotations

from collections.abc import Collection

from archdsl.diagnostics import Diagnostic, Severity
from archdsl.source import Source, Span

MOST_NAMES = 5
"""So many images that could not be read are named; all are counted."""


class TrainingError(Exception):
    """The training cannot begin or go on; `diagnostic` says why, and what to do."""

    def __init__(
        self,
        code: str,
        message: str,
        about: str,
        help: str = "",
        expected: str = "",
        found: str = "",
    ) -> None:
        super().__init__(message)
        place = Span(Source(about, ""), 0, 0)
        self.diagnostic = Diagnostic(code, message, place, expected, found, help)


def unread(about: str, names: Collection[str]) -> list[Diagnostic]:
    """A note on the images that could not be read, if there are any."""
    if not names:
        return []
    listed = ", ".join(sorted(names)[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
    message = f"{len(names)} image{'s' * (len(names) > 1)} could not be read and did not count"
    place = Span(Source(about, ""), 0, 0)
    return [Diagnostic("N0961", message, place, found=listed, severity=Severity.NOTE)]


def reason(error: Exception) -> str:
    """Why the system refused something, without a path of the machine."""
    strerror = getattr(error, "strerror", None)
    return str(strerror).lower() if strerror else type(error).__name__
