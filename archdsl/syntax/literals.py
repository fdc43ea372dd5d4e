"""Values that stand in a text as such."""

from __future__ import annotations

from archdsl.arithmetic import Value
from archdsl.syntax import ast


def literal_of(node: ast.Expression) -> Value | None:
    """The value of what is written out: a number, a truth value, a string, a list of such.

    None where any of it must be evaluated first.
    """
    match node:
        case ast.Number(value=value) | ast.Boolean(value=value) | ast.String(value=value):
            return value
        case ast.Negation(operand=ast.Number(value=value)):
            return -value
        case ast.List(items=items):
            values = tuple(
                [None if isinstance(item, ast.Wildcard) else literal_of(item) for item in items]
            )
            return None if None in values else values  # type: ignore[return-value]
    return None
