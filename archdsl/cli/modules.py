"""Networks of specs as live modules, for the commands that run them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archdsl.cli.arguments import ambiguous, settings_of, split
from archdsl.diagnostics import Diagnostic
from archdsl.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import nn

    from archdsl.graph import Graph


@dataclass(frozen=True)
class Made:
    """A network of a spec, all its sizes numbers, and its module."""

    name: str
    graph: Graph
    module: nn.Module

    @property
    def inputs(self) -> dict[str, tuple[int, ...]]:
        """The shapes of its inputs by name, without the batch."""
        return {name: _numbers(self.graph, name) for name in self.graph.inputs}


def _numbers(graph: Graph, name: str) -> tuple[int, ...]:
    shape = graph.shape(graph.inputs[name])
    return tuple(size for size in shape if isinstance(size, int))


def make(
    file: str, values: tuple[str, ...], sizes: Mapping[str, int], weights: Path | None = None
) -> tuple[Made | None, list[Diagnostic]]:
    """The module of `FILE:NETWORK`; None, with the reason, where there is none."""
    from archdsl import driver
    from archdsl.files import open_main
    from archdsl.runtime import load_weights, reproducible

    path, network = split(file)
    settings = settings_of(values)
    source, find, diagnostics = open_main(path)
    graphs: dict[str, Graph] = {}
    if not diagnostics:
        graphs, diagnostics = driver.read(source, find, network, settings)
    graphs, refused = driver.at(graphs, sizes)
    diagnostics += refused
    if len(graphs) > 1:
        raise click.UsageError(ambiguous(path, list(graphs)))
    for name, graph in graphs.items():
        text, more = driver.compile(source, find, name, settings)
        diagnostics = driver.errors(diagnostics + more) or _open(graph)
        if not diagnostics:
            module = reproducible(text, name)
            refused = load_weights(module, weights, name) if weights else []
            return (None if refused else Made(name, graph, module)), refused
    return None, driver.errors(diagnostics)


def _open(graph: Graph) -> list[Diagnostic]:
    """An error where sizes of the input are open: nothing can be run then."""
    from archdsl.analysis.given import symbols

    names = symbols(graph)
    if not names:
        return []
    listed = ", ".join(f"`{name}`" for name in names)
    help = f"give them numbers, as in `--at {','.join(f'{name}=224' for name in names)}`"
    message = f"`{graph.name}` leaves {listed} open, and is to be run"
    return [_error(graph.name, "E0972", message, help)]


def missing(extra: str, *packages: str) -> list[Diagnostic]:
    """An error where one of the packages is not installed, which names the extra that has them."""
    absent = [package for package in packages if find_spec(package) is None]
    if not absent:
        return []
    message = f"not installed: {', '.join(absent)}"
    return [_error("archdsl", "E0971", message, f"pip install 'archdsl[{extra}]'")]


def _error(name: str, code: str, message: str, help: str) -> Diagnostic:
    return Diagnostic(code, message, Span(Source(name, ""), 0, 0), help=help)
