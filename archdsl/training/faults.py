"""Errors that end a training, as diagnostics with codes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import torch

from archdsl.diagnostics import Diagnostic, error, first_line, note, several
from archdsl.source import whole_of

MOST_NAMES = 5
"""Maximum number of unreadable images named in a note, which counts all of them."""


class TrainingError(Exception):
    """The training cannot start or continue; `diagnostic` gives the reason and a remedy.

    `is_own`: only this process may have met the error, so it has to report it.
    """

    def __init__(self, diagnostic: Diagnostic, is_own: bool = False) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic, self.is_own = diagnostic, is_own


FAILURES = (RuntimeError, ValueError, AssertionError, AttributeError, LookupError, TypeError)
"""What PyTorch, its compiler and its process groups raise, and classes of others."""


@contextmanager
def computing(network: str, images: int, help: str = "") -> Iterator[None]:
    """Turn PyTorch's errors into diagnostics; `images` is the number computed at once."""
    many, span = f"{images} image{'s' if images != 1 else ''}", whole_of(network)
    try:
        yield
    except torch.OutOfMemoryError as full:
        message = f"out of GPU memory in a step of {many}"
        help = "reduce --batch, or divide it with --accumulate"
        raise TrainingError(error("E0981", message, span, help=help), is_own=True) from full
    except FAILURES as fault:
        message = f"PyTorch cannot compute a step of {many}: {first_line(fault)}"
        raise TrainingError(error("E0982", message, span, help=help), is_own=True) from fault


def unread(about: str, names: Collection[str]) -> list[Diagnostic]:
    """A note on images that could not be read, if there are any."""
    if not names:
        return []
    was = "were" if len(names) > 1 else "was"
    message = f"{len(names)} image{'s' * (len(names) > 1)} could not be read and {was} skipped"
    return [note("N0961", message, whole_of(about), found=several(sorted(names), MOST_NAMES))]


def reason(refused: Exception) -> str:
    """The system's reason for an error, without a path of the machine."""
    strerror = getattr(refused, "strerror", None)
    return str(strerror).lower() if strerror else type(refused).__name__
