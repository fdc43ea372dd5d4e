"""The templates of ops (`ops/forms.py`) as Python values."""

from __future__ import annotations

import ast
from collections.abc import Sequence
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
from archdsl.ops.forms import INPUTS

OPERATORS = {ast.Mult: "*", ast.Add: "+", ast.MatMult: "@"}


def filled(
    template: str,
    tensors: Sequence[PyExpression],
    *arguments: PyExpression,
    module: PyExpression | None = None,
) -> PyExpression:
    """The template of an op, applied to its tensors (or a list of them) and its other arguments."""
    names = [f"argument{index}" for index in range(len(arguments))]
    inputs = {name: f"tensor_{name}" for name in INPUTS[: len(tensors)]}
    listed = names or [*inputs.values()][:1]
    text = template.format(*listed, slice=":".join(names), m="module", **inputs)
    values = dict(zip(inputs.values(), tensors, strict=True))
    values |= dict(zip(names, arguments, strict=True))
    if module is not None:
        values["module"] = module

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
        case ast.Constant(value=value) if value is ...:
            return PyName("...")
        case ast.Constant(value=int(value) | str(value)):
            return PyConstant(value)
        case ast.Attribute(value=value, attr=name):
            return PyAttribute(_converted(value), name)
        case ast.Call(func=function, args=arguments, keywords=keywords):
            named = {str(each.arg): _converted(each.value) for each in keywords}
            return python.call(_converted(function), *map(_converted, arguments), **named)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return PyOperation("neg", (_converted(operand),))
        case ast.Tuple(elts=items):
            return PyDisplay("tuple", tuple(map(_converted, items)))
        case ast.BinOp(left=left, op=operator, right=right):
            sides = (_converted(left), _converted(right))
            return PyOperation(OPERATORS[type(operator)], sides)
        case ast.Subscript(value=value, slice=ast.Tuple(elts=items)):
            index = PyDisplay("bare", tuple(map(_converted, items)))
            return PySubscript(_converted(value), index)
        case ast.Subscript(value=value, slice=index):
            return PySubscript(_converted(value), _converted(index))
        case ast.Slice(lower=start, upper=stop):
            bounds = [None if side is None else _converted(side) for side in (start, stop)]
            return PySlice(*bounds)
    raise AssertionError(ast.dump(node))
