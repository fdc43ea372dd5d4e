"""Comments that mean something: documentation, and what silences notes."""

from __future__ import annotations

import re
from dataclasses import replace

from archdsl.source import Span
from archdsl.syntax import ast

SILENCE = re.compile(r"#+\s*silence(:|(?=\s+[EN]\d))((?:[\s,;]*[A-Z]\d+\b)*)", re.IGNORECASE)
"""What silences notes of its line, with their codes."""


def is_silence(comment: Span) -> bool:
    """Whether a comment silences notes."""
    return SILENCE.search(comment.text) is not None


def documented(file: ast.File) -> ast.File:
    """The file with the `##` runs given to what they document.

    A run directly above a declaration documents it. The first run of a file documents the file,
    unless a declaration other than an import follows directly.
    """
    runs = _runs(file)
    first = next(iter(runs.values()), None)
    declarations: list[ast.Declaration] = []
    spans = [file.placed(declaration.span) for declaration in file.declarations]
    for declaration, span in zip(file.declarations, spans, strict=True):
        run = runs.get(span.line - 1) if opens_line(span) else None
        if run is not None and run is first and not isinstance(declaration, ast.Import):
            first = None
        doc = _text(run) if run is not None else ""
        if isinstance(declaration, ast.Named) and declaration.doc != doc:
            declarations.append(replace(declaration, doc=doc))
        else:
            declarations.append(declaration)
    if first and spans and first[0].start > spans[0].start:
        first = None
    return replace(
        file, declarations=tuple(declarations), doc=_text(first) if first is not None else ""
    )


def _runs(file: ast.File) -> dict[int, list[Span]]:
    """The runs of `##` lines, each by its last line."""
    runs: dict[int, list[Span]] = {}
    for comment in file.comments:
        text = comment.text
        # A longer row of `#` is a ruler and no documentation.
        if text.startswith("##") and not text.startswith("###") and opens_line(comment):
            line = comment.line
            run = runs.pop(line - 1, [])
            run.append(comment)
            runs[line] = run
    return runs


def opens_line(span: Span) -> bool:
    """Whether nothing but blanks stands before a span on its line."""
    text = span.source.text
    before = text[text.rfind("\n", 0, span.start) + 1 : span.start]
    return not before.strip(" \t\ufeff")


def _text(run: list[Span]) -> str:
    return "\n".join(comment.text[2:].removeprefix(" ").rstrip() for comment in run)
