"""Branches of joins and bundles: layers, or lists of layers."""

from __future__ import annotations

from archdsl.elaborate.evaluate.dispatch import evaluate
from archdsl.elaborate.evaluate.layers import as_layer, is_station, link
from archdsl.elaborate.evaluate.lists import items_of
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.values import BROKEN, Datum, Items, Layer
from archdsl.provenance import Term
from archdsl.syntax import ast


def branches(node: ast.Expression, scope: Scope) -> list[Layer]:
    """A branch, or a list of branches."""
    if not isinstance(
        node, ast.List | ast.Comprehension | ast.Name | ast.Call | ast.Index | ast.Slice
    ):
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
