"""`archdsl fmt`."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from archdsl.cli.program import STDIN
from archdsl.cli.report import finish, print_file, say, show
from archdsl.cli.specs import FILES, several
from archdsl.diagnostics import Diagnostic, error
from archdsl.render import path_text, printable
from archdsl.source import whole_of

if TYPE_CHECKING:
    from archdsl.specs import RequestedSpec

LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
"""A line as `diff` and `patch` see it."""


@click.command()
@FILES
@click.option(
    "--check",
    "is_check",
    is_flag=True,
    help="Write nothing; list files that are not formatted, and exit with 1 if there are any.",
)
@click.option(
    "--diff",
    "is_diff",
    is_flag=True,
    help="Write nothing; show what would change, and exit with 1 if anything would.",
)
def fmt(files: tuple[str, ...], is_check: bool, is_diff: bool) -> None:
    """Format specs.

    For a folder, formats all specs in it. Standard input, `-`, is formatted to standard output.
    """
    specs = several(files)
    for spec in specs:
        if spec.is_shipped or spec.network is not None or spec.settings:
            raise click.UsageError(f"fmt takes whole files, not `{printable(spec.label)}`")
    finish(*[_format(spec, is_check, is_diff) for spec in specs])


def _format(spec: RequestedSpec, is_check: bool, is_diff: bool) -> list[Diagnostic]:
    """Format one spec, and say so; what went wrong."""
    from archdsl.formatting import formatted

    source, _, diagnostics = spec.open()
    shown = STDIN if spec.path is None else path_text(spec.path)
    text = None
    if not diagnostics:
        text, diagnostics = formatted(source)
    if text is not None:
        if is_diff:
            click.echo(_difference(source.text, text, printable(source.name)), nl=False)
        if is_check or is_diff:
            if text != source.text:
                diagnostics = [_unformatted(shown)]
        elif spec.is_stdin:
            print_file(text.encode())
        elif text != source.text:
            diagnostics = _write(spec, text, shown)
    show(diagnostics, sys.stderr)
    return diagnostics


def _unformatted(shown: str) -> Diagnostic:
    message = f"`{shown}` is not formatted"
    return error(
        "E0929", message, whole_of(shown), help="run fmt again, without --check and --diff"
    )


def _write(spec: RequestedSpec, text: str, shown: str) -> list[Diagnostic]:
    from archdsl.outputs import rewrite

    assert spec.path is not None
    diagnostics = rewrite(spec.path, text)
    if not diagnostics:
        say(f"formatted {shown}")
    return diagnostics


def _difference(before: str, after: str, name: str) -> str:
    """The lines that change, as a patch of the file."""
    import difflib

    lines = LINE.findall(before), LINE.findall(after)
    found = difflib.unified_diff(*lines, f"a/{name}", f"b/{name}")
    ended = [
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in found
    ]
    return "".join(map(_shown, ended))


def _shown(line: str) -> str:
    """A line of a patch. A return at its end stays, else nothing could apply the patch."""
    end = "\r\n" if line.endswith("\r\n") else "\n"
    return printable(line.removesuffix(end)) + end
