"""What commands answer: diagnostics, as text or as JSON, and an exit code."""

from __future__ import annotations

import json
import os
import sys
from typing import NoReturn, TextIO

import click

from archdsl.diagnostics import Diagnostic, codes, errors

FORMAT_VERSION = 1
"""The version of what `--format json` prints; JSON.md describes it."""


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
    """End the program with the exit code of its errors; that of a wrong spec, 1, comes first."""
    sys.exit(min((codes()[found.code].exit for found in errors(diagnostics)), default=0))
