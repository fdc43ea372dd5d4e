"""Sides of an `if`, `and` or `or` that are not taken: wanted for their expressions alone."""

from __future__ import annotations

from functools import reduce
from typing import Any

from archdsl.elaborate.evaluate.dispatch import evaluate
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Scope
from archdsl.provenance import Expression, Term, TooLong, operation
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


def _tried(node: ast.Expression, scope: Scope) -> Term | None:
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


def described(node: ast.Expression, scope: Scope) -> Expression | None:
    """The expression of a side that is not taken, which may have no value: `b // d`, where d is 0.

    None if there is none, as for a layer.
    """
    if (term := _tried(node, scope)) is not None:
        return term.expression
    operands = [described(operand, scope) for operand in _operands(node)]
    known = [operand for operand in operands if operand is not None]
    if not known or len(known) < len(operands):
        return None
    try:
        return _computed(node, known)
    except TooLong:
        return None


def _operands(node: ast.Expression) -> list[ast.Expression]:
    """What a number is computed from, by operators or by a function of the language."""
    match node:
        case ast.Arithmetic(first=first, rest=rest):
            return [first, *[operand for _, operand in rest]]
        case ast.Negation(operand=operand):
            return [operand]
        case ast.Comparison(left=left, right=right):
            return [left, right]
        case ast.Index(target=target, index=index):
            return [target, index]
        case ast.Call(arguments=arguments) if _is_builtin(node):
            return [argument.value for argument in arguments]
    return []


def _computed(node: ast.Expression, operands: list[Expression]) -> Expression | None:
    match node:
        case ast.Arithmetic(rest=[("**", _), *_]):
            return reduce(lambda power, base: operation("**", base, power), reversed(operands))
        case ast.Arithmetic(rest=rest):
            result = operands[0]
            for (operator, _), operand in zip(rest, operands[1:], strict=True):
                result = operation(operator, result, operand)
            return result
        case ast.Negation():
            return operation("neg", *operands)
        case ast.Comparison(operator=operator):
            return operation(operator, *operands)
        case ast.Index():
            return operation("[]", *operands)
        case ast.Call(callee=ast.Name(name=name)):
            return operation(name, *operands)
    return None


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
