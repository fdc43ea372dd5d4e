"""The arguments of an op: read from what is bound to its parameters, and completed by defaults."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from archdsl.arithmetic import Value
from archdsl.elaborate.apply.place import Place
from archdsl.elaborate.apply.refusals import misfit, rejected
from archdsl.elaborate.evaluate.dispatch import text
from archdsl.elaborate.report import Failure
from archdsl.elaborate.tensors import Tensor
from archdsl.elaborate.values import Applicable, Bound, Builtin, Features, OpCallee
from archdsl.ops.base import Op, Reject
from archdsl.ops.expressions import read_as
from archdsl.ops.initializers import SCHEMES, initializer
from archdsl.ops.parameters import Initializer, SizeList
from archdsl.provenance import Term, constant, operation
from archdsl.resolve.arguments import needs
from archdsl.source import Span

Argument = Term | Initializer


def made(
    layer: Applicable, callee: OpCallee, tensor: Tensor, place: Place
) -> tuple[Op, dict[str, Argument]]:
    """An op with its arguments; every mistake in them is reported."""
    given: dict[str, Argument] = {}
    # An exception that is kept would be freed by the collector alone.
    is_wrong = False
    for name, bound in layer.given.items():
        try:
            if isinstance(bound.datum, Features) and callee.op.parameters()[name] == SizeList():
                given[name] = _sizes(name, bound.datum, bound.span, place)
            else:
                given[name] = _argument(name, bound, place)
        except Failure:
            is_wrong = True
    try:
        values = callee.op.read({name: _value(value) for name, value in given.items()})
    except Reject as first:
        for reject in (first, *first.others):
            span = layer.given[reject.argument].span
            rejected(reject, span, layer, tensor, place)
            is_wrong = True
    if is_wrong:
        raise Failure
    try:
        return callee.op(**values), given
    except Reject as reject:
        raise misfit(reject, layer, tensor, place) from None


def _sizes(name: str, shape: Features, span: Span, place: Place) -> Term:
    """A shape whose channels are last, as `SizeList` reads it: the positions, then the channels."""
    parts = [part for part in shape.pattern.parts if isinstance(part, Term)]
    if len(parts) < len(shape.pattern.parts):
        message = f"every size of `{name}` is a number"
        raise place.body.fail("E0502", message, span, found=str(shape.pattern))
    *positions, channels = parts
    first = operation("list", *[part.expression for part in positions])
    value = (tuple([part.value for part in positions]), channels.value)
    return Term(value, operation("list", first, channels.expression))


def _argument(name: str, bound: Bound, place: Place) -> Argument:
    datum = bound.datum
    if isinstance(datum, Term | Initializer):
        return datum
    if isinstance(datum, Builtin) and datum.name in SCHEMES and not SCHEMES[datum.name].missing({}):
        return initializer(datum.name, {})
    if isinstance(datum, Builtin) and datum.name in SCHEMES:
        missing = needs(datum.name, SCHEMES[datum.name].missing({}))
        help = f"write `{name}={datum.name}(0.01)`"
        raise place.body.fail("E0203", missing, bound.span, help=help)
    message = f"`{name}` cannot be a {'shape' if isinstance(datum, Features) else 'layer'}"
    raise place.body.fail("E0502", message, bound.span, found=text(datum))


def _value(argument: Argument) -> Value | Initializer:
    return argument.value if isinstance(argument, Term) else argument


def completed(op: Op, given: Mapping[str, Argument]) -> dict[str, Argument]:
    """Every argument of an op, as the op understands it: `32.0` is a whole number there."""
    known = _default_arguments(type(op))  # type: ignore[arg-type]
    read = {name: _understood(op.argument(name), argument) for name, argument in given.items()}
    return {name: read.get(name) or known[name] for name in op.parameters()}


@cache
def _default_arguments(op: type[Op]) -> dict[str, Argument]:
    """The arguments that an op has where none are given."""
    return {
        name: value if isinstance(value, Initializer) else constant(value)
        for name, value in op.defaults().items()
    }


def _understood(value: object, given: Argument) -> Argument:
    if isinstance(value, Initializer) or isinstance(given, Initializer):
        return value if isinstance(value, Initializer) else Initializer()
    return read_as(value, given)  # type: ignore[arg-type]
