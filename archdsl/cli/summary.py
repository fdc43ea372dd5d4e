"""`archdsl summary`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
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
)
from archdsl.cli.report import finish, print_json, show, use_color
from archdsl.cli.specs import FILES, several
from archdsl.diagnostics import Diagnostic, errors
from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.graph import Graph
    from archdsl.specs import Spec


@click.command()
@FILES
@DEPTH
@COLUMNS
@AT
@SET
@TABLE_FORMAT
def summary(
    files: tuple[str, ...],
    depth: int,
    columns: str,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
    form: str,
) -> None:
    """Print the layers of networks with their shapes, parameters and multiply-adds."""
    from archdsl import driver
    from archdsl.backends import table

    chosen = columns_of(columns, table.COLUMNS, table.PER_ROW)
    open_sizes, batch = sizes_of(sizes)
    found = {spec: read(spec, values) for spec in several(files, wants_networks=True)}
    diagnostics = [several for _, several in found.values()]
    graphs = labelled({spec.label: graphs for spec, (graphs, _) in found.items()})
    graphs, more = driver.at(graphs, open_sizes, [BATCH])
    diagnostics.append(more)
    summaries = {
        name: table.summarize(replace(graph, name=name), depth, chosen, batch)
        for name, graph in graphs.items()
    }
    if form == "json":
        about = {"batch": batch, "sizes": open_sizes, "columns": table.descriptions(chosen)}
        networks = [table.as_data(one) for one in summaries.values()]
        print_json([each for found in diagnostics for each in found], **about, networks=networks)
    else:
        wrong = errors(each for found in diagnostics for each in found)
        show(wrong or more, sys.stderr)
        grids = {name: one.grid() for name, one in summaries.items()}
        text = table.written(form, grids, table.meanings(chosen, batch), use_color(sys.stdout))
        click.echo(text, nl=False)
    finish(*diagnostics)


def read(spec: Spec, values: tuple[str, ...]) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The networks of a spec, with what there is to say."""
    from archdsl import driver

    settings = settings_of(values)
    source, find, diagnostics = spec.open()
    return ({}, diagnostics) if diagnostics else driver.read(source, find, spec.network, settings)


def labelled(files: Mapping[str, Mapping[str, Graph]]) -> dict[str, Graph]:
    """The networks of several files by name; by file and name where a name is in several."""
    names = Counter(name for graphs in files.values() for name in graphs)
    return {
        name if names[name] == 1 else f"{printable(file.removesuffix(f':{name}'))}:{name}": graph
        for file, graphs in files.items()
        for name, graph in graphs.items()
    }
