"""`archdsl summary`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Literal

import click

from archdsl.cli.arguments import (
    AT,
    BATCH,
    COLUMNS,
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
from archdsl.diagnostics import Diagnostic, errors

if TYPE_CHECKING:
    from archdsl.backends.table import Summary, TableForm


@click.command()
@FILES
@DEPTH
@COLUMNS
@AT
@SET
@TABLE_FORMAT
@UNITS
def summary(
    files: tuple[str, ...],
    depth: int,
    columns: str,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
    form: TableForm | Literal["json"],
    units: bool,
) -> None:
    """Print layers, shapes, parameters and multiply-adds."""
    from archdsl import driver
    from archdsl.backends import table

    chosen = columns_of(columns, table.COLUMNS, table.PER_ROW)
    open_sizes, batch = sizes_of(sizes)
    settings = settings_of(values)
    graphs, diagnostics = read_all(files, settings)
    graphs, more = driver.at(graphs, open_sizes, [BATCH])
    diagnostics.append(more)
    summaries = {
        name: table.summarize(replace(graph, name=name), depth, chosen, batch)
        for name, graph in graphs.items()
    }
    if form == "json":
        about = {"batch": batch, "sizes": open_sizes, "settings": settings}
        _print_data(summaries.values(), chosen, [*chain(*diagnostics)], about)
    else:
        show(errors(chain(*diagnostics)) or more, sys.stderr)
        grids = {name: one.grid() for name, one in summaries.items()}
        print_tables(form, grids, table.meanings(chosen, batch), units)
    finish(*diagnostics)


def _print_data(
    summaries: Iterable[Summary],
    columns: Sequence[str],
    diagnostics: list[Diagnostic],
    about: Mapping[str, object],
) -> None:
    from archdsl.backends import table

    described = table.descriptions(columns)
    networks = [table.as_data(one) for one in summaries]
    print_json(diagnostics, **about, columns=described, networks=networks)
