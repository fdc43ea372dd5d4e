"""Networks of specs as live modules, for the commands that run them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from archdsl.cli.arguments import settings_of
from archdsl.cli.specs import ambiguous, split
from archdsl.diagnostics import Diagnostic, error, errors, has_errors
from archdsl.source import whole_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from archdsl.cli.weights import Checkpoint
    from archdsl.examples import Sized
    from archdsl.graph import Graph
    from archdsl.runtime import Module


@dataclass(frozen=True)
class Made:
    """A network of a spec, all its sizes numbers, and its module."""

    name: str
    graph: Graph
    module: Module

    @property
    def inputs(self) -> dict[str, Sized]:
        """The types of its inputs by name, without the batch."""
        from archdsl.examples import sized

        ports = self.graph.inputs.items()
        return {name: sized(self.graph.shape(port), {}) for name, port in ports}

    @property
    def are_last(self) -> list[bool]:
        """Of every output, whether its channels are behind the positions."""
        return [self.graph.shape(port).is_last for port in self.graph.outputs.values()]


@dataclass(frozen=True)
class _Chosen:
    """A network of a file, and what writes its code."""

    name: str
    graph: Graph
    code: Callable[[], tuple[str, list[Diagnostic]]]


def make(
    file: str,
    values: tuple[str, ...],
    sizes: Mapping[str, int],
    checkpoint: Checkpoint,
    is_open: bool = False,
    externs: Sequence[str] = (),
) -> tuple[Made | None, list[Diagnostic]]:
    """The module of `FILE:NETWORK`, with notes on its weights; None, with the reason, for none."""
    modules, diagnostics = make_all([(file, values)], sizes, is_open, externs)
    for made in modules:
        diagnostics = [*diagnostics, *checkpoint.load(made.module, made.graph)]
        return (None if has_errors(diagnostics) else made), diagnostics
    return None, diagnostics


def make_all(
    wanted: Sequence[tuple[str, tuple[str, ...]]],
    sizes: Mapping[str, int],
    is_open: bool = False,
    externs: Sequence[str] = (),
) -> tuple[list[Made], list[Diagnostic]]:
    """The modules of several `FILE:NETWORK`, each with its parameters, or the reasons why not.

    Beside modules there are notes on the sizes alone.

    A size must be one that any of them leaves open. Classes of others come from the packages
    `externs` alone.
    """
    from archdsl import driver
    from archdsl.externs.signatures import differences

    found = [_choose(file, values) for file, values in wanted]
    diagnostics = errors([each for _, several in found for each in several])
    chosen = [each for each, _ in found if each is not None]
    if diagnostics:
        return [], diagnostics
    numbered = {str(number): each.graph for number, each in enumerate(chosen)}
    graphs, diagnostics = driver.at(numbered, sizes)
    codes = [each.code() for each in chosen]
    notes = [] if has_errors(diagnostics) else diagnostics
    diagnostics = errors(diagnostics + [each for _, several in codes for each in several])
    if not diagnostics and not is_open:
        diagnostics = [each for graph in graphs.values() for each in _open(graph)]
    diagnostics = diagnostics or differences([*graphs.values()], externs)
    if diagnostics:
        return [], diagnostics
    modules, diagnostics = _made([*graphs.values()], [text for text, _ in codes], externs)
    return modules, diagnostics or notes


def _made(
    graphs: Sequence[Graph], codes: Sequence[str], externs: Sequence[str]
) -> tuple[list[Made], list[Diagnostic]]:
    """The modules of networks by their code; none, with the reason, where one cannot be made."""
    from archdsl.externs.signatures import made
    from archdsl.runtime import reproducible

    modules: list[Made] = []
    for graph, text in zip(graphs, codes, strict=True):
        module, diagnostics = made(partial(reproducible, text, graph.name, externs), graph)
        if module is None:
            return [], diagnostics
        modules.append(Made(graph.name, graph, module))
    return modules, []


def _choose(file: str, values: tuple[str, ...]) -> tuple[_Chosen | None, list[Diagnostic]]:
    """The one network of `FILE:NETWORK`."""
    from archdsl import driver

    spec = split(file)
    settings = spec.given(settings_of(values))
    source, find, diagnostics = spec.open()
    graphs: dict[str, Graph] = {}
    if not diagnostics:
        graphs, diagnostics = driver.read(source, find, spec.network, settings)
    if len(graphs) > 1:
        raise click.UsageError(ambiguous(spec, list(graphs)))
    for name, graph in graphs.items():
        code = partial(driver.compile, source, find, name, settings)
        return _Chosen(name, graph, code), diagnostics
    return None, diagnostics


def _open(graph: Graph) -> list[Diagnostic]:
    """An error where sizes of the input are open: nothing can be run then."""
    from archdsl.analysis.given import symbols
    from archdsl.analysis.pixels import example, input_text, usual_sizes

    names = symbols(graph)
    if not names:
        return []
    listed = ", ".join(f"`{name}`" for name in names)
    shape = input_text(graph, usual_sizes(graph))
    help = f"give them numbers: `--at {example(graph)}` makes the input {shape}"
    message = f"`{graph.name}` cannot run with open sizes: {listed}"
    return [error("E0972", message, whole_of(graph.name), help=help)]


def missing(extra: str, *packages: str) -> list[Diagnostic]:
    """An error where one of the packages is not installed, which names the extra that has them."""
    absent = [package for package in packages if find_spec(package) is None]
    if not absent:
        return []
    message = f"not installed: {', '.join(absent)}"
    help = f"pip install 'archdsl[{extra}]'"
    return [error("E0971", message, whole_of("archdsl"), help=help)]
