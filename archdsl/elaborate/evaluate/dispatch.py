"""Expressions to values: the way in. Every number keeps the expression it came from.

`table.py` says which function evaluates which kind of expression.
"""

from __future__ import annotations

from archdsl.arithmetic import Refused
from archdsl.arithmetic import apply as compute
from archdsl.elaborate.report import Failure, LimitExceeded
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.values import (
    Anything,
    Applicable,
    Broken,
    Builtin,
    Datum,
    Features,
    FunctionCallee,
    Items,
    SharedLayer,
)
from archdsl.provenance import Term, operation
from archdsl.shapes import Polynomial, Symbolic
from archdsl.source import Span
from archdsl.syntax import ast


def evaluate(node: ast.Expression, scope: Scope) -> Datum:
    """The value of an expression; raises `Failure` where it has none."""
    session = scope.body.session
    session.steps += 1
    network = scope.body.network
    # The layers so far allow more steps, and are counted only where it takes so many.
    if session.steps > network.limits.steps and session.steps > network.most_steps:
        message = f"this takes more than {network.limits.steps:,} steps to evaluate"
        scope.fail("E0712", message, node.span, help="make the loops or the recursion smaller")
        raise LimitExceeded
    return session.evaluators[type(node)](node, scope)


def number(node: ast.Expression, scope: Scope) -> Term:
    """The value of an expression that must not be a layer."""
    datum = evaluate(node, scope)
    if isinstance(datum, Term):
        return datum
    raise wrong_kind(datum, "a number", node.span, scope)


def truth(node: ast.Expression, scope: Scope) -> Term:
    """The value of a condition."""
    term = number(node, scope)
    if isinstance(term.value, bool):
        return term
    message = "a condition is either true or false"
    raise scope.fail("E0504", message, node.span, expected="true or false", found=text(term))


def wrong_kind(datum: Datum, wanted: str, span: Span, scope: Scope, help: str = "") -> Failure:
    """The report of a layer where a number is wanted, and the like."""
    if isinstance(datum, Broken):
        return scope.broken()
    if isinstance(datum, Items) and wanted == "a layer":
        help = "`chain(...)` composes a list of layers"
    return scope.fail(
        "E0502", f"{wanted} is expected here", span, expected=wanted, found=text(datum), help=help
    )


def text(datum: Datum) -> str:
    """What a value is, for a message."""
    match datum:
        case Term(value=value):
            return value_text(value)
        case Items():
            return "a list of layers"
        case Features():
            return "a shape"
        case Anything(is_rest=is_rest):
            return "`...`" if is_rest else "`_`"
        case Applicable(callee=FunctionCallee(name=name)):
            return f"the function `{name}`"
        case Builtin(name=name):
            return f"the function `{name}`"
        case Applicable(callee=callee, branches=()):
            return f"the layer `{callee.name}`"
        case SharedLayer(weights=weights):
            return f"the shared layer `{weights.name}`"
        case _:
            return "a layer"


LONGEST_QUOTED = 40


def brief(span: Span) -> str:
    """A piece of a spec as a help quotes it, in parentheses where it would not stand alone."""
    written = " ".join(span.text.split())
    if len(written) > LONGEST_QUOTED:
        return "…"
    return f"({written})" if " if " in written else written


def value_text(value: object) -> str:
    """A number, text or list as a message shows it."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value[:60]}"'
        case tuple():
            shown = ", ".join(value_text(item) for item in value[:8])
            return f"[{shown}{', ...' if len(value) > 8 else ''}]"
        case int() if abs(value) >= 2**63:
            return "a number of 2**63 or more"
        case _:
            return str(value)


def applied(operator: str, terms: list[Term], span: Span, scope: Scope) -> Term:
    """An operator or builtin applied to numbers."""
    scope.body.weigh(span)
    try:
        value = compute(operator, [term.value for term in terms])
    except Refused as refused:
        raise scope.refused(refused, span) from None
    return scope.term(value, operator, [term.expression for term in terms], span)


def as_size(term: Term, span: Span, scope: Scope) -> Term:
    """A number as a size: `32.0` is 32."""
    if isinstance(term.value, Symbolic | Polynomial):
        return term
    if isinstance(term.value, float) and term.value.is_integer():
        return Term(int(term.value), operation("int", term.expression))
    if isinstance(term.value, int) and not isinstance(term.value, bool):
        return term
    help = "`floor(...)` makes one" if isinstance(term.value, float) else ""
    message = "a size is a whole number"
    raise scope.fail("E0503", message, span, found=text(term), help=help)
