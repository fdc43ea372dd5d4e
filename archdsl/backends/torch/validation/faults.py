"""The exception for generated code that differs from the network."""

from __future__ import annotations

from types import TracebackType

FILE = "<generated code>"
"""The file name of executed generated text."""


class Mismatch(Exception):
    """The code does something that the graph does not."""


def reason(error: Exception) -> str:
    """An error's message, with the line of generated code that caused it."""
    line = _line(error.__traceback__)
    text = str(error) if isinstance(error, Mismatch) else f"{type(error).__name__}: {error}"
    return f"line {line}: {text}" if line else text


def _line(traceback: TracebackType | None) -> int:
    found = 0
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == FILE:
            found = traceback.tb_lineno
        traceback = traceback.tb_next
    return found
