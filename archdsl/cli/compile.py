"""`archdsl compile`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archdsl.cli.arguments import SET, SILENCE, settings_of, split
from archdsl.cli.report import finish, show
from archdsl.diagnostics import has_errors
from archdsl.render import path_text


@click.command()
@click.argument("file", metavar="FILE[:NETWORK]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default="generated",
    show_default=True,
    metavar="DIR",
    help="The folder to write to.",
)
@SET
@click.option("--force", is_flag=True, help="Overwrite a file even if it was edited by hand.")
@SILENCE
def compile(
    file: str, output: Path, values: tuple[str, ...], force: bool, silenced: set[str]
) -> None:
    """Write a spec, or one of its networks, as a Python file."""
    from archdsl import driver, outputs
    from archdsl.files import open_main

    path, network = split(file)
    settings = settings_of(values)
    name = network or path.stem
    source, find, diagnostics = open_main(path)
    text = ""
    if not diagnostics:
        text, diagnostics = driver.compile(source, find, network, settings)
        diagnostics = [each for each in diagnostics if each.code not in silenced]
    if not has_errors(diagnostics):
        diagnostics += outputs.save(output, name, text, path.name, force)
    show(diagnostics, sys.stderr)
    if not has_errors(diagnostics):
        click.echo(f"wrote {path_text(output / name)}.py")
    finish(diagnostics)
