"""`if`: a number or a layer chosen by a condition."""

from __future__ import annotations

from typing import Any

from archdsl.elaborate.evaluate.dispatch import evaluate, truth
from archdsl.elaborate.evaluate.hidden import shows_label
from archdsl.elaborate.evaluate.layers import as_layer
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.values import LAYERS, Broken, ChainLayer, ConditionalLayer, Datum
from archdsl.provenance import Literal, Term
from archdsl.resolve.words import NUMBERS
from archdsl.syntax import ast

PLAIN = (
    ast.Argument,
    ast.Arithmetic,
    ast.Comparison,
    ast.Conditional,
    ast.Index,
    ast.List,
    ast.Logical,
    ast.Negation,
    ast.Not,
    ast.Slice,
)


def tried(node: ast.Expression, scope: Scope) -> Term | None:
    """The value of a side that is not taken, wanted for its expression alone."""
    if not _is_plain(node):
        return None
    reporter = scope.body.session.reporter
    failed, met = scope.body.network.failed, reporter.met
    reporter.silent += 1
    try:
        datum = evaluate(node, scope)
    except Failure:
        return None
    finally:
        reporter.silent -= 1
        reporter.met = met
        scope.body.network.failed = failed
    return datum if isinstance(datum, Term) else None


def _is_plain(node: ast.SyntaxNode) -> bool:
    """Whether an expression is small and cannot recurse: operators, names, numbers, built-ins."""
    stack: list[Any] = [node]
    count = 0
    while stack:
        current = stack.pop()
        count += 1
        if isinstance(current, ast.Number | ast.Boolean | ast.String | ast.Name):
            continue
        if not (isinstance(current, PLAIN) or _is_builtin(current)) or count > 50:
            return False
        for value in vars(current).values():
            stack += _nodes(value)
    return True


def _is_builtin(node: ast.SyntaxNode) -> bool:
    """Whether an expression calls a function of the language that gives a number or a list."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.callee, ast.Name)
        and node.callee.name in NUMBERS
    )


def _nodes(value: object) -> list[ast.SyntaxNode]:
    if isinstance(value, ast.SyntaxNode):
        return [value]
    if isinstance(value, tuple):
        return [node for item in value for node in _nodes(item)]
    return []


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
    other = tried(node.otherwise if condition.value else node.then, scope)
    if other is None:
        # The expression does not tell that something was chosen.
        scope.body.instance.unrolled.append((node.condition.span, condition))
        return datum
    sides = (datum, other) if condition.value else (other, datum)
    operands = [term.expression for term in (condition, *sides)]
    return scope.term(datum.value, "if", operands, node.span)
