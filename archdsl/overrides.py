"""Requests for one network of a spec, and for other defaults of parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from archdsl.arithmetic import Value
from archdsl.diagnostics import Diagnostic, both, error, several, suggestion
from archdsl.source import Span, whole_of
from archdsl.syntax import ast
from archdsl.syntax.program import Program

Values: TypeAlias = Mapping[str, Value]
"""Other defaults for parameters of networks, by name."""


def override(
    program: Program, only: str | None, values: Values
) -> tuple[dict[str, dict[str, Value]], list[Diagnostic]]:
    """The values by network; an error where there is no such network or parameter."""
    file = program.file
    networks = _declared(file)
    if only in file.unread:
        return {}, []
    if only is not None and only not in networks:
        return {}, [_not_this_network(file, only, networks)]
    if values and not networks and not file.unread:
        return {}, [no_network(file)]
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
    """The help for an unknown network: the networks of the file."""
    blocks = {
        each.name.name for each in file.declarations if isinstance(each, ast.BlockDeclaration)
    }
    is_block = name in blocks and f"`{name}` is a block, not a `network`"
    listed = f"the file has {several(known)}" if known else "the file has no networks"
    return both(is_block or suggestion(name, known), listed)


def no_network(file: ast.File, help: str = "") -> Diagnostic:
    """The error of a file without networks that should have one."""
    return error("E0911", "there is no network in this file", _request(file), help=help)


def _no_parameter(file: ast.File, name: str, known: Iterable[str]) -> Diagnostic:
    message = f"there is no parameter `{name}`"
    names = sorted(known)
    listed = f"the parameters are {several(names)}" if names else "there are no parameters"
    return error("E0912", message, _request(file), help=both(suggestion(name, names), listed))


def _request(file: ast.File) -> Span:
    """The place of a mistake in a request: the file, but none of its lines."""
    return whole_of(file.source.name)
