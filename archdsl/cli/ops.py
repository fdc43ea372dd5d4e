"""`archdsl ops`."""

from __future__ import annotations

import click

from archdsl.cli.arguments import FORMAT
from archdsl.cli.report import print_json


@click.command()
@FORMAT
def ops(form: str) -> None:
    """List all ops, functions, initialisations and blocks."""
    from dataclasses import asdict

    from archdsl.manual import entries, listed

    known = entries()
    if form == "json":
        print_json(
            [], entries=[{**asdict(each), "summary": each.summary} for each in known.values()]
        )
    else:
        click.echo(listed(known), nl=False)
