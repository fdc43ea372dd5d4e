"""The pipeline, from top to bottom: one function for everything that can be asked of a spec.

Every function is given the main text and what finds its imports, and gives its result together
with all that there is to say. Where that holds an error, the result is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from archdsl.analysis.facts import Measures
from archdsl.analysis.given import at_sizes, symbols
from archdsl.analysis.lints import lint
from archdsl.analysis.pixels import for_side, scaled
from archdsl.arithmetic import Value
from archdsl.diagnostics import (
    Diagnostic,
    both,
    error,
    errors,
    has_errors,
    listing,
    several,
    suggestion,
)
from archdsl.elaborate import Measure, elaborate
from archdsl.graph import Graph, verify
from archdsl.resolve.silence import without_silenced
from archdsl.source import Source, Span, whole_of
from archdsl.syntax import ast
from archdsl.syntax.program import Find, Program, resolve

T = TypeVar("T")
Values: TypeAlias = Mapping[str, Value]
"""Other defaults for parameters of networks, by name."""


def load_program(source: Source, find: Find) -> tuple[Program, list[Diagnostic]]:
    """Read a text and everything it imports."""
    return resolve(source, find)


def read(
    source: Source, find: Find, only: str | None = None, values: Values | None = None
) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The networks of a text by name, or only one of them."""
    program, diagnostics = load_program(source, find)
    graphs, more = _build(program, only, values or {})
    return _result(graphs, {}, diagnostics + more)


def check(
    source: Source, find: Find, only: str | None = None
) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The networks of a text, or only one, with all diagnostics; asserts are verified too.

    If there are no errors, all lints run.
    """
    program, diagnostics = load_program(source, find)
    graphs, more = _build(program, only, {}, Measures())
    diagnostics += more
    is_right = not has_errors(diagnostics)
    diagnostics += lint(graphs.values()) if is_right else []
    diagnostics = without_silenced(program, diagnostics, is_check=is_right)
    return _result(graphs, {}, diagnostics)


def compile(
    source: Source, find: Find, only: str | None = None, values: Values | None = None
) -> tuple[str, list[Diagnostic]]:
    """The text of the Python file for a spec, or for only one of its networks."""
    program, diagnostics = load_program(source, find)
    overrides, more = _override(program, only, values or {})
    diagnostics = errors(diagnostics + more)
    if diagnostics:
        return "", diagnostics
    # Only this verb has to wait for the template engine.
    from archdsl.completion import complete

    text, diagnostics = complete(program, overrides, only)
    if not overrides and not has_errors(diagnostics):
        help = "`check` checks blocks; code is written for `network` declarations"
        diagnostics.append(_no_network(_main(program), help))
    return _result(text, "", without_silenced(program, diagnostics))


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


def _build(
    program: Program, only: str | None, values: Values, measure: Measure | None = None
) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The graphs of a program, each of them verified."""
    overrides, diagnostics = _override(program, only, values)
    if diagnostics:
        return {}, diagnostics
    graphs, diagnostics = elaborate(program, overrides, only, measure)
    if not has_errors(diagnostics):
        diagnostics += [fault for graph in graphs.values() for fault in verify(graph)]
    return graphs, diagnostics


def _override(
    program: Program, only: str | None, values: Values
) -> tuple[dict[str, dict[str, Value]], list[Diagnostic]]:
    """The values by network; an error where there is no such network or parameter."""
    file = _main(program)
    networks = _declared(file)
    if only in file.unread:
        return {}, []
    if only is not None and only not in networks:
        return {}, [_not_this_network(file, only, networks)]
    if values and not networks and not file.unread:
        return {}, [_no_network(file)]
    chosen = networks if only is None else {only: networks[only]}
    known = set().union(*chosen.values())
    unknown = [] if file.unread else [name for name in values if name not in known]
    return {
        network: {name: value for name, value in values.items() if name in parameters}
        for network, parameters in chosen.items()
    }, [_no_parameter(file, name, known) for name in unknown]


def _declared(file: ast.File) -> dict[str, set[str]]:
    """The names of the parameters of every network that a file declares."""
    return {
        declaration.name.name: {parameter.name.name for parameter in declaration.parameters}
        for declaration in file.declarations
        if isinstance(declaration, ast.BlockDeclaration) and declaration.is_network
    }


def _not_this_network(file: ast.File, name: str, known: Iterable[str]) -> Diagnostic:
    message = f"there is no network `{name}` in this file"
    return error("E0911", message, _request(file), help=_other_networks(file, name, [*known]))


def _other_networks(file: ast.File, name: str, known: Sequence[str]) -> str:
    """The networks that there are, where one is not."""
    blocks = {
        each.name.name for each in file.declarations if isinstance(each, ast.BlockDeclaration)
    }
    is_block = name in blocks and f"`{name}` is a block, not a `network`"
    listed = f"the file has {several(known)}" if known else "the file has no networks"
    return both(is_block or suggestion(name, known), listed)


def _no_network(file: ast.File, help: str = "") -> Diagnostic:
    return error("E0911", "there is no network in this file", _request(file), help=help)


def _no_parameter(file: ast.File, name: str, known: Iterable[str]) -> Diagnostic:
    message = f"there is no parameter `{name}`"
    names = sorted(known)
    listed = f"the parameters are {several(names)}" if names else "there are no parameters"
    return error("E0912", message, _request(file), help=both(suggestion(name, names), listed))


def _request(file: ast.File) -> Span:
    """The place of a mistake that lies in what is asked of a file, in no line of it."""
    return whole_of(file.source.name)


def _main(program: Program) -> ast.File:
    return program.modules[program.main].file


def _result(value: T, nothing: T, diagnostics: list[Diagnostic]) -> tuple[T, list[Diagnostic]]:
    return (nothing if has_errors(diagnostics) else value), diagnostics
