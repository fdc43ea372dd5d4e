"""Branches of joins and bundles: layers, lists of layers, or arguments with a keyword."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.elaborate.evaluate.dispatch import evaluate
from archdsl.elaborate.evaluate.layers import as_layer, is_station, link
from archdsl.elaborate.evaluate.lists import items_of
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.values import BROKEN, Bound, Datum, Items, Layer, OpCallee
from archdsl.provenance import Term, literal
from archdsl.syntax import ast


def branches(node: ast.Expression, scope: Scope) -> list[Layer]:
    """A branch, or a list of branches."""
    if not isinstance(node, ast.List | ast.Comprehension | ast.Name | ast.Call | ast.Index):
        return [link(node, scope)]
    try:
        return flattened(evaluate(node, scope), node, scope)
    except Failure:
        scope.body.network.failed = True
        return [BROKEN]


def flattened(datum: Datum, node: ast.Expression, scope: Scope) -> list[Layer]:
    """The layers of a value: one, or those of a list."""
    if isinstance(datum, Items) and not is_station(datum):
        items = items_of(datum, node.span, scope)
        return [layer for item in items for layer in flattened(item, node, scope)]
    if isinstance(datum, Term) and datum.value == ():
        return []
    return [as_layer(datum, node.span, scope)]


def is_branch(callee: OpCallee, argument: ast.Argument) -> bool:
    """Whether a keyword names a branch."""
    return argument.name is not None and argument.name.name in callee.op.keyword_branches


def keyword_branches(
    callee: OpCallee, named: Sequence[ast.Argument], scope: Scope
) -> dict[str, tuple[Layer, Bound]]:
    """The branches that have keywords, in the op's order, each with what says that it is there."""
    found: dict[str, tuple[Layer, Bound]] = {}
    for argument in [each for each in named if is_branch(callee, each)]:
        assert argument.name is not None
        name = argument.name.name
        if name in found:
            message = f"`{name}` is given twice in this call"
            raise scope.fail("E0205", message, argument.name.span)
        bound = Bound(argument.span, scope.trace, literal(True), argument)
        found[name] = link(argument.value, scope), bound
    return {name: found[name] for name in callee.op.keyword_branches if name in found}
