"""What ends a training: an error with a code."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import torch

from archdsl.diagnostics import Diagnostic, Severity, first_line
from archdsl.source import Source, Span

MOST_NAMES = 5
"""So many images that could not be read are named; all are counted."""


class TrainingError(Exception):
    """The training cannot begin or go on; `diagnostic` says why, and what to do.

    `is_own`: this process may be the only one that met it, and has to say so.
    """

    def __init__(
        self,
        code: str,
        message: str,
        about: str,
        help: str = "",
        expected: str = "",
        found: str = "",
        is_own: bool = False,
    ) -> None:
        super().__init__(message)
        self.is_own = is_own
        place = Span(Source(about, ""), 0, 0)
        self.diagnostic = Diagnostic(code, message, place, expected, found, help)


@contextmanager
def computing(network: str, images: int, help: str = "") -> Iterator[None]:
    """Say in our own form what PyTorch stumbles over, given so many images at once."""
    many = f"{images} image{'s' if images != 1 else ''}"
    try:
        yield
    except torch.OutOfMemoryError as error:
        message = f"the memory of the GPU does not suffice for a step of {many}"
        help = "give a smaller --batch, or divide it with --accumulate"
        raise TrainingError("E0981", message, network, help, is_own=True) from error
    except (RuntimeError, ValueError) as error:
        # That is what PyTorch, its compiler and its processes raise.
        message = f"PyTorch cannot compute a step of {many}: {first_line(error)}"
        raise TrainingError("E0982", message, network, help, is_own=True) from error


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
