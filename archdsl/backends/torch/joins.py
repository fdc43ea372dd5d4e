"""Branches side by side, joined into one tensor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archdsl.backends.torch import python
from archdsl.backends.torch.calls import join_of
from archdsl.backends.torch.merged import Merge
from archdsl.backends.torch.python import Expression
from archdsl.backends.torch.templates import filled
from archdsl.backends.torch.variables import Value

FEWEST_OF_MANY = 5
"""So many branches that are alike are written once."""


def joined(node: Merge, branches: Sequence[Value], modules: Sequence[Expression]) -> Value:
    """The join of some branches, in a class that is made of some numbered modules."""
    join, nesting = join_of(node), max(branch.nesting for branch in branches)
    codes = [branch.code for branch in branches]
    if each := _of_each(codes, modules):
        return Value(filled(join.function, each), nesting + 1)
    if not join.operator:
        tensors = python.Display("list", tuple(codes))
        return Value(filled(join.function, tensors), nesting + 1)
    if len(codes) == 1:
        return Value(codes[0], max(1, nesting))
    return Value(python.Operation(join.operator, tuple(codes)), max(1, nesting))


def _of_each(branches: Sequence[Expression], modules: Sequence[Expression]) -> Expression | None:
    """One call for many branches, where they are all the modules of a class."""
    if len(branches) != len(modules) or len(branches) < FEWEST_OF_MANY:
        return None
    each = python.Name("branch")
    called = {
        replace(branch, callee=each) if isinstance(branch, python.Call) else None
        for branch in branches
    }
    callees = [branch.callee for branch in branches if isinstance(branch, python.Call)]
    only = called.pop()
    if called or only is None or callees != [*modules]:
        return None
    children = python.call(python.Attribute(python.SELF, "children"))
    return python.Comprehension("list", only, ("branch",), children)
