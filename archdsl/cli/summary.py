"""`archdsl summary`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from archdsl.cli.arguments import FORMAT, SET, settings_of, split
from archdsl.cli.report import finish, print_json, show, use_color

if TYPE_CHECKING:
    from archdsl.graph import Graph


@click.command()
@click.argument("file", metavar="FILE[:NETWORK]")
@click.option(
    "--depth",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Fold what lies more names deep into one row.",
)
@SET
@FORMAT
def summary(file: str, depth: int, values: tuple[str, ...], form: str) -> None:
    """Print the layers of networks with their shapes, parameters and multiply-adds."""
    from archdsl import driver
    from archdsl.backends import table
    from archdsl.files import open_main

    path, network = split(file)
    settings = settings_of(values)
    source, find, diagnostics = open_main(path)
    graphs: dict[str, Graph] = {}
    if not diagnostics:
        graphs, diagnostics = driver.read(source, find, network, settings)
    summaries = [table.summarize(graph, depth) for graph in graphs.values()]
    if form == "json":
        print_json(diagnostics, networks=[table.as_data(one) for one in summaries])
    else:
        show(driver.errors(diagnostics), sys.stderr)
        color = use_color(sys.stdout)
        click.echo("\n".join(table.as_text(one, color) for one in summaries), nl=False)
    finish(diagnostics)
