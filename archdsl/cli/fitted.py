"""The one network of a file, with as many classes as the data has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from archdsl.cli.arguments import open_sizes_of, settings_of
from archdsl.cli.specs import ambiguous, split
from archdsl.diagnostics import Diagnostic, errors, has_errors

if TYPE_CHECKING:
    from archdsl.graph import Graph


def fitted(
    file: str,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
    classes: int | None,
    externs: tuple[str, ...] = (),
) -> tuple[Graph | None, str, list[Diagnostic]]:
    """The only network of a file and its code, with `classes` set to fit; None keeps it.

    Classes of others come from the packages `externs` alone.
    """
    from archdsl import driver
    from archdsl.externs.signatures import differences
    from archdsl.training.fitting import is_sized

    spec = split(file)
    name = spec.network
    settings, open_sizes = spec.given(settings_of(values)), open_sizes_of(sizes)
    source, find, diagnostics = spec.open()
    if diagnostics:
        return None, "", diagnostics
    graphs, diagnostics = driver.read(source, find, name, settings)
    if len(graphs) > 1:
        raise click.UsageError(ambiguous(spec, list(graphs)))
    fits = classes is None or all(is_sized(graph, classes) for graph in graphs.values())
    if classes is not None and "classes" not in settings and not fits:
        wanted = settings | {"classes": classes}
        fitting, misfits = driver.read(source, find, name, wanted)
        if not has_errors(misfits):
            graphs, settings = fitting, wanted
    graphs, more = driver.at(graphs, open_sizes)
    if not graphs:
        return None, "", errors([*diagnostics, *more])
    (graph,) = graphs.values()
    text, diagnostics = driver.compile(source, find, graph.name, settings)
    diagnostics = errors(diagnostics) or differences([graph], externs)
    return (None if diagnostics else graph), text, diagnostics
