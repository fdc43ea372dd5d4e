"""`archdsl networks`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from textwrap import shorten
from typing import TYPE_CHECKING, Literal

import click

from archdsl.cli.arguments import TABLE_FORMAT
from archdsl.cli.report import print_json
from archdsl.cli.tables import print_tables
from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.backends.table import Grid, TableForm
    from archdsl.listing import Listed


SHOWN = 60
"""The most characters of what a network is, in a table for people."""


@click.command()
@click.argument("part", default="")
@TABLE_FORMAT
def networks(part: str, form: TableForm | Literal["json"]) -> None:
    """List the shipped networks.

    With PART, lists those with PART in their name or file.

    Commands accept such a name instead of a file. Specs import them, as in
    `from networks.resnet import resnet50`.
    """
    from archdsl.diagnostics import suggestion
    from archdsl.listing import listed

    known = listed()
    wanted = part.lower()
    found = [each for each in known if wanted in each.name.lower() or wanted in each.file.lower()]
    if not found:
        help = suggestion(part, [each.name for each in known])
        message = f"no network that ships has `{printable(part)}` in its name"
        raise click.UsageError(message + (f"; {help}" if help else ""))
    if form == "json":
        print_json([], networks=[asdict(each) for each in found])
    else:
        print_tables(form, _tables(found, form), [])


def _tables(found: Sequence[Listed], form: TableForm) -> dict[str, Grid]:
    from archdsl.backends.table.grid import Grid, Heading

    names = ("file", "input", "params", "macs", "about")
    headings = [Heading({"macs": "MACs"}.get(n, n), n, n in ("params", "macs")) for n in names]
    rows = {each.name: [getattr(each, name) for name in names] for each in found}
    if form == "csv":
        # Its first column is the network anyway.
        return {name: Grid("", headings, [row]) for name, row in rows.items()}
    if form == "text":
        rows = {
            name: [*row[:-1], shorten(row[-1], SHOWN, placeholder=" …")]
            for name, row in rows.items()
        }
    whole = [Heading("network", "name"), *headings]
    return {"": Grid("", whole, [[name, *row] for name, row in rows.items()])}
