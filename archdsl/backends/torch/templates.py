"""The templates of ops (`ops/forms.py`) as Python values."""

from __future__ import annotations

import ast
from functools import cache

from archdsl.backends.torch import python, traversal

OPERATORS = {ast.Mult: "*", ast.Add: "+"}


def filled(
    template: str, tensor: python.Expression, *arguments: python.Expression
) -> python.Expression:
    """A template of an op, of a tensor or a list of some, and the op's other arguments."""
    names = [f"argument{place}" for place in range(len(arguments))]
    text = template.format(*(names or ["tensor"]), x="tensor", slice=":".join(names))
    values = {"tensor": tensor, **dict(zip(names, arguments, strict=True))}

    def value_of(code: python.Code) -> python.Code:
        match code:
            case python.Name(id=name):
                return values.get(name, code)
            case python.Slice(start=python.Name(id=name), stop=stop) if values[
                name
            ] == python.Constant(0):
                return traversal.changed(python.Slice(None, stop), value_of)
        return code

    return traversal.changed(_read(text), value_of)


@cache
def _read(template: str) -> python.Expression:
    return _converted(ast.parse(template, mode="eval").body)


def _converted(node: ast.expr) -> python.Expression:
    match node:
        case ast.Name(id=name):
            return python.Name(name)
        case ast.Constant(value=int(value)):
            return python.Constant(value)
        case ast.Attribute(value=value, attr=name):
            return python.Attribute(_converted(value), name)
        case ast.Call(func=function, args=arguments):
            return python.call(_converted(function), *map(_converted, arguments))
        case ast.BinOp(left=left, op=operator, right=right):
            sides = (_converted(left), _converted(right))
            return python.Operation(OPERATORS[type(operator)], sides)
        case ast.Subscript(value=value, slice=ast.Tuple(elts=items)):
            index = python.Display("bare", tuple(map(_converted, items)))
            return python.Subscript(_converted(value), index)
        case ast.Slice(lower=start, upper=stop):
            bounds = [None if side is None else _converted(side) for side in (start, stop)]
            return python.Slice(*bounds)
    raise AssertionError(ast.dump(node))
