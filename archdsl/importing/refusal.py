"""Why a model cannot be imported: an exception that becomes a diagnostic."""

from __future__ import annotations

import linecache
from dataclasses import dataclass
from pathlib import Path

from archdsl.diagnostics import Diagnostic, error
from archdsl.source import Source, Span, whole_of


@dataclass(frozen=True)
class Line:
    """A line of the user's Python: the file by its full path, and the number from 1."""

    file: str = ""
    number: int = 0

    @property
    def text(self) -> str:
        """What stands in the line."""
        return linecache.getline(self.file, self.number).rstrip("\n") if self.file else ""

    def span(self, name: str) -> Span:
        """The words of the line; without a line, a span for the name."""
        text = self.text
        if not text.strip():
            return whole_of(name)
        # What shows a span counts its lines, and needs those before it no further.
        before = "\n" * (self.number - 1)
        start = len(before) + len(text) - len(text.lstrip())
        return Span(Source(Path(self.file).name, before + text), start, len(before) + len(text))


class Refusal(Exception):
    """A part of a model that the language has nothing for; nothing is written then."""

    def __init__(self, code: str, message: str, help: str = "", line: Line | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help
        self.line = line or Line()

    def diagnostic(self, name: str) -> Diagnostic:
        """The diagnostic: it blames the line of the user's `forward`, else the model."""
        return error(self.code, self.message, self.line.span(name), help=self.help)


def is_our_own(fault: BaseException) -> bool:
    """Whether an exception was raised by the importer itself, and so says nothing of a model."""
    if isinstance(fault, RuntimeError):
        # PyTorch's own functions raise it, and leave no line of theirs; the importer has none.
        return False
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or trace.tb_frame.f_code.co_name == "__torch_function__":
        # That calls the functions of PyTorch for the model, and passes on what they raise.
        return False
    return Path(trace.tb_frame.f_code.co_filename).is_relative_to(Path(__file__).parent)
