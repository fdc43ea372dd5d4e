"""Branches side by side, joined into one tensor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archdsl.backends.torch import python
from archdsl.backends.torch.python import (
    PyAttribute,
    PyCall,
    PyComprehension,
    PyDisplay,
    PyExpression,
    PyName,
    PyOperation,
)
from archdsl.backends.torch.templates import filled
from archdsl.backends.torch.variables import TensorExpression
from archdsl.ops.forms import TorchJoin

FEWEST_OF_MANY = 5
"""Minimum number of equal branches that are written as one expression."""


def joined(
    join: TorchJoin, branches: Sequence[TensorExpression], modules: Sequence[PyExpression]
) -> TensorExpression:
    """The join of some branches, in a class with numbered modules."""
    nesting = max(branch.nesting for branch in branches)
    codes = [branch.code for branch in branches]
    if join.function and (each := _of_each(codes, modules)):
        return TensorExpression(filled(join.function, (each,)), nesting + 1)
    if not join.operator:
        tensors = PyDisplay("list", tuple(codes))
        return TensorExpression(filled(join.function, (tensors,)), nesting + 1)
    if len(codes) == 1:
        return TensorExpression(codes[0], max(1, nesting))
    return TensorExpression(PyOperation(join.operator, tuple(codes)), max(1, nesting))


def _of_each(
    branches: Sequence[PyExpression], modules: Sequence[PyExpression]
) -> PyExpression | None:
    """One call for many branches, if they are all the modules of a class."""
    if len(branches) != len(modules) or len(branches) < FEWEST_OF_MANY:
        return None
    each = PyName("branch")
    called = {
        replace(branch, callee=each) if isinstance(branch, PyCall) else None for branch in branches
    }
    callees = [branch.callee for branch in branches if isinstance(branch, PyCall)]
    only = called.pop()
    if called or only is None or callees != [*modules]:
        return None
    children = python.call(PyAttribute(python.SELF, "children"))
    return PyComprehension("list", only, ("branch",), children)
