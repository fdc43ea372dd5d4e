"""`archdsl networks`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from textwrap import shorten
from typing import TYPE_CHECKING

import click

from archdsl.cli.arguments import TABLE_FORMAT
from archdsl.cli.report import print_json, use_color, width_of
from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.listing import Listed


SHOWN = 60
"""The most characters of what a network is, in a table for people."""


@click.command()
@click.argument("part", default="")
@TABLE_FORMAT
def networks(part: str, form: str) -> None:
    """List the networks that ship, or those with PART in their name or their file's.

    Every command takes such a name in place of a file, and a spec imports what it needs of them:
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
        click.echo(_table(found, form), nl=False)


def _table(found: Sequence[Listed], form: str) -> str:
    from archdsl.backends.table.grid import Grid, Heading
    from archdsl.backends.table.written import written

    names = ("file", "input", "params", "macs", "about")
    headings = [Heading({"macs": "MACs"}.get(n, n), n, n in ("params", "macs")) for n in names]
    rows = {each.name: [getattr(each, name) for name in names] for each in found}
    if form == "csv":
        # Its first column is the network anyway.
        return written(form, {name: Grid("", headings, [row]) for name, row in rows.items()}, [])
    if form == "text":
        rows = {
            name: [*row[:-1], shorten(row[-1], SHOWN, placeholder=" …")]
            for name, row in rows.items()
        }
    grid = Grid("", [Heading("network", "name"), *headings], [[n, *r] for n, r in rows.items()])
    color, width = use_color(sys.stdout), width_of(sys.stdout)
    return written(form, {"": grid}, [], color, width=width)
