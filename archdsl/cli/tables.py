"""What commands that print tables have in common: networks by their labels, and how to print."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from archdsl.cli.report import use_color, width_of
from archdsl.cli.settings import written
from archdsl.cli.specs import several
from archdsl.diagnostics import Diagnostic
from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.arithmetic import Value
    from archdsl.backends.table import Grid, TableForm
    from archdsl.graph import Graph
    from archdsl.specs import RequestedSpec


def print_tables(
    form: TableForm, grids: Mapping[str, Grid], notes: Sequence[str], units: bool = False
) -> None:
    """Print tables, as text in the colours and within the width of the terminal."""
    from archdsl.backends import table

    width, color = width_of(sys.stdout), use_color(sys.stdout)
    click.echo(table.written(form, grids, notes, color, width=width, units=units), nl=False)


def _read(
    spec: RequestedSpec, settings: Mapping[str, Value]
) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The networks of a spec with other defaults, with diagnostics."""
    from archdsl import driver

    source, find, diagnostics = spec.open()
    if diagnostics:
        return {}, diagnostics
    return driver.read(source, find, spec.network, spec.given(settings))


def read_all(
    files: tuple[str, ...], settings: Mapping[str, Value]
) -> tuple[dict[str, Graph], list[list[Diagnostic]]]:
    """The networks of specs by their labels, with the diagnostics of every spec."""
    found = {spec: _read(spec, settings) for spec in several(files, wants_networks=True)}
    graphs = _labelled({spec: graphs for spec, (graphs, _) in found.items()}, settings)
    return graphs, [diagnostics for _, diagnostics in found.values()]


def _labelled(
    networks: Mapping[RequestedSpec, Mapping[str, Graph]], settings: Mapping[str, Value]
) -> dict[str, Graph]:
    """Networks by name and settings; by file too where others are called the same."""
    each = [
        (spec, name, graph) for spec, graphs in networks.items() for name, graph in graphs.items()
    ]
    short = [f"{name}{written(_own(graph, spec.given(settings)))}" for spec, name, graph in each]
    # What one file gives under one label is one network, however it was asked for.
    files = {(_file(spec), label) for label, (spec, _, _) in zip(short, each, strict=True)}
    times = Counter(label for _, label in files)
    return {
        label if times[label] == 1 else f"{_file(spec)}:{label}": graph
        for label, (spec, _, graph) in zip(short, each, strict=True)
    }


def _own(graph: Graph, settings: Mapping[str, Value]) -> dict[str, Value]:
    """The settings that a network has a parameter for."""
    parameters = {parameter.name for parameter in graph.tree.block.parameters}
    return {name: value for name, value in settings.items() if name in parameters}


def _file(spec: RequestedSpec) -> str:
    return printable(spec.called)
