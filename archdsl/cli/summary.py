"""`archdsl summary`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from archdsl.cli.arguments import (
    AT,
    BATCH,
    COLUMNS,
    DEPTH,
    SET,
    TABLE_FORMAT,
    columns_of,
    settings_of,
    sizes_of,
    split,
)
from archdsl.cli.report import finish, print_json, show, use_color
from archdsl.diagnostics import Diagnostic, errors

if TYPE_CHECKING:
    from archdsl.graph import Graph


@click.command()
@click.argument("file", metavar="FILE[:NETWORK]")
@DEPTH
@COLUMNS
@AT
@SET
@TABLE_FORMAT
def summary(
    file: str, depth: int, columns: str, sizes: tuple[str, ...], values: tuple[str, ...], form: str
) -> None:
    """Print the layers of networks with their shapes, parameters and multiply-adds."""
    from archdsl import driver
    from archdsl.backends import table

    chosen = columns_of(columns, table.COLUMNS, table.PER_ROW)
    open_sizes, batch = sizes_of(sizes)
    graphs, diagnostics = read(file, values)
    graphs, more = driver.at(graphs, open_sizes, [BATCH])
    diagnostics += more
    summaries = [table.summarize(graph, depth, chosen, batch) for graph in graphs.values()]
    if form == "json":
        about = {"batch": batch, "sizes": open_sizes, "columns": table.descriptions(chosen)}
        print_json(diagnostics, **about, networks=[table.as_data(one) for one in summaries])
    else:
        show(errors(diagnostics) or more, sys.stderr)
        grids = {one.name: one.grid() for one in summaries}
        text = table.written(form, grids, table.meanings(chosen, batch), use_color(sys.stdout))
        click.echo(text, nl=False)
    finish(diagnostics)


def read(file: str, values: tuple[str, ...]) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The networks of `FILE[:NETWORK]`, with what there is to say."""
    from archdsl import driver
    from archdsl.files import open_main

    path, network = split(file)
    settings = settings_of(values)
    source, find, diagnostics = open_main(path)
    return ({}, diagnostics) if diagnostics else driver.read(source, find, network, settings)
