"""Diagnostics for programs that show them beside a change: GitHub's annotations, and SARIF.

SARIF is version 2.1.0 (OASIS, 2020); columns count code points, from 1, and ends are exclusive.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from archdsl.diagnostics import Diagnostic, Severity, codes
from archdsl.fixes import Fix
from archdsl.shipped import SUFFIX
from archdsl.source import Span
from archdsl.version import __version__

LEVELS = {Severity.ERROR: "error", Severity.NOTE: "note"}
GITHUB = {Severity.ERROR: "error", Severity.NOTE: "notice"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_github(diagnostics: Iterable[Diagnostic]) -> str:
    """A workflow command of GitHub for every diagnostic, one a line."""
    return "".join(f"{_command(each)}\n" for each in diagnostics)


def _command(found: Diagnostic) -> str:
    end = _end(found.span)
    place = {
        "file": found.file,
        "line": found.line,
        "endLine": end.line,
        "col": found.column,
        "endColumn": end.column,
        "title": f"{found.code}: {codes()[found.code].title}",
    }
    if not found.span.source.text:
        known = ("file", "title") if _is_file(found.span) else ("title",)
        place = {name: place[name] for name in known}
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in place.items())
    return f"::{GITHUB[found.severity]} {listed}::{_data(_text(found))}"


def _is_file(span: Span) -> bool:
    """Whether it is about a file, of which nothing may have been read, and not about an option."""
    return bool(span.source.text) or span.source.name.endswith(SUFFIX)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _text(found: Diagnostic) -> str:
    """The message with what was expected and found, and a way out."""
    details = {"expected": found.expected, "found": found.found, "help:": found.help}
    return "\n".join([found.message, *[f"{name} {text}" for name, text in details.items() if text]])


def _end(span: Span) -> Span:
    return Span(span.source, span.end, span.end)


def as_sarif(diagnostics: Iterable[Diagnostic]) -> str:
    """One SARIF log with all diagnostics, and their fixes as replacements."""
    found = [*diagnostics]
    rules = [
        {"id": code, "shortDescription": {"text": codes()[code].title}}
        for code in sorted({each.code for each in found})
    ]
    driver = {"name": "archdsl", "version": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each) for each in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(found: Diagnostic) -> dict[str, Any]:
    place: dict[str, Any] = _file(found.span)
    if found.span.source.text:
        place["region"] = _region(found.span)
    result: dict[str, Any] = {
        "ruleId": found.code,
        "level": LEVELS[found.severity],
        "message": {"text": _text(found)},
    }
    if _is_file(found.span):
        result["locations"] = [{"physicalLocation": place}]
    if found.fixes:
        result["fixes"] = [_fix(each) for each in found.fixes]
    return result


def _file(span: Span) -> dict[str, Any]:
    return {"artifactLocation": {"uri": quote(span.source.name)}}


def _region(span: Span) -> dict[str, int]:
    end = _end(span)
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": end.line,
        "endColumn": end.column,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    """A way out; the edits of one are all in one file."""
    replacements = [
        {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
        for edit in fix.edits
    ]
    change = {**_file(fix.edits[0].span), "replacements": replacements}
    return {"description": {"text": fix.title}, "artifactChanges": [change]}
