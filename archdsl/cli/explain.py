"""`archdsl explain`."""

from __future__ import annotations

import textwrap

import click

from archdsl.cli.complete import complete_code
from archdsl.render import printable


@click.command()
@click.argument("code", shell_complete=complete_code)
def explain(code: str) -> None:
    """Tell what the code of an error means, with an example."""
    from archdsl.diagnostics import codes, suggestion

    known = codes()
    meaning = known.get(code.upper())
    if meaning is None:
        help = suggestion(code.upper(), known)
        message = f"there is no code `{printable(code)}`" + (f"; {help}" if help else "")
        raise click.UsageError(message)
    click.echo(f"{meaning.code}: {meaning.title}\n")
    click.echo(textwrap.fill(meaning.explanation.strip(), 88, break_on_hyphens=False))
    click.echo("\n" + textwrap.indent(meaning.example.strip("\n"), "    "))
