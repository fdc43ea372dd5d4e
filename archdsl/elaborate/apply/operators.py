"""An op applied: its arguments read, its result inferred, a node appended to the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from archdsl import tree
from archdsl.elaborate.apply.arguments import Argument, completed, made
from archdsl.elaborate.apply.dispatch import Result
from archdsl.elaborate.apply.fitting import postpone
from archdsl.elaborate.apply.orders import note_order
from archdsl.elaborate.apply.place import Place, with_expressions
from archdsl.elaborate.apply.refusals import misfit
from archdsl.elaborate.evaluate.dispatch import brief
from archdsl.elaborate.naming import Key, Taken
from archdsl.elaborate.pending import PendingCondition
from archdsl.elaborate.tensors import UNKNOWN, Tensor
from archdsl.elaborate.values import Applicable, OpCallee
from archdsl.ops.base import Op, Reject, Shape, shape_text
from archdsl.ops.expressions import InputSize
from archdsl.ops.parameters import MAXIMUM
from archdsl.provenance import Expression, Literal, Operation, Symbol, Term, literal
from archdsl.records import value
from archdsl.shapes import Dim, Polynomial, Symbolic
from archdsl.source import Span
from archdsl.substitution import substitute
from archdsl.tree import Sizes

MOST_OUTPUTS = 10_000
"""Maximum number of shapes that a session remembers."""


def apply_op(layer: Applicable, callee: OpCallee, tensor: Tensor, place: Place, key: Key) -> Result:
    """An op of one input in its place."""
    op, given = made(layer, callee, tensor, place)
    if tensor.sizes is None:
        return UNKNOWN, tree.SequenceNode(layer.site, ())
    try:
        shape = _output(op, tensor, layer, place)
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
    known, case = place.body.session.outputs, (op, tensor.shape)
    if case in known:
        return known[case]
    try:
        shape = checked(op.output(tensor.shape))
    except Reject as reject:
        if not reject.unequal:
            raise
        demand, trace = f"`{op.name}` needs sizes that it can divide", place.body.trace
        pairs, found = tuple(reject.unequal), reject.found
        pending = PendingCondition("E0308", demand, layer.site, trace, pairs, str(op), found)
        postpone(place.body, pending)
        return checked(op.rule(op, tensor.shape))
    if len(known) >= MOST_OUTPUTS:
        known.clear()
    known[case] = shape
    return shape


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
    arguments = completed(op, applied.given)
    inputs = tuple([tensor.sizes for tensor in tensors if tensor.sizes is not None])
    place.body.weigh(site)
    sizes = sizes_of(op, shape, inputs, arguments, place, site)
    kind = (place.training_only, place.again)
    node = place.body.network.add(op, tuple(tensors), shape, path, site, *kind)
    leaf = tree.OpNode(site, key, node, op, arguments, inputs, sizes, applied.branches)
    return Tensor(node, sizes), leaf


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
