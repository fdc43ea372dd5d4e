"""The parameters of a block: given by a call, or by default."""

from __future__ import annotations

from archdsl.elaborate.apply.place import Place
from archdsl.elaborate.apply.wires import channels_name, handed
from archdsl.elaborate.evaluate.dispatch import evaluate
from archdsl.elaborate.naming import shared_in
from archdsl.elaborate.report import Failure
from archdsl.elaborate.scope import Scope
from archdsl.elaborate.values import (
    BROKEN,
    Applicable,
    BlockCallee,
    Bound,
    Datum,
    binding,
    layer_value,
    rooted,
)
from archdsl.provenance import Literal, Operation, Symbol, Term
from archdsl.syntax import ast
from archdsl.tree import Binding, Instance


def kept_arguments(callee: BlockCallee, layer: Applicable) -> dict[str, Binding]:
    """What a call gives to the parameters of a block, as the tree keeps it."""
    given, kept = layer.given, {}
    for parameter in callee.block.parameters:
        bound = given.get(parameter.name)
        if bound is not None and (value := binding(bound.datum)) is not None:
            kept[parameter.name] = value
    return kept


def bind_parameters(callee: BlockCallee, layer: Applicable, scope: Scope, place: Place) -> None:
    """Give the parameters of a block their values in its `scope`; the call is at a `place`."""
    given, names, instance = layer.given, scope.names, scope.body.instance
    instance.arguments = kept_arguments(callee, layer)
    for parameter, default in zip(
        callee.declaration.parameters, callee.block.parameters, strict=True
    ):
        name = parameter.name.name
        bound = given.get(name)
        if bound is not None:
            names[name] = _given(name, bound, callee, instance, place)
        elif default.default is not None:
            names[name] = instance.frame.define(name, default.default)
        elif parameter.default is not None:
            names[name] = default_value(name, parameter.default, scope)


def _given(name: str, bound: Bound, callee: BlockCallee, instance: Instance, place: Place) -> Datum:
    """An argument as the body sees it."""
    datum = bound.datum
    if isinstance(datum, Term):
        return instance.frame.define(name, datum)
    for weights in shared_in(datum):
        message = f"`{weights.name}` is shared, and cannot be handed to `{callee.name}`"
        help = "a module has one owner: hand in a tensor instead, `@label`"
        raise place.body.fail("E0414", message, bound.span, help=help)
    tensor = handed(datum, place)
    if tensor is not None and tensor.sizes is not None:
        instance.wires[name] = tensor.node
        instance.frame.define(channels_name(name), tensor.sizes.breadth)
    return received(name, datum, instance)


def received(name: str, datum: Datum, instance: Instance) -> Datum:
    """A layer as the body sees it that receives it through a parameter."""
    layer = layer_value(datum)
    if layer is not None:
        instance.layers[name] = layer
    return rooted(datum, Symbol(instance.frame, name))


def default_value(name: str, default: ast.Expression, scope: Scope) -> Datum:
    """The default of a parameter; it sees the parameters before it."""
    instance = scope.body.instance
    try:
        datum = evaluate(default, scope)
    except Failure:
        return BROKEN
    if not isinstance(datum, Term):
        return received(name, datum, instance)
    if not _is_constant(datum):
        instance.locals.append(name)
    return instance.frame.define(name, datum)


def _is_constant(term: Term) -> bool:
    match term.expression:
        case Operation("list", operands):
            return all(_is_constant(Term(0, operand)) for operand in operands)
        case expression:
            return isinstance(expression, Literal)
