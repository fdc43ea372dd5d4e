"""Ops of several inputs applied: branches that read one tensor, and the op that joins them."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl import tree
from archdsl.elaborate.apply.arguments import made
from archdsl.elaborate.apply.dispatch import Result, apply
from archdsl.elaborate.apply.fitting import postpone
from archdsl.elaborate.apply.loops import conditional
from archdsl.elaborate.apply.operators import AppliedOp, appended, checked
from archdsl.elaborate.apply.place import Place, is_known, shapes_of, sizes_without
from archdsl.elaborate.apply.refusals import misfit, several_tensors
from archdsl.elaborate.evaluate.calls import require
from archdsl.elaborate.naming import Key
from archdsl.elaborate.pending import PendingCondition
from archdsl.elaborate.tensors import UNKNOWN, Flow, Several, Tensor
from archdsl.elaborate.values import Applicable, BundleLayer, ConditionalLayer, Layer, OpCallee
from archdsl.ops.base import Op, Reject, Shape
from archdsl.ops.join import Join
from archdsl.source import Span


def has_weights(layer: Applicable) -> bool:
    """Whether an op of several inputs may have weights, and so a key of its own."""
    if not isinstance(layer.callee, OpCallee):
        return False
    return layer.callee.op.is_foreign or layer.callee.op.weights is not Op.weights


def apply_join(layer: Applicable, entry: Flow, place: Place, key: Key | None = None) -> Result:
    """An op of several inputs in its place: under a key if it has one, else if it has weights."""
    callee, body = layer.callee, place.body
    assert isinstance(callee, OpCallee)
    found = [_branch(branch, entry, place, layer.site) for branch in layer.branches]
    tensors = [tensor for made, _ in found for tensor, _ in made]
    spans = [span for made, _ in found for _, span in made]
    if not is_known(*tensors):
        return UNKNOWN, tree.SequenceNode(layer.site, ())
    body.count(layer.site, layers=1)
    body.weigh(layer.site)
    require(layer, body)
    op, given = made(layer, callee, tensors[0], place)
    shape = _joined(op, layer, tensors, spans, place)
    if key is None and has_weights(layer):
        key = place.keys.unlabelled(op.name, is_op=True)
        note_default(layer, key, place)
    path = f"{place.keys.path}.{op.name}" if place.keys.path else op.name
    applied = AppliedOp(op, given, layer.site, tuple([node for _, node in found]))
    name, path = (key.name, key.path) if key is not None else (None, path)
    return appended(applied, tensors, shape, place, name, path)


def _branch(
    layer: Layer, entry: Flow, place: Place, otherwise: Span
) -> tuple[list[tuple[Tensor, Span]], tree.Node]:
    """A branch applied; behind an `if` there may be several of them, or none."""
    match layer:
        case ConditionalLayer(layer=BundleLayer(branches=inside, names=())):
            return _optional(layer, inside, entry, place)
    span = span_of(layer, otherwise)
    result, node = apply(layer, entry, place)
    return [(one_of(result, span, place), span)], node


def _optional(
    layer: ConditionalLayer, inside: Sequence[Layer], entry: Flow, place: Place
) -> tuple[list[tuple[Tensor, Span]], tree.Node]:
    """The branches behind an `if`, each as it is seen outside of that."""
    made: list[tuple[Tensor, Span]] = []

    def side(inner: Flow) -> Result:
        found = [_branch(each, inner, place, layer.site) for each in inside]
        made.extend(pair for pairs, _ in found for pair in pairs)
        return inner, tree.BundleNode(layer.site, tuple([node for _, node in found]), ())

    _, node = conditional(layer, entry, place, side)
    assert isinstance(node, tree.ConditionNode)
    entered = {node.entry}
    outside = [
        (Tensor(t.node, t.sizes and sizes_without(entered, t.sizes, place.body, span)), span)
        for t, span in made
    ]
    return outside, node


def note_default(layer: Applicable, key: Key, place: Place) -> None:
    """Remark on a layer with weights that has no label where others of its scope have one.

    In the library nobody can give it one.
    """
    if key.by_default and not layer.site.source.is_library:
        message = f"`{layer.callee.name}` has weights but no label, unlike other layers here"
        help = f"its key is `{key.path}`; a label would name it"
        place.body.note("N0401", message, layer.site, help)


def span_of(layer: Layer, otherwise: Span) -> Span:
    """Where a layer is written."""
    return getattr(layer, "site", otherwise)


def one_of(result: Flow, span: Span, place: Place) -> Tensor:
    """The result of a branch, which must be a single tensor."""
    if isinstance(result, Several):
        several_tensors(result, span, place)
        return UNKNOWN
    return result


def _joined(
    op: Op, layer: Applicable, tensors: Sequence[Tensor], branches: Sequence[Span], place: Place
) -> Shape:
    """The shape of several tensors joined; the branch that does not fit is blamed."""
    shapes = shapes_of(tensors)
    try:
        return checked(op.output(*shapes))
    except Reject as reject:
        if reject.argument or reject.code:
            blame = None if reject.index is None else branches[reject.index]
            raise misfit(reject, layer, tensors[0], place, blame) from None
        misfits = [reject, *[other for other in reject.others if other.unequal]]
        for each in misfits if reject.unequal else [reject]:
            blame = layer.site if each.index is None else branches[each.index]
            _postpone(each, op, blame, place)
    return op.rule(op, *shapes)


def _postpone(reject: Reject, op: Op, span: Span, place: Place) -> None:
    """Remember a branch that fits for some inputs; raises `Failure` for any other."""
    if reject.unequal and op.is_foreign:
        demand, expected = f"`{op.name}` needs the sizes of its signature", reject.expected
        pairs, trace = tuple(reject.unequal), place.body.trace
        pending = PendingCondition("E0308", demand, span, trace, pairs, expected, reject.found)
        postpone(place.body, pending)
        return
    if not reject.unequal or not isinstance(op, Join):
        raise place.body.fail(
            "E0301",
            reject.message,
            span,
            expected=reject.expected,
            found=reject.found,
            help=reject.help,
        )
    found = PendingCondition(
        "E0301",
        f"`{op.name}` needs {op.wanted}",
        span,
        place.body.trace,
        tuple(reject.unequal),
        reject.expected,
        reject.found,
        op.fits,
    )
    postpone(place.body, found)
