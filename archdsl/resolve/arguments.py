"""Arguments of calls: which parameter each of them fills, or why it fills none.

Names are bound here for all who call: before a spec is run, where the callee is known by name, and
while it is run, where the callee is a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archdsl.diagnostics import listing
from archdsl.resolve.foreign import parameter_instead
from archdsl.source import Span
from archdsl.syntax import ast


@dataclass(frozen=True)
class Misfit:
    """What is wrong with an argument."""

    code: str
    message: str
    span: Span
    help: str = ""


def fill(
    callee: str,
    parameters: Sequence[str],
    arguments: Sequence[ast.Argument],
    free: Sequence[str] | None = None,
) -> list[tuple[ast.Argument, str | Misfit]]:
    """Every argument with the parameter that it fills; those by position fill the `free` ones."""
    filled: set[str] = set()
    result: list[tuple[ast.Argument, str | Misfit]] = []
    for index, argument in enumerate(arguments):
        found = (
            _by_position(callee, parameters, argument, index, parameters if free is None else free)
            if argument.name is None
            else _by_keyword(callee, parameters, argument.name, filled)
        )
        if isinstance(found, str):
            filled.add(found)
        result.append((argument, found))
    return result


def _by_position(
    callee: str,
    parameters: Sequence[str],
    argument: ast.Argument,
    index: int,
    free: Sequence[str],
) -> str | Misfit:
    if index < len(free):
        return free[index]
    takes = f"`{callee}({', '.join(parameters)})`"
    return Misfit("E0204", f"{takes} has no parameter left for this argument", argument.span)


def _by_keyword(
    callee: str, parameters: Sequence[str], keyword: ast.Name, filled: set[str]
) -> str | Misfit:
    name = keyword.name
    if name not in parameters:
        help = parameter_instead(name, parameters) or f"it has {listing(parameters)}"
        return Misfit("E0202", f"`{callee}` has no parameter `{name}`", keyword.span, help)
    return given_twice(keyword) if name in filled else name


def given_twice(keyword: ast.Name) -> Misfit:
    """A keyword whose parameter has a value already."""
    return Misfit("E0205", f"`{keyword.name}` is given twice in this call", keyword.span)


def needs(callee: str, missing: Sequence[str]) -> str:
    """What a call says that lacks arguments."""
    return f"`{callee}` needs a value for {listing(missing)}"
