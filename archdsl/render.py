"""Diagnostics as text for people, and as data for programs."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from archdsl.diagnostics import Diagnostic, Expansion, Severity
from archdsl.fixes import Fix
from archdsl.source import Source, Span, printable

__all__ = ["as_data", "as_text", "path_text", "printable"]

TAB = "    "
BEFORE, SHOWN = 50, 110
"""Maximum numbers of characters shown of a long line: before the span, and in all."""

SHOWN_STEPS = 10
"""Maximum number of steps shown of the calls that led to a mistake."""
LONGEST_PERIOD = 4
"""Maximum number of blocks in a recursion that is shown once."""

BOLD, RED, BLUE, CYAN, RESET = "\033[1m", "\033[1;31m", "\033[1;34m", "\033[36m", "\033[0m"


def as_text(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """One paragraph for every diagnostic; empty without any.

    Nothing that stands in a spec or in a file's name can steer a terminal.
    """
    text = "\n\n".join("\n".join(_lines(diagnostic, color)) for diagnostic in diagnostics)
    return f"{text}\n" if text else ""


def as_data(diagnostic: Diagnostic) -> dict[str, object]:
    """A diagnostic as JSON has it; lines and columns count from 1, and the end is exclusive."""
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "expected": diagnostic.expected,
        "found": diagnostic.found,
        "help": diagnostic.help,
        "expansion": [
            {"name": step.name, **_place(step.called_at)} for step in diagnostic.expansion
        ],
        "fixes": [_fix(each) for each in diagnostic.fixes],
    }


def _fix(fix: Fix) -> dict[str, object]:
    """A fix as JSON has it: what it does, and what to put where; all edits at once."""
    edits = [{**_place(edit.span), "text": edit.text} for edit in fix.edits]
    return {"title": printable(fix.title), "edits": edits}


def path_text(path: Path | str) -> str:
    """A path as it was typed; an absolute one from the working folder on, since messages travel."""
    if not Path(path).is_absolute():
        return printable(str(path))
    try:
        return printable(os.path.relpath(path))
    except OSError:
        # There is no working folder any more.
        return printable(Path(path).name)


def _lines(diagnostic: Diagnostic, color: bool) -> Iterator[str]:
    shade = RED if diagnostic.severity is Severity.ERROR else BLUE
    where = str(diagnostic.span)
    head = _paint(f"{diagnostic.severity}[{diagnostic.code}]", shade, color)
    message = printable(diagnostic.message)
    yield f"{_paint(where, BOLD, color)}: {head}: {_paint(message, BOLD, color)}"
    margin = " " * len(str(diagnostic.span.line))
    if diagnostic.span.source.text:
        line, marks = _excerpt(diagnostic.span)
        bar = _paint("|", CYAN, color)
        yield f" {_paint(str(diagnostic.span.line), CYAN, color)} {bar} {line}".rstrip()
        yield f" {margin} {bar} {_paint(marks, shade, color)}"
    for word, text in _remarks(diagnostic):
        yield f" {margin} {_paint('=', CYAN, color)} {_paint(word, BOLD, color)}{printable(text)}"


def _remarks(diagnostic: Diagnostic) -> Iterator[tuple[str, str]]:
    # The two are compared by eye, so they stand under each other.
    if diagnostic.expected:
        yield "expected ", diagnostic.expected
    if diagnostic.found:
        yield "found    " if diagnostic.expected else "found ", diagnostic.found
    yield from _way(diagnostic)
    if diagnostic.help:
        yield "help: ", diagnostic.help


def _way(diagnostic: Diagnostic) -> Iterator[tuple[str, str]]:
    """The steps of the way to a mistake; of very many the first and the last."""
    steps = [_step(step, diagnostic.span.source) for step in diagnostic.expansion]
    steps = _without_repeats(steps)
    folded = len(steps) - SHOWN_STEPS if len(steps) > SHOWN_STEPS + 1 else 0
    if folded:
        half = SHOWN_STEPS // 2
        steps[half : half + folded] = [("", f"… {folded} more …")]
    yield from steps


def _step(step: Expansion, source: Source) -> tuple[str, str]:
    line_and_column = f"{step.called_at.line}:{step.called_at.column}"
    where = line_and_column if step.called_at.source is source else str(step.called_at)
    return "in ", f"`{step.name}`, {'called ' if step.is_call else ''}at {where}"


def _without_repeats(steps: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The steps, those of a recursion once."""
    for period in range(1, LONGEST_PERIOD + 1):
        turn = steps[:period]
        turns = 1
        while turn and steps[turns * period : (turns + 1) * period] == turn:
            turns += 1
        if turns > 2:
            return [*turn, ("", f"… {turns - 1} times more …"), *steps[turns * period :]]
    return steps


def _excerpt(span: Span) -> tuple[str, str]:
    """The line on which a span starts, and the marks that go under it."""
    line = span.source.line(span.line)
    start = min(span.column - 1, len(line))
    end = min(start + max(span.end - span.start, 1), max(len(line), start + 1))
    first = max(0, start - BEFORE) if len(line) > SHOWN else 0
    last = first + SHOWN
    before, inside = _cells(line[first:start]), _cells(line[start : min(end, last)])
    left = "… " if first else ""
    right = " …" if last < len(line) else ""
    # Marks that run to the end of the line go on where the span does.
    more = "…" if span.end > span.start + (end - start) or end > last else ""
    marks = " " * (_width(left + before)) + "^" * max(_width(inside), 1) + more
    return f"{left}{before}{inside}{_cells(line[min(end, last) : last])}{right}", marks


def _cells(text: str) -> str:
    return printable(text.replace("\t", TAB))


def _width(text: str) -> int:
    """How many columns of a terminal a printable text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _place(span: Span) -> dict[str, object]:
    end = _end(span.source, span.end)
    return {
        "file": printable(span.source.name),
        "line": span.line,
        "column": span.column,
        "end_line": end.line,
        "end_column": end.column,
    }


def _end(source: Source, offset: int) -> Span:
    return Span(source, offset, offset)


def _paint(text: str, style: str, color: bool) -> str:
    return f"{style}{text}{RESET}" if color else text
