"""Branches of joins and bundles: layers, or lists of layers."""

from __future__ import annotations

from collections.abc import Iterable

from archdsl.elaborate.evaluate.dispatch import evaluate, truth
from archdsl.elaborate.evaluate.hidden import shows_label
from archdsl.elaborate.evaluate.layers import as_layer, is_station, link
from archdsl.elaborate.evaluate.lists import items_of
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.values import (
    BROKEN,
    BundleLayer,
    ConditionalLayer,
    Datum,
    Items,
    Layer,
    Station,
)
from archdsl.provenance import Term
from archdsl.syntax import ast


def branches(node: ast.Expression, scope: Scope) -> list[Layer]:
    """A branch, or a list of branches, which may be there under a condition alone."""
    if isinstance(node, ast.Conditional) and _are_lists(node):
        return [_optional(node, scope)]
    if not isinstance(
        node, ast.List | ast.Comprehension | ast.Name | ast.Call | ast.Index | ast.Slice
    ):
        return [link(node, scope)]
    try:
        return flattened(evaluate(node, scope), node, scope)
    except Failure:
        scope.body.network.failed = True
        return [BROKEN]


def _are_lists(node: ast.Conditional) -> bool:
    """Whether an `if` chooses between lists of branches; without `else` one may be absent."""
    waiting: list[ast.Expression | None] = [node.then, node.otherwise]
    while waiting:
        match waiting.pop():
            case ast.List() | ast.Comprehension():
                return True
            case ast.Conditional(then=then, otherwise=otherwise):
                waiting += [then, otherwise]
    return False


def _optional(node: ast.Conditional, scope: Scope) -> Layer:
    """`[layer] if condition`: branches that are there or not."""
    try:
        condition = truth(node.condition, scope)
    except Failure:
        return BROKEN
    taken = bool(condition.value)
    side, other = (node.then, node.otherwise)[:: 1 if taken else -1]
    layers = [] if side is None else branches(side, scope)
    if any(layer is BROKEN for layer in layers):
        return BROKEN
    if any(isinstance(layer, Station) for layer in layers):
        message = "branches that may be absent are layers, not a shape"
        raise scope.fail("E0502", message, node.span, help="write `[identity] if …` for one branch")
    hides_label = other is not None and shows_label(other, scope)
    inside = BundleLayer(tuple(layers), (), node.span)
    return ConditionalLayer(condition, taken, inside, node.span, hides_label)


def present(layers: Iterable[Layer]) -> int:
    """The number of branches that are there."""
    count = 0
    waiting = [*layers]
    while waiting:
        match waiting.pop():
            case ConditionalLayer(layer=BundleLayer(branches=inner, labels=())):
                waiting += inner
            case _:
                count += 1
    return count


def flattened(datum: Datum, node: ast.Expression, scope: Scope) -> list[Layer]:
    """The layers of a value: one, or those of a list."""
    if isinstance(datum, Items) and not is_station(datum):
        items = items_of(datum, node.span, scope)
        return [layer for item in items for layer in flattened(item, node, scope)]
    if isinstance(datum, Term) and datum.value == ():
        return []
    return [as_layer(datum, node.span, scope)]
