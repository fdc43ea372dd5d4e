"""Which of its parameters a declaration takes for layers, and which for numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archdsl.resolve.words import JOINS, Role, takes
from archdsl.syntax import ast
from archdsl.syntax.walk import body_of, descendants, once


@once
def roles_of(declaration: ast.Named | ast.Binding) -> Mapping[str, Role]:
    """The role of every parameter that has but one."""
    own = {parameter.name.name for parameter in declaration.parameters or ()}
    found: dict[str, set[Role]] = {}
    for name, role in [each for node in descendants(body_of(declaration)) for each in _uses(node)]:
        found.setdefault(name, set()).add(role)
    return {
        name: role
        for name in own & found.keys()
        if len(roles := found[name]) == 1
        for role in roles
    }


def _uses(node: ast.SyntaxNode) -> Iterator[tuple[str, Role]]:
    """The names directly below a node, each with what it must be there."""
    match node:
        case ast.Arithmetic(first=first, rest=rest):
            yield from _names("number", first, *[operand for _, operand in rest])
        case ast.Comparison(left=left, right=right):
            yield from _names("number", left, right)
        case ast.Chain(links=layers) | ast.Bundle(branches=layers):
            yield from _names("layer", *layers)
        case ast.Labelled(layer=layer):
            yield from _names("layer", layer)
        case ast.Call(callee=callee, arguments=arguments):
            yield from _names("layer", callee)
            yield from _call(callee, arguments)


def _call(callee: ast.Expression, arguments: Sequence[ast.Argument]) -> Iterator[tuple[str, Role]]:
    """The names that are arguments of a function of the language."""
    values = [argument.value for argument in arguments]
    match callee:
        case ast.Name(name=name) if name in JOINS:
            # The parameters of a join have keywords.
            branches = [each.value for each in arguments if each.name is None]
            yield from _names("layer", *branches)
        case ast.Name(name=name):
            for role, value in zip(takes(name), values, strict=False):
                yield from _names(role, value)


def _names(role: Role, *nodes: ast.Expression) -> Iterator[tuple[str, Role]]:
    for node in nodes:
        if isinstance(node, ast.Name):
            yield node.name, role
