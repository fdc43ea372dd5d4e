"""Arguments of calls: which parameter each of them fills, or why it fills none.

Names are bound here for all who call: before a spec is run, where the callee is known by name, and
while it is run, where the callee is a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from archdsl.diagnostics import listing
from archdsl.fixes import Help
from archdsl.resolve.foreign import parameter_instead, parameter_of
from archdsl.resolve.positions import Misfit
from archdsl.syntax import ast

Filled: TypeAlias = list[tuple[ast.Argument, str | Misfit]]
"""Arguments, each with the parameter that it fills, or why it fills none."""


def fill(
    callee: str,
    parameters: Sequence[str],
    arguments: Sequence[ast.Argument],
    free: Sequence[str] | None = None,
    wrong: Misfit | None = None,
) -> Filled:
    """Every argument with the parameter that it fills; those by position fill the `free` ones.

    What is `wrong` with the call as a whole takes the place of what is with each of these.
    """
    free = parameters if free is None else free
    if wrong is not None:
        return _blaming(wrong, callee, parameters, arguments)
    filled: set[str] = set()
    result: Filled = []
    for index, argument in enumerate(arguments):
        if argument.name is None and index > len(free):
            # The first argument without a parameter is enough to say.
            continue
        found = (
            _by_position(callee, parameters, argument, index, free)
            if argument.name is None
            else _by_keyword(callee, parameters, argument.name, filled)
        )
        if isinstance(found, str):
            filled.add(found)
        result.append((argument, found))
    return result


def _blaming(
    wrong: Misfit, callee: str, parameters: Sequence[str], arguments: Sequence[ast.Argument]
) -> Filled:
    """The misfit of a call as a whole, and those of its keywords."""
    result: Filled = []
    for argument in arguments:
        if argument.span is wrong.span:
            result.append((argument, wrong))
        else:
            # The help has the parameters' own names.
            keyword = argument.name
            if keyword is not None and not parameter_of(keyword.name, parameters):
                result.append((argument, _by_keyword(callee, parameters, keyword, set())))
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
    if not parameters:
        message = f"`{callee}` takes no arguments"
        return Misfit("E0204", message, argument.span, Help(f"write `{callee}`", calls=[callee]))
    takes = f"`{callee}({', '.join(parameters)})`"
    return Misfit("E0204", f"too many arguments for {takes}", argument.span)


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
    """The misfit of a call that lacks arguments."""
    return f"`{callee}` needs a value for {listing(missing)}"
