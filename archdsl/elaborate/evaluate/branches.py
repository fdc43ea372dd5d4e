"""Branches of joins and bundles: layers, lists of layers, or arguments with a keyword."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archdsl.elaborate.evaluate.dispatch import evaluate, truth
from archdsl.elaborate.evaluate.hidden import shows_label
from archdsl.elaborate.evaluate.layers import as_layer, is_station, link
from archdsl.elaborate.evaluate.lists import items_of
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.values import (
    BROKEN,
    Bound,
    BundleLayer,
    ConditionalLayer,
    Datum,
    Items,
    Layer,
    OpCallee,
    Station,
)
from archdsl.provenance import Term, literal
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
            case ConditionalLayer(layer=BundleLayer(branches=inner, names=())):
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
