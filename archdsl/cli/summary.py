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
    UNITS,
    columns_of,
    settings_of,
    sizes_of,
)
from archdsl.cli.report import finish, print_json, show, use_color, width_of
from archdsl.cli.settings import written
from archdsl.cli.specs import FILES, several
from archdsl.diagnostics import Diagnostic, errors
from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.arithmetic import Value
    from archdsl.graph import Graph
    from archdsl.specs import RequestedSpec


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
    form: str,
    units: bool,
) -> None:
    """Print the layers of networks with their shapes, parameters and multiply-adds."""
    from archdsl import driver
    from archdsl.backends import table

    chosen = columns_of(columns, table.COLUMNS, table.PER_ROW)
    open_sizes, batch = sizes_of(sizes)
    settings = settings_of(values)
    found = {spec: read(spec, settings) for spec in several(files, wants_networks=True)}
    diagnostics = [several for _, several in found.values()]
    graphs = labelled({spec: graphs for spec, (graphs, _) in found.items()})
    graphs, more = driver.at(graphs, open_sizes, [BATCH])
    diagnostics.append(more)
    summaries = {
        name: table.summarize(replace(graph, name=name), depth, chosen, batch)
        for name, graph in graphs.items()
    }
    if form == "json":
        about = {
            "batch": batch,
            "sizes": open_sizes,
            "settings": settings,
            "columns": table.descriptions(chosen),
        }
        networks = [table.as_data(one) for one in summaries.values()]
        print_json([each for found in diagnostics for each in found], **about, networks=networks)
    else:
        wrong = errors(each for found in diagnostics for each in found)
        show(wrong or more, sys.stderr)
        grids = {name: one.grid() for name, one in summaries.items()}
        width, color = width_of(sys.stdout), use_color(sys.stdout)
        notes = table.meanings(chosen, batch)
        text = table.written(form, grids, notes, color, width=width, units=units)
        click.echo(text, nl=False)
    finish(*diagnostics)


def read(
    spec: RequestedSpec, settings: Mapping[str, Value]
) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The networks of a spec with other defaults, with what there is to say."""
    from archdsl import driver

    source, find, diagnostics = spec.open()
    if diagnostics:
        return {}, diagnostics
    return driver.read(source, find, spec.network, spec.given(settings))


def labelled(networks: Mapping[RequestedSpec, Mapping[str, Graph]]) -> dict[str, Graph]:
    """Networks by name and settings; by file too where others are called the same."""
    each = [
        (spec, name, graph) for spec, graphs in networks.items() for name, graph in graphs.items()
    ]
    short = [f"{name}{written(own(graph, spec))}" for spec, name, graph in each]
    times = Counter(short)
    return {
        label if times[label] == 1 else f"{_file(spec, name)}:{label}": graph
        for label, (spec, name, graph) in zip(short, each, strict=True)
    }


def own(graph: Graph, spec: RequestedSpec) -> dict[str, Value]:
    """Those of the settings of a spec that a network of it has."""
    parameters = {parameter.name for parameter in graph.tree.block.parameters}
    return {name: value for name, value in spec.settings if name in parameters}


def _file(spec: RequestedSpec, network: str) -> str:
    return printable(spec.label.removesuffix(f":{network}"))
