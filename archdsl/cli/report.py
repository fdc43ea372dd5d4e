"""The output of commands: diagnostics, as text or JSON, files, and an exit code."""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import NoReturn, TextIO

import click

from archdsl.cli.program import QUIET_KEY
from archdsl.diagnostics import Diagnostic, codes, errors

FORMAT_VERSION = 1
"""The version of what `--format json` prints; JSON.md describes it."""


def show(diagnostics: list[Diagnostic], stream: TextIO) -> None:
    """Write diagnostics as text; with `--quiet` no notes."""
    from archdsl.render import as_text

    found = errors(diagnostics) if is_quiet() else diagnostics
    click.echo(as_text(found, use_color(stream)), file=stream, nl=False)


def say(text: str, err: bool = False) -> None:
    """Print what went well, unless nobody wants to know."""
    if not is_quiet():
        click.echo(text, err=err)


def is_quiet() -> bool:
    """Whether only errors, and what was asked for, are to be printed."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(QUIET_KEY))


def print_json(diagnostics: list[Diagnostic], **content: object) -> None:
    """Print one JSON object, with diagnostics and what else there is."""
    from archdsl.render import as_data

    found = [as_data(diagnostic) for diagnostic in diagnostics]
    document = {"version": FORMAT_VERSION, "diagnostics": found, **content}
    click.echo(json.dumps(document, indent=2))


def print_file(content: bytes) -> None:
    """Print a file as it would be written, byte by byte."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def use_color(stream: TextIO) -> bool:
    """Whether a stream is to have colours: as `--color` says, or a terminal that wants them."""
    context = click.get_current_context(silent=True)
    if context is not None and context.color is not None:
        return context.color
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width_of(stream: TextIO) -> int | None:
    """How many columns a stream shows: those of a terminal, or what COLUMNS says; None for all."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said) > 0:
        return int(said)
    return shutil.get_terminal_size().columns if stream.isatty() else None


def exit_code(diagnostics: list[Diagnostic]) -> int:
    """The exit code of the errors of one spec; that of a wrong spec, 1, comes first."""
    return min((codes()[found.code].exit for found in errors(diagnostics)), default=0)


def finish(*specs: list[Diagnostic]) -> NoReturn:
    """End the program with the exit code of the errors of every spec, the worst of them."""
    sys.exit(max(map(exit_code, specs), default=0))
