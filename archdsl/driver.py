"""The pipeline, from top to bottom: one function for everything that can be asked of a spec.

Every function is given the main text and what finds its imports, and gives its result together
with all that there is to say. Where that holds an error, the result is empty. With a `history`,
only what has changed since the last version of a text is read, checked and run again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from archdsl.analysis.given import at_sizes, symbols
from archdsl.analysis.pixels import for_side, scaled
from archdsl.diagnostics import (
    Diagnostic,
    both,
    error,
    errors,
    has_errors,
    listing,
    suggestion,
)
from archdsl.findings import History
from archdsl.graph import Graph
from archdsl.overrides import Values, no_network, override
from archdsl.resolve.silence import without_silenced
from archdsl.source import Source, whole_of
from archdsl.syntax.program import Find, Program, resolve

if TYPE_CHECKING:
    from archdsl.backends.torch import GeneratedCode
    from archdsl.fitting import Fit, LargestBatch, Question

T = TypeVar("T")


def load_program(source: Source, find: Find) -> tuple[Program, list[Diagnostic]]:
    """Read a text and everything it imports."""
    return resolve(source, find)


def read(
    source: Source,
    find: Find,
    only: str | None = None,
    values: Values | None = None,
    history: History | None = None,
) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The networks of a text by name, or only one of them."""
    findings = (history or History()).findings(source, find, only, values)
    return _result(findings.graphs, {}, findings.of_networks)


def check(
    source: Source, find: Find, only: str | None = None, history: History | None = None
) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The networks of a text, or only one, with all diagnostics; asserts are verified too.

    If there are no errors, all lints run.
    """
    findings = (history or History()).findings(source, find, only)
    return _result(findings.graphs, {}, findings.diagnostics)


def compile(
    source: Source, find: Find, only: str | None = None, values: Values | None = None
) -> tuple[str, list[Diagnostic]]:
    """The text of the Python file for a spec, or for only one of its networks."""
    code, diagnostics = generated(source, find, only, values)
    return ("" if code is None else code.text), diagnostics


def generated(
    source: Source, find: Find, only: str | None = None, values: Values | None = None
) -> tuple[GeneratedCode | None, list[Diagnostic]]:
    """The Python file for a spec or one of its networks, with the classes of its blocks."""
    program, diagnostics = load_program(source, find)
    overrides, more = override(program, only, values or {})
    diagnostics = errors(diagnostics + more)
    if diagnostics:
        return None, diagnostics
    # Only this verb has to wait for the template engine.
    from archdsl.completion import complete

    code, diagnostics = complete(program, overrides, only)
    if not overrides and not has_errors(diagnostics):
        help = "`check` checks blocks; code is written for `network` declarations"
        diagnostics.append(no_network(program.file, help))
    return _result(code, None, without_silenced(program, diagnostics))


def fit(
    source: Source, find: Find, only: str | None, values: Values, question: Question
) -> tuple[Fit | LargestBatch | None, list[Diagnostic]]:
    """The values of parameters that meet targets; without any to vary, the largest batch.

    The text has one network, or `only` one is asked for.
    """
    from archdsl import fitting

    findings = History().findings(source, find, only, values)
    graphs, diagnostics = _result(findings.graphs, {}, findings.of_networks)
    _, more = at(graphs, question.sizes)
    elaboration, wrong = findings.elaboration, errors(diagnostics + more)
    if wrong or elaboration is None:
        return None, wrong
    if not graphs:
        return None, [no_network(findings.program.file)]
    (graph,) = graphs.values()
    own = {each.name for each in graph.tree.block.parameters}
    given = {name: value for name, value in values.items() if name in own}
    try:
        if not question.names:
            return fitting.largest_batch(graph, question), more
        return fitting.fit(elaboration, graph, question, given), more
    except fitting.Unanswered as refused:
        return None, refused.diagnostics


def at(
    graphs: Mapping[str, Graph],
    sizes: Mapping[str, int],
    beside: Iterable[str] = (),
    asked: str = "--at",
) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The networks with values for their open sizes; every name must be an open size of one.

    `beside` lists further names that could be meant; messages blame `asked`.
    """
    known = {name for graph in graphs.values() for name in symbols(graph)}
    unknown = [name for name in sizes if name not in known]
    diagnostics = [_no_size(name, sizes[name], graphs, beside, asked) for name in unknown if graphs]
    found: dict[str, Graph] = {}
    for name, graph in graphs.items():
        found[name], more = at_sizes(graph, sizes)
        diagnostics += more or scaled(graph, sizes)
    return _result(found, {}, diagnostics)


def _no_size(
    name: str, value: int, graphs: Mapping[str, Graph], beside: Iterable[str], asked: str
) -> Diagnostic:
    message = f"no network has an open size `{name}`"
    known = sorted({symbol for graph in graphs.values() for symbol in symbols(graph)})
    listed = f"the open sizes are {listing(known)}" if known else "all sizes are numbers"
    instead = for_side(name, value, graphs.values()) or suggestion(name, [*known, *beside])
    return error("E0915", message, whole_of(asked), help=both(instead, listed))


def _result(value: T, nothing: T, diagnostics: list[Diagnostic]) -> tuple[T, list[Diagnostic]]:
    return (nothing if has_errors(diagnostics) else value), diagnostics
