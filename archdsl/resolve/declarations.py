"""Checks of a file's declarations by themselves: their names and their parameters."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.diagnostics import Diagnostic, note
from archdsl.resolve.report import Report
from archdsl.resolve.scopes import Globals
from archdsl.resolve.words import BUILTINS, KEPT
from archdsl.syntax import ast

ROLES = {"normalization": "norm", "activation": "activation"}
"""What a parameter is called that takes an op of a family."""


def check_declarations(file: ast.File, names: Globals, report: Report) -> None:
    """Names that are taken, and networks that could not be compiled."""
    _names(file, names, report)
    for declaration in file.declarations:
        if isinstance(declaration, ast.Named):
            _parameters(declaration, report)
        if isinstance(declaration, ast.BlockDeclaration) and declaration.is_network:
            _network(declaration, report)


def _names(file: ast.File, names: Globals, report: Report) -> None:
    first: dict[str, ast.Name] = {}
    lets = {each.name for each in file.declarations if isinstance(each, ast.Let)}
    for name, suffix in _declared(file):
        if name.name in KEPT:
            message = f"`{name.name}` is already a name of the language"
            help = f"rename it, to `{_free(name.name + suffix, names)}`"
            help += _exchanged(name.name, names) if name in lets else ""
            report.refuse("E0212", message, name.span, help)
        elif name.name in first:
            line = report.placed(first[name.name].span).line
            message = f"`{name.name}` is declared twice, first on line {line}"
            report.refuse("E0210", message, name.span, "rename one of them, or delete it")
        elif name.name in names.ops or name.name in BUILTINS:
            report.add(_hiding(name, suffix, names))
        first.setdefault(name.name, name)


def _hiding(name: ast.Name, suffix: str, names: Globals) -> Diagnostic:
    """The note on a name that became a word of the language after others had it."""
    message = (
        f"`{name.name}` hides the {'op' if name.name in names.ops else 'function'} of its name"
    )
    help = f"to use that too, rename this one, to `{_free(name.name + suffix, names)}`"
    return note("N0202", message, name.span, help=help)


def _exchanged(name: str, names: Globals) -> str:
    """How to use another layer in the place of an op, which a `let` of its name cannot do."""
    if name not in names.ops or names.ops[name].arity != 1:
        return ""
    parameter = ROLES.get(names.ops[name].family, "layer")
    return f"; to use another layer in its place, give the block a parameter `{parameter}={name}`"


def _free(name: str, names: Globals) -> str:
    """The name, or one like it that nothing has."""
    free, number = name, 1
    while names.knows(free):
        number += 1
        free = f"{name}{number}"
    return free


def _declared(file: ast.File) -> Iterator[tuple[ast.Name, str]]:
    """The names that a file declares or imports, in order, each with a suffix for another name."""
    for declaration in file.declarations:
        match declaration:
            case ast.Import(names=names):
                yield from ((imported.alias or imported.name, "_") for imported in names)
            case ast.Let(name=name) | ast.Extern(name=name):
                yield name, "_"
            case ast.BlockDeclaration(name=name, is_network=is_network):
                yield name, "_net" if is_network else "_block"


def _parameters(declaration: ast.Named, report: Report) -> None:
    seen: set[str] = set()
    for parameter in declaration.parameters or ():
        name = parameter.name
        if name.name in seen:
            message = f"`{declaration.name.name}` has two parameters `{name.name}`"
            report.refuse("E0211", message, name.span)
        seen.add(name.name)


def _network(network: ast.BlockDeclaration, report: Report) -> None:
    name = network.name
    if network.signature is None:
        message = f"the network `{name.name}` has no input shape"
        help = f"write `network {name.name}: [3, 224, 224] = …`"
        report.refuse("E0214", message, name.span, help)
    for parameter in network.parameters:
        if parameter.default is None:
            message = f"the network `{name.name}` needs a default for `{parameter.name.name}`"
            help = f"write `{parameter.name.name}=…`, or make it a `block`"
            report.refuse("E0213", message, parameter.name.span, help)
