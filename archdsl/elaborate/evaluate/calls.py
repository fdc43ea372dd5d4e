"""Calls: arguments bound to parameters, and functions evaluated once they have all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from archdsl.elaborate.evaluate.dispatch import brief, evaluate, text
from archdsl.elaborate.evaluate.names import op_callee
from archdsl.elaborate.report import MAXIMUM_TRACE, Failure, LimitExceeded, step, too_deep
from archdsl.elaborate.scope import Body, Scope, Session
from archdsl.elaborate.values import (
    LAYERS,
    Applicable,
    Bindings,
    Bound,
    Broken,
    Callee,
    ConditionalLayer,
    Datum,
    FunctionCallee,
    Layer,
    OpCallee,
    SharedLayer,
    Spliced,
)
from archdsl.provenance import Term
from archdsl.resolve.arguments import Filled, fill, needs
from archdsl.resolve.positions import Misfit, misplaced
from archdsl.resolve.readings import CalledOp
from archdsl.resolve.roles import roles_of
from archdsl.source import Span
from archdsl.syntax import ast


def call_layer(callee: Datum, node: ast.Call, scope: Scope) -> Datum:
    """A call of an op, block or function, or of a parameter or `if` that stands for one."""
    match callee:
        case Applicable(branches=()):
            return _call(callee, node, scope)
        case Spliced(layer=layer, origin=origin):
            result = call_layer(layer, node, scope)
            if isinstance(result, LAYERS) and not isinstance(result, Broken):
                return Spliced(result, origin, node.span)
            return result
        case ConditionalLayer(layer=layer):
            result = call_layer(layer, node, scope)
            return replace(callee, layer=result) if isinstance(result, LAYERS) else result
        case Broken():
            raise scope.broken()
    message = "this takes no arguments"
    help = "only ops, blocks and functions can be called"
    if isinstance(callee, SharedLayer):
        help = f"every use of it is the same: write `{brief(node.callee.span)}`"
    elif isinstance(callee, Term) and isinstance(callee.value, str):
        help = 'a PyTorch class is declared before it is used: `extern name: … = "…"(…)`'
    elif isinstance(callee, LAYERS) and not node.arguments:
        help = f"write `{brief(node.callee.span)}`"
    raise scope.fail("E0206", message, node.callee.span, found=text(callee), help=help)


def _opened(callee: Callee, arguments: Sequence[ast.Argument]) -> Callee:
    """What is called, with parameters for all keywords if it is an op that takes any."""
    if not isinstance(callee, OpCallee) or not callee.op.is_open:
        return callee
    own = op_callee(callee.name).parameters
    known = [*callee.parameters, *[each.name.name for each in arguments if each.name is not None]]
    sizes = tuple([name for name in dict.fromkeys(known) if name not in own])
    return op_callee(callee.name, sizes)


def _call(callee: Applicable, node: ast.Call, scope: Scope) -> Datum:
    opened = _opened(callee.callee, node.arguments)
    if opened is not callee.callee:
        callee = replace(callee, callee=opened)
    bindings = {**callee.bindings, **arguments_of(callee, node.arguments, scope, node.callee)}
    ordered = Bindings()
    for name in callee.callee.parameters:
        if name in bindings:
            ordered[name] = bindings[name]
    applicable = Applicable(callee.callee, ordered, callee.defaults, node.span, scope.trace)
    if isinstance(callee.callee, FunctionCallee) and not applicable.missing():
        return function_value(applicable, scope)
    return applicable


def arguments_of(
    callee: Applicable,
    arguments: Sequence[ast.Argument],
    scope: Scope,
    called: ast.Expression | None = None,
) -> dict[str, Bound]:
    """The arguments of a call by parameter; every mistake in them is reported.

    `called` is what the text calls.
    """
    given: dict[str, Bound] = {}
    is_wrong = False
    for argument, name in _filled(callee, arguments, scope.body.session, called):
        try:
            if isinstance(name, Misfit):
                raise scope.fail(name.code, name.message, name.span, help=name.help)
            datum = evaluate(argument.value, scope)
            given[name] = Bound(argument.span, scope.trace, datum, argument)
        except Failure:
            is_wrong = True
    if is_wrong:
        raise Failure
    _check_order(callee, arguments, given, scope)
    return given


def _filled(
    callee: Applicable,
    arguments: Sequence[ast.Argument],
    session: Session,
    called: ast.Expression | None,
) -> Filled:
    """The parameters that arguments fill: the same wherever the body with the call is applied."""
    key = callee.callee, tuple(callee.bindings), tuple(arguments)
    known = session.filled.get(key)
    if known is None:
        name, parameters, wrong = callee.callee.name, callee.callee.parameters, None
        free = [name for name in parameters if name not in callee.bindings]
        if isinstance(callee.callee, OpCallee):
            wrong = misplaced(CalledOp(callee.callee.op, _written(called), free), arguments)
        known = session.filled[key] = fill(name, parameters, arguments, free, wrong)
    return known


def _written(called: ast.Expression | None) -> str:
    """How a text writes what it calls."""
    if called is None:
        return ""
    written = " ".join(called.span.text.split())
    is_plain = isinstance(called, ast.Name | ast.Call | ast.Index | ast.List)
    return written if is_plain else f"({written})"


def _check_order(
    callee: Applicable,
    arguments: Sequence[ast.Argument],
    given: Mapping[str, Bound],
    scope: Scope,
) -> None:
    """Refuse `stage(basic(8), 2)`: a layer where a number is taken, and a number for the layer."""
    if isinstance(callee.callee, OpCallee) or any(argument.name for argument in arguments):
        return
    roles = roles_of(callee.callee.declaration)
    wrong = [name for name in given if _role(given[name].datum) not in {None, roles.get(name)}]
    wrong = [name for name in wrong if name in roles]
    if len({_role(given[name].datum) for name in wrong}) < 2:
        return
    first, other = next((a, b) for a in wrong for b in wrong if roles[a] != roles[b])
    texts = {name: brief(bound.span) for name, bound in given.items()}
    texts[first], texts[other] = texts[other], texts[first]
    name = callee.callee.name
    message = (
        f"`{name}({', '.join(callee.callee.parameters)})` takes a {roles[first]} for `{first}`"
    )
    found, help = text(given[first].datum), f"write `{name}({', '.join(texts.values())})`"
    raise scope.fail("E0502", message, given[first].span, found=found, help=help)


def _role(datum: Datum) -> str | None:
    """The only use of a value, if there is one."""
    if isinstance(datum, Term):
        is_number = isinstance(datum.value, int | float) and not isinstance(datum.value, bool)
        return "number" if is_number else None
    return "layer" if isinstance(datum, LAYERS) and not isinstance(datum, Broken) else None


def function_value(function: Applicable, scope: Scope) -> Datum:
    """The value of a function that has all its arguments, as if it were written out."""
    callee = function.callee
    assert isinstance(callee, FunctionCallee)
    given = function.given
    trace = step(callee.name, function.site, function.trace, given, callee.declaration)
    if trace.depth > MAXIMUM_TRACE:
        message, span, help = too_deep(trace, scope.placed)
        scope.fail("E0711", message, span, help=help)
        raise LimitExceeded
    scope.body.network.deepest = max(scope.body.network.deepest, trace.depth)
    if callee.labels not in (None, scope.body.labels):
        message = f"`{callee.name}` is a function of another body, and can be called only there"
        help = f"declare it outside of the block: `let {callee.name}(…) = …`"
        raise scope.fail("E0218", message, function.site, help=help, trace=function.trace)
    inner = Scope(scope.body, callee.namespace, {**callee.known}, None, trace)
    for parameter in callee.declaration.parameters or ():
        name = parameter.name.name
        if name in given:
            inner.names[name] = given[name].datum
        elif parameter.default is not None:
            inner.names[name] = evaluate(parameter.default, inner)
    return evaluate(callee.declaration.value, inner)


def completed(layer: Layer, span: Span, scope: Scope) -> Layer:
    """A layer with functions that lack nothing replaced by what they give."""
    match layer:
        case Spliced(layer=inner) if _is_function(inner):
            result = completed(inner, span, scope)
            return Spliced(result, layer.origin, layer.site)
        case ConditionalLayer(layer=inner) if _is_function(inner):
            result = completed(inner, span, scope)
            return replace(layer, layer=result)
        case Applicable(callee=FunctionCallee()):
            require(layer, scope.body)
            datum = function_value(layer, scope)
            if isinstance(datum, LAYERS):
                return completed(datum, span, scope)
            message = "a layer is expected here"
            raise scope.fail("E0502", message, span, expected="a layer", found=text(datum))
    return layer


def _is_function(layer: Layer) -> bool:
    while isinstance(layer, Spliced | ConditionalLayer):
        layer = layer.layer
    return isinstance(layer, Applicable) and isinstance(layer.callee, FunctionCallee)


def require(applicable: Applicable, body: Body) -> None:
    """Report the parameters of a layer that have no value where it is used."""
    missing = applicable.missing()
    if missing:
        name = applicable.callee.name
        message = needs(name, missing)
        texts = [*_as_written(applicable), *[f"{each}=..." for each in missing]]
        help = f"write `{name}({', '.join(texts)})`"
        raise body.fail("E0203", message, applicable.site, help=help, trace=applicable.trace)


LONGEST_ARGUMENT = 40
"""A longer argument is not written out in a help."""


def _as_written(applicable: Applicable) -> list[str]:
    """The arguments of a call that were given, those by position first."""
    texts: list[str] = []
    is_first = True
    for name in applicable.callee.parameters:
        bound = applicable.bindings.get(name)
        is_first = is_first and bound is not None and bound.by_position
        if bound is not None and bound.argument is not None:
            text = " ".join(bound.argument.value.span.text.split())
            text = text if len(text) <= LONGEST_ARGUMENT else "…"
            texts.append(text if is_first else f"{name}={text}")
    return texts
