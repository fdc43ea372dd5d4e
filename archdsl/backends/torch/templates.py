"""The templates of ops (`ops/forms.py`) as Python values."""

from __future__ import annotations

import ast
from functools import cache

from archdsl.backends.torch import python, traversal
from archdsl.backends.torch.python import (
    PyAttribute,
    PyCode,
    PyConstant,
    PyDisplay,
    PyExpression,
    PyName,
    PyOperation,
    PySlice,
    PySubscript,
)

OPERATORS = {ast.Mult: "*", ast.Add: "+"}


def filled(template: str, tensor: PyExpression, *arguments: PyExpression) -> PyExpression:
    """A template of an op, of a tensor or a list of some, and the op's other arguments."""
    names = [f"argument{place}" for place in range(len(arguments))]
    text = template.format(*(names or ["tensor"]), x="tensor", slice=":".join(names))
    values = {"tensor": tensor, **dict(zip(names, arguments, strict=True))}

    def value_of(code: PyCode) -> PyCode:
        match code:
            case PyName(id=name):
                return values.get(name, code)
            case PySlice(start=PyName(id=name), stop=stop) if values[name] == PyConstant(0):
                return traversal.changed(PySlice(None, stop), value_of)
        return code

    return traversal.changed(_read(text), value_of)


@cache
def _read(template: str) -> PyExpression:
    return _converted(ast.parse(template, mode="eval").body)


def _converted(node: ast.expr) -> PyExpression:
    match node:
        case ast.Name(id=name):
            return PyName(name)
        case ast.Constant(value=int(value)):
            return PyConstant(value)
        case ast.Attribute(value=value, attr=name):
            return PyAttribute(_converted(value), name)
        case ast.Call(func=function, args=arguments):
            return python.call(_converted(function), *map(_converted, arguments))
        case ast.BinOp(left=left, op=operator, right=right):
            sides = (_converted(left), _converted(right))
            return PyOperation(OPERATORS[type(operator)], sides)
        case ast.Subscript(value=value, slice=ast.Tuple(elts=items)):
            index = PyDisplay("bare", tuple(map(_converted, items)))
            return PySubscript(_converted(value), index)
        case ast.Slice(lower=start, upper=stop):
            bounds = [None if side is None else _converted(side) for side in (start, stop)]
            return PySlice(*bounds)
    raise AssertionError(ast.dump(node))
