"""What commands answer: diagnostics, as text or as JSON, and an exit code."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, NoReturn, TextIO

import click

if TYPE_CHECKING:
    from archdsl.diagnostics import Diagnostic

FORMAT_VERSION = 1
"""The version of what `--format json` prints; ARCHITECTURE.md describes it."""

USAGE_CODES = frozenset(
    {"E0911", "E0912", "E0914", "E0915", "E0916", "E0924", "E0926", "E0927", "E0942", "E0951"}
    | {"E0961", "E0962", "E0963", "E0964", "E0965", "E0967", "E0968", "E0969", "E0972", "E0975"}
)
"""Mistakes in the command or its data, not in the spec: they exit with 2."""


def show(diagnostics: list[Diagnostic], stream: TextIO) -> None:
    """Write diagnostics as text."""
    from archdsl.render import as_text

    click.echo(as_text(diagnostics, use_color(stream)), file=stream, nl=False)


def print_json(diagnostics: list[Diagnostic], **content: object) -> None:
    """Print one JSON object, with diagnostics and what else there is."""
    from archdsl.render import as_data

    found = [as_data(diagnostic) for diagnostic in diagnostics]
    document = {"version": FORMAT_VERSION, "diagnostics": found, **content}
    click.echo(json.dumps(document, indent=2))


def use_color(stream: TextIO) -> bool:
    """Whether a stream is a terminal that wants colours."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def finish(diagnostics: list[Diagnostic]) -> NoReturn:
    """End the program with the exit code that diagnostics have."""
    codes = {diagnostic.code for diagnostic in diagnostics if diagnostic.severity == "error"}
    sys.exit(0 if not codes else 2 if codes <= USAGE_CODES else 1)
