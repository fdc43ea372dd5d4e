"""`if`: a number or a layer chosen by a condition."""

from __future__ import annotations

from archdsl.elaborate.evaluate.dispatch import evaluate, truth
from archdsl.elaborate.evaluate.hidden import shows_label
from archdsl.elaborate.evaluate.layers import as_layer
from archdsl.elaborate.evaluate.untaken import described
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.values import LAYERS, Broken, ChainLayer, ConditionalLayer, Datum
from archdsl.provenance import Literal, Term
from archdsl.syntax import ast


def conditional(node: ast.Conditional, scope: Scope) -> Datum:
    """`a if test else b`, of numbers or of layers."""
    condition = truth(node.condition, scope)
    taken = bool(condition.value)
    sides = (node.then, node.otherwise)
    side, other = sides if taken else sides[::-1]
    datum = ChainLayer((), node.span) if side is None else evaluate(side, scope)
    if isinstance(datum, Broken):
        raise scope.broken()
    if not isinstance(datum, LAYERS) and node.otherwise is not None:
        return _choice(node, condition, datum, scope)
    layer = as_layer(datum, node.span if side is None else side.span, scope)
    hides_label = other is not None and shows_label(other, scope)
    return ConditionalLayer(condition, taken, layer, node.span, hides_label)


def _choice(node: ast.Conditional, condition: Term, datum: Datum, scope: Scope) -> Datum:
    """A number chosen by a condition; its expression names the other side too."""
    if not isinstance(datum, Term) or isinstance(condition.expression, Literal):
        return datum
    assert node.otherwise is not None
    other = described(node.otherwise if condition.value else node.then, scope)
    if other is None:
        # The expression does not tell that something was chosen.
        scope.body.instance.unrolled.append((node.condition.span, condition))
        return datum
    taken = datum.expression
    sides = (taken, other) if condition.value else (other, taken)
    return scope.term(datum.value, "if", [condition.expression, *sides], node.span)
