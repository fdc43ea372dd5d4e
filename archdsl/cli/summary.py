"""`archdsl summary`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
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
from archdsl.cli.specs import FILES, several
from archdsl.cli.tables import labelled, print_tables, read
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
    found = {spec: read(spec, settings) for spec in several(files, wants_networks=True)}
    diagnostics = [several for _, several in found.values()]
    graphs = labelled({spec: graphs for spec, (graphs, _) in found.items()}, settings)
    graphs, more = driver.at(graphs, open_sizes, [BATCH])
    diagnostics.append(more)
    summaries = {
        name: table.summarize(replace(graph, name=name), depth, chosen, batch)
        for name, graph in graphs.items()
    }
    if form == "json":
        about = {"batch": batch, "sizes": open_sizes, "settings": settings}
        _print_data(
            summaries.values(), chosen, [each for some in diagnostics for each in some], about
        )
    else:
        wrong = errors(each for found in diagnostics for each in found)
        show(wrong or more, sys.stderr)
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
