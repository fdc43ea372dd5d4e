"""`archdsl compare`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from archdsl.cli.arguments import (
    AT,
    BATCH,
    DEPTH,
    SET,
    TABLE_FORMAT,
    UNITS,
    columns_of,
    settings_of,
    sizes_of,
)
from archdsl.cli.report import finish, print_json, show
from archdsl.cli.specs import FILES
from archdsl.cli.tables import print_tables, read_all
from archdsl.diagnostics import Diagnostic, errors, has_errors
from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.backends.table import NetworkComparison, TableForm
    from archdsl.graph import Graph


@click.command()
@FILES
@DEPTH
@click.option(
    "--columns",
    metavar="NAME,...",
    help="Show these columns: output, params, macs, weights, activations, saved, live,"
    " field, stride, depth, families.",
)
@AT
@SET
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="NAME.svg",
    help="Plot parameters against multiply-adds, one bubble per network.",
)
@click.option(
    "-o",
    "--output",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="NAME.html",
    help="Write a page that shows two networks: what is equal once, the rest side by side.",
)
@TABLE_FORMAT
@UNITS
def compare(
    files: tuple[str, ...],
    depth: int,
    columns: str | None,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
    plot: Path | None,
    page: Path | None,
    form: TableForm | Literal["json"],
    units: bool,
) -> None:
    """Compare the figures of networks, side by side.

    For two networks, also shows which layers differ.
    """
    from archdsl import driver
    from archdsl.backends import table

    chosen = None if columns is None else columns_of(columns, table.COMPARED, ())
    settings = settings_of(values)
    open_sizes, batch = sizes_of(sizes)
    graphs, found = read_all(files, settings)
    # A file under several settings has the same mistakes each time.
    diagnostics = [*{str(each): each for each in chain(*found)}.values()]
    more: list[Diagnostic] = []
    if not has_errors(diagnostics):
        graphs, more = driver.at(graphs, open_sizes, [BATCH])
        diagnostics += more
    comparison = table.NetworkComparison.of(graphs, depth, batch, chosen)
    if plot and not has_errors(diagnostics):
        diagnostics += _plot(comparison, plot)
    if page and not has_errors(diagnostics):
        diagnostics += _page(graphs, page)
    if form == "json":
        print_json(diagnostics, batch=batch, sizes=open_sizes, **comparison.data())
    else:
        show(errors(diagnostics) or more, sys.stderr)
        if not has_errors(diagnostics):
            print_tables(form, comparison.grids(form), comparison.notes(), units)
    finish(diagnostics)


def _page(graphs: Mapping[str, Graph], path: Path) -> list[Diagnostic]:
    """Write the page of two networks, or say why not."""
    from archdsl import outputs
    from archdsl.backends.scene import compared
    from archdsl.viewer import page

    form, refused = outputs.picture_form(path)
    if refused or form != "html":
        raise click.UsageError(f"`{printable(path.name)}` does not end in .html")
    if len(graphs) != 2:
        raise click.UsageError(f"-o shows two networks, not {len(graphs)}: NAME:NETWORK is one")
    return outputs.save_file(path, page(compared(*graphs.values())).encode())


def _plot(comparison: NetworkComparison, path: Path) -> list[Diagnostic]:
    """Draw a comparison to a file, or say why not."""
    from archdsl import outputs
    from archdsl.backends.plot import plot

    refused = outputs.check_plot(path)
    if refused:
        return refused
    content, refused = plot(*map(comparison.total, ("params", "macs", "saved")))
    return refused or outputs.save_file(path, content)
