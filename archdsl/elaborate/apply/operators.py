"""An op applied: its arguments read, its result inferred, a node appended to the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from math import prod

from archdsl import tree
from archdsl.arithmetic import Value
from archdsl.elaborate.apply.dispatch import Result
from archdsl.elaborate.apply.fitting import postpone
from archdsl.elaborate.apply.orders import in_pytorch_order, note_order
from archdsl.elaborate.apply.place import Place, is_known, text_of, with_expressions
from archdsl.elaborate.evaluate.dispatch import brief, text
from archdsl.elaborate.naming import Key, Taken
from archdsl.elaborate.pending import PendingCondition
from archdsl.elaborate.report import Failure, blamed
from archdsl.elaborate.scope import Body
from archdsl.elaborate.tensors import UNKNOWN, Several, Tensor
from archdsl.elaborate.values import Applicable, Bound, Builtin, Features, OpCallee
from archdsl.fixes import fixes_of
from archdsl.ops.base import Op, Reject, Shape, shape_text
from archdsl.ops.expressions import InputSize, read_as
from archdsl.ops.initializers import SCHEMES, initializer
from archdsl.ops.parameters import MAXIMUM, Initializer, SizeList
from archdsl.provenance import (
    Expression,
    Literal,
    Operation,
    Symbol,
    Term,
    constant,
    literal,
    operation,
)
from archdsl.records import value
from archdsl.resolve.arguments import needs
from archdsl.resolve.foreign import word_instead
from archdsl.shapes import Dim, Polynomial, Symbolic
from archdsl.source import Span
from archdsl.substitution import substitute
from archdsl.tree import Sizes

Argument = Term | Initializer


def apply_op(layer: Applicable, callee: OpCallee, tensor: Tensor, place: Place, key: Key) -> Result:
    """An op of one input in its place."""
    op, given = made(layer, callee, tensor, place)
    if tensor.sizes is None:
        return UNKNOWN, tree.SequenceNode(layer.site, ())
    try:
        shape = checked(_output(op, tensor, layer, place))
    except Reject as reject:
        raise misfit(reject, layer, tensor, place) from None
    note_order(layer, callee, tensor, place)
    if op.is_bare:
        _require_name(layer, key, place)
        _reserve(op, layer, key, tensor, place)
    return appended(AppliedOp(op, given, layer.site), (tensor,), shape, place, key.name, key.path)


def _require_name(layer: Applicable, key: Key, place: Place) -> None:
    """Refuse a bare weight whose key could not be the name of an attribute."""
    name = key.path.rpartition(".")[2]
    if not name.isidentifier():
        message = f"the weight of `{layer.callee.name}` would have the key `{name}`"
        help = f"its key is its label, a name in Python: `name: {brief(layer.site)}`"
        raise place.body.fail("E0416", message, layer.site, help=help)


def _reserve(op: Op, layer: Applicable, key: Key, tensor: Tensor, place: Place) -> None:
    """Take the names of bare weights with suffixes, which no label of the scope may have."""
    name = key.path.rpartition(".")[2]
    for suffix in [weight.name for weight in op.weights(tensor.shape) if weight.name]:
        try:
            place.keys.label(literal(f"{name}{suffix}"))
        except Taken as taken:
            message = f"`{taken.name}` is the label of a layer, and a weight of `{op.name}`"
            help = "labels of a scope must differ from the names of its weights"
            raise place.body.fail("E0402", message, layer.site, help=help) from None


def _output(op: Op, tensor: Tensor, layer: Applicable, place: Place) -> Shape:
    """The shape of a result; what fits for some sizes only is settled once all is built."""
    try:
        return op.output(tensor.shape)
    except Reject as reject:
        if not reject.unequal:
            raise
        demand, trace = f"`{op.name}` needs sizes that it can divide", place.body.trace
        pairs, found = tuple(reject.unequal), reject.found
        pending = PendingCondition("E0308", demand, layer.site, trace, pairs, str(op), found)
        postpone(place.body, pending)
    return op.rule(op, tensor.shape)


@value
class AppliedOp:
    """An op with the arguments that were given, and the layers that its inputs came from."""

    op: Op
    given: Mapping[str, Argument]
    site: Span
    branches: tuple[tree.Node, ...] = ()


def appended(
    applied: AppliedOp,
    tensors: Sequence[Tensor],
    shape: Shape,
    place: Place,
    key: Term | None,
    path: str,
) -> tuple[Tensor, tree.OpNode]:
    """A node of the graph for an op on some tensors, and its leaf of the tree."""
    op, site = applied.op, applied.site
    arguments = _complete(op, applied.given)
    inputs = tuple([tensor.sizes for tensor in tensors if tensor.sizes is not None])
    place.body.weigh(site)
    sizes = sizes_of(op, shape, inputs, arguments, place, site)
    kind = (place.training_only, place.again)
    node = place.body.network.add(op, tuple(tensors), shape, path, site, *kind)
    leaf = tree.OpNode(site, key, node, op, arguments, inputs, sizes, applied.branches)
    return Tensor(node, sizes), leaf


def several_tensors(flow: Several, site: Span, place: Place) -> Failure:
    """Report a layer that is applied to several tensors at once."""
    body, names = place.body, [*flow.parts]
    if flow.are_inputs:
        kind = "network" if body.instance.block.is_network else "block"
        help = f"begin with {' or '.join(f'`@{name}`' for name in names)}"
        return body.fail("E0408", f"this {kind} has several inputs", site, help=help)
    message = f"several tensors come in here: {', '.join(f'`{name}`' for name in names)}"
    wire = _wire_to(names[0], flow, body)
    help = f"begin with one of them: `{wire}`"
    if not wire:
        help = f"label them, and begin with one of them: `label: … -> @label.{names[0]}`"
    return body.fail("E0412", message, site, help=help)


def _wire_to(name: str, flow: Several, body: Body) -> str:
    """How to read one of several tensors: by the label of all, or its own; empty without both."""
    written = body.labels.written
    found = [label for label, each in written.items() if any(w.tensor is flow for w in each)]
    if found:
        return f"@{found[-1]}.{name}"
    return f"@{name}" if name in written else ""


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
            _rejected(reject, span, layer, tensor, place)
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


def _complete(op: Op, given: Mapping[str, Argument]) -> dict[str, Argument]:
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


def checked(shape: Shape) -> Shape:
    """A shape of sizes that there can be; raises `Reject`."""
    for size in shape.parts:
        if isinstance(size, Symbolic | Polynomial):
            if not size.grows:
                raise Reject("a size would be below 1", found=shape_text(shape))
        elif not 1 <= size <= MAXIMUM:
            problem = "below 1" if size < 1 else f"above {MAXIMUM:,}"
            raise Reject(f"a size would be {problem}", found=shape_text(shape))
    if prod(size for size in shape.sizes if isinstance(size, int)) >= 2**63:
        raise Reject("this tensor would have 2**63 elements or more", found=shape_text(shape))
    return shape


def sizes_of(
    op: Op,
    shape: Shape,
    inputs: Sequence[Sizes],
    arguments: Mapping[str, Argument],
    place: Place,
    site: Span,
) -> Sizes:
    """The sizes of an op's result, with their expressions in the terms of the body."""

    def replace(symbol: Symbol) -> Expression:
        if isinstance(symbol, InputSize):
            return inputs[symbol.index].parts[symbol.dimension].expression
        argument = arguments[symbol.name]
        assert isinstance(argument, Term)
        return argument.expression

    sources = op.sources(*map(tree.shape_of, inputs))

    def in_terms(source: Expression, value: Dim) -> Expression:
        """A size's expression; where all that it reads are numbers, it is the number itself."""
        if isinstance(source, Symbol):
            return replace(source)
        is_product = isinstance(source, Operation) and source.operator == "product"
        if is_product or not all(isinstance(replace(each), Literal) for each in source.symbols):
            return substitute(source, replace)
        return Literal(value)

    return with_expressions(shape, sources.parts, in_terms, place.body, site)


def misfit(
    reject: Reject, layer: Applicable, tensor: Tensor, place: Place, branch: Span | None = None
) -> Failure:
    """Report what does not fit together: at the argument to blame, else at the op or its `branch`.

    What is refused may be a call in PyTorch's order.
    """
    callee, name = layer.callee, reject.argument
    order = in_pytorch_order(layer, callee, tensor) if isinstance(callee, OpCallee) else None
    if order is not None:
        call = layer.site if layer.site.holds(order.span) else None
        fixes = fixes_of(order.help, order.span, call)
        return place.body.fail(order.code, order.message, order.span, help=order.help, fixes=fixes)
    if name in layer.bindings:
        return _rejected(reject, layer.bindings[name].span, layer, tensor, place)
    if name in layer.defaults:
        # For other inputs the default may do.
        span = place.body.session.reporter.placed(layer.defaults[name].span)
        origin = f"`{name}` comes from the `default` at {span.line}:{span.column}"
        reject.help = f"{reject.help}; {origin}" if reject.help else origin
    return _rejected(reject, branch or layer.site, layer, tensor, place)


def _rejected(
    reject: Reject, span: Span, layer: Applicable, tensor: Tensor, place: Place
) -> Failure:
    """Report what an op refuses."""
    found = reject.found or (text_of(tensor) if is_known(tensor) else "")
    help = reject.help or word_instead(found.strip('"'))
    is_elsewhere = blamed(span, layer.trace) is not span
    if is_elsewhere and any(f"`{name}=" in help for name in layer.callee.parameters):
        # The call to blame is another's, which lacks this keyword.
        help = ""
    return place.body.fail(
        reject.code or ("E0306" if reject.argument else "E0305"),
        reject.message,
        span,
        expected=reject.expected,
        found=found,
        help=help,
        trace=layer.trace,
    )
