"""`archdsl compile`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archdsl.cli.arguments import SET, SILENCE, settings_of
from archdsl.cli.program import STDIN
from archdsl.cli.report import print_file, say, show
from archdsl.cli.specs import FILES, refuse_collisions, several
from archdsl.cli.watch import WATCH, Watch, repeat
from archdsl.diagnostics import Diagnostic, errors, has_errors
from archdsl.render import path_text, printable

if TYPE_CHECKING:
    from archdsl.specs import RequestedSpec

SUFFIX = ".py"


@click.command()
@FILES
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    default="generated",
    show_default=True,
    metavar="PATH",
    help="Write to a folder, to NAME.py, or to standard output (`-`).",
)
@SET
@click.option("--force", is_flag=True, help="Overwrite files that were edited by hand.")
@click.option(
    "--check",
    "is_check",
    is_flag=True,
    help="Write nothing; list files that are out of date, and exit with 1 if there are any.",
)
@SILENCE
@WATCH
def compile(
    files: tuple[str, ...],
    output: str,
    values: tuple[str, ...],
    force: bool,
    is_check: bool,
    silenced: set[str],
    is_watching: bool,
) -> None:
    """Generate PyTorch code from specs."""
    settings_of(values)
    if output == STDIN and (is_check or is_watching):
        option = "--check compares" if is_check else "--watch writes"
        raise click.UsageError(f"{option} files, so it does not take `-o -`")

    def compiled(watch: Watch) -> list[list[Diagnostic]]:
        specs = several(files, wants_networks=True)
        targets = dict(zip(specs, _targets(specs, output), strict=True))
        return [watch.changed(spec, lambda spec: one(spec, watch, targets[spec])) for spec in specs]

    def one(spec: RequestedSpec, watch: Watch, target: Path | None) -> list[Diagnostic]:
        return _compile(spec, watch, target, values, force, is_check, silenced)

    repeat(is_watching, files, compiled)


def _targets(specs: list[RequestedSpec], output: str) -> list[Path | None]:
    """The file for every spec; None for standard output."""
    from archdsl.specs import is_folder

    path = Path(output)
    into_folder = is_folder(output) or output.endswith("/")
    if output == STDIN or (path.suffix == SUFFIX and not into_folder):
        if len(specs) > 1:
            raise click.UsageError(f"-o {printable(output)} takes one spec, not {len(specs)}")
        return [None if output == STDIN else path]
    if os.path.lexists(output) and not into_folder:
        shown = printable(output)
        raise click.UsageError(f"-o takes a folder or a file NAME.py, and `{shown}` is neither")
    refuse_collisions(specs, lambda spec: [str(path / spec.stem) + SUFFIX])
    return [path / f"{spec.stem}{SUFFIX}" for spec in specs]


def _compile(
    spec: RequestedSpec,
    watch: Watch,
    target: Path | None,
    values: tuple[str, ...],
    force: bool,
    is_check: bool,
    silenced: set[str],
) -> list[Diagnostic]:
    """Write one spec, and say so; what went wrong."""
    from archdsl import driver, outputs

    source, find, diagnostics = watch.open(spec)
    text = ""
    if target is not None:
        # Nobody has to wait for code that is not written.
        diagnostics += outputs.check_name(target.stem)
    asked = spec.network, spec.given(settings_of(values))
    if not diagnostics and watch.history is not None:
        # Mistakes are told at once: code takes seconds.
        diagnostics = errors(driver.read(source, find, *asked, watch.history)[1])
    if not diagnostics:
        text, diagnostics = driver.compile(source, find, *asked)
        diagnostics = [each for each in diagnostics if each.code not in silenced]
    if not has_errors(diagnostics):
        if target is None:
            print_file(outputs.seal(text, spec.file_name).encode())
        elif is_check:
            diagnostics += outputs.check_current(target, text, spec.file_name, path_text(target))
        else:
            diagnostics += outputs.save(target, text, spec.file_name, force)
    show(diagnostics, sys.stderr)
    if target and not has_errors(diagnostics):
        shown = path_text(target)
        say(f"{shown} is up to date" if is_check else f"wrote {shown}")
    return diagnostics
