"""`archdsl check`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from archdsl.cli.arguments import FORMAT, existing
from archdsl.cli.report import finish, print_json, show
from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.diagnostics import Diagnostic


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@FORMAT
def check(files: tuple[str, ...], form: str) -> None:
    """Report all that is wrong with specs; their asserts are verified too."""
    from archdsl import driver
    from archdsl.files import open_main

    diagnostics: list[Diagnostic] = []
    for path in [existing(file) for file in files]:
        source, find, found = open_main(path)
        names: list[str] = []
        if not found:
            graphs, found = driver.check(source, find)
            names = list(graphs)
        diagnostics += found
        if form == "text":
            show(found, sys.stdout)
            if not driver.has_errors(found):
                click.echo(f"{printable(source.name)}: no errors{_listed(names)}")
    if form == "json":
        print_json(diagnostics)
    finish(diagnostics)


def _listed(names: list[str]) -> str:
    if not names:
        return ""
    return f" ({len(names)} network{'s' if len(names) > 1 else ''})"
