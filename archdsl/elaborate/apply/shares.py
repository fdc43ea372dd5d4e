"""Shared layers applied: one set of weights, under the name of a `share`, for every use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archdsl import tree
from archdsl.elaborate.apply.dispatch import Result, apply
from archdsl.elaborate.apply.labels import key_of_label, under
from archdsl.elaborate.apply.operators import AppliedOp, appended, checked
from archdsl.elaborate.apply.place import Place, SharedUses, sizes_without
from archdsl.elaborate.apply.refusals import several_tensors
from archdsl.elaborate.apply.wires import remember_last
from archdsl.elaborate.report import Failure
from archdsl.elaborate.tensors import UNKNOWN, Flow, Several, made_by, parts_of
from archdsl.elaborate.values import SharedLayer, SharedWeights, SharingLayer, TiedLayer
from archdsl.graph import Graph, Node
from archdsl.ops.base import Reject, Shape
from archdsl.ops.linear import Linear
from archdsl.ops.tensor_type import TensorType
from archdsl.ops.tied import Tied
from archdsl.ops.tokens import Embedding
from archdsl.provenance import Term, constant

MOST_SHOWN = 4
"""Maximum number of entries of a state dict that a message lists."""

RANKS = {0: "features", 1: "a sequence", 2: "an image", 3: "a volume"}
"""What a tensor is, by its number of axes."""


def sharing(layer: SharingLayer, entry: Flow, place: Place) -> Result:
    """`share … in …`: its names are keys of the scope that it stands in."""
    uses: dict[SharedWeights, SharedUses] = {}
    for weights in layer.shared:
        uses[weights] = SharedUses(key_of_label(weights.labelled, place))
    inner = replace(place, shares={**place.shares, **uses})
    result, child = apply(layer.layer, entry, inner)
    made: dict[str, tree.Node] = {}
    for weights, known in uses.items():
        if known.tree is not None:
            made[weights.name] = known.tree
        elif not place.body.network.failed:
            _refuse_unused(weights, place)
    return result, tree.ShareNode(layer.site, made, child)


def _refuse_unused(weights: SharedWeights, place: Place) -> None:
    message = f"`{weights.name}` is shared and never used"
    help = "an `if` or a loop without turns leaves all its uses out: put the `share` inside of it"
    place.body.fail("E0415", message, weights.labelled.label_site, help=help)


def use(layer: SharedLayer, entry: Flow, place: Place) -> Result:
    """A shared layer, once more or for the first time."""
    weights, name = layer.weights, layer.weights.name
    try:
        uses = _known(layer, place)
    except Failure:
        remember_last(weights.labelled, UNKNOWN, place)
        raise
    network, is_first = place.body.network, uses.site is None
    start = network.count
    inner = replace(place, again=place.again or not is_first, shared=uses.key.path)
    # Every use is the same piece of syntax: what the `share` says.
    result, child = under(weights.labelled, entry, inner, lambda: uses.key, joins=False)
    if isinstance(result, Several) and result.are_inputs:
        several_tensors(result, layer.site, place)
        result = UNKNOWN
    nodes = range(start, network.count)
    given = _given(result, start)
    if is_first:
        uses.site, uses.nodes, uses.given, uses.tree = layer.site, nodes, given, child
    elif not network.failed:
        _compare(layer, uses, nodes, place)
        _compare_lists(layer, uses, uses.given, given, place)
        _settle(uses, nodes, place)
    uses.training_only = uses.training_only and place.training_only
    remember_last(weights.labelled, result, place)
    return result, tree.UseNode(layer.site, name, child, *made_by(result))


def _given(result: Flow, start: int) -> list[str]:
    """What a use gives, by name: the layers of the use that made it, which begin at `start`."""
    return [
        f"{name or 'its result'}: {_number(each.node - start) or 'what comes in'}"
        for name, each in parts_of(result).items()
    ]


def _known(layer: SharedLayer | TiedLayer, place: Place) -> SharedUses:
    """The uses so far of a layer that is shared here."""
    uses = place.shares.get(layer.weights)
    if uses is not None:
        return uses
    message = (
        f"`{layer.weights.name}` is shared, and is used outside of the scope that it stands in"
    )
    outside = "use it outside of labelled scopes and calls"
    help = f"{outside}: hand in the tensor, and name a join by `add(…) -> name: identity`"
    raise place.body.fail("E0414", message, layer.site, help=help)


def tied(layer: TiedLayer, tensor: Flow, place: Place) -> Result:
    """The matrix of a shared `linear` or `embedding`, transposed: an op under the key of that."""
    if isinstance(tensor, Several):
        raise several_tensors(tensor, layer.site, place)
    uses, name = _known(layer, place), layer.weights.name
    if uses.site is None or (uses.training_only and not place.training_only):
        message = f"`{name}` has no weights here yet, which `tied` could take"
        raise place.body.fail("E0414", message, layer.site, help=f"use `{name}` before it")
    first = uses.tree
    if not isinstance(first, tree.OpNode) or not isinstance(first.op, Linear | Embedding):
        message = f"`tied` takes the matrix of a `linear` or `embedding`, and `{name}` is neither"
        raise place.body.fail("E0414", message, layer.site)
    if tensor.sizes is None:
        return UNKNOWN, tree.SequenceNode(layer.site, ())
    closed = place.body.labels.frames - place.body.labels.open
    is_table = isinstance(first.op, Embedding)
    out = sizes_without(closed, TensorType((_read_by(first),)), place.body, layer.site).channels
    op = Tied(out.value, first.op.out, is_table)  # type: ignore[arg-type]
    try:
        shape = checked(op.output(tensor.shape))
    except Reject as reject:
        expected, found, help = reject.expected, reject.found, reject.help
        raise place.body.fail(
            "E0305", reject.message, layer.site, expected=expected, found=found, help=help
        ) from None
    place.body.count(layer.site, layers=1)
    given = {"out": out, "features": constant(op.features), "is_table": constant(is_table)}
    applied, inner = AppliedOp(op, given, layer.site), replace(place, again=True)
    result, leaf = appended(applied, (tensor,), shape, inner, uses.key.name, uses.key.path)
    return result, tree.UseNode(layer.site, name, leaf, result.node)


def _read_by(node: tree.OpNode) -> Term:
    """How many inputs a layer has: the features that it reads, or the rows of its table."""
    rows = node.arguments.get("rows")
    if isinstance(rows, Term) and rows.value is not None:
        return rows
    return node.inputs[0].breadth


def _settle(uses: SharedUses, nodes: range, place: Place) -> None:
    """Let the first use that is not for training alone have the weights."""
    if place.training_only or not uses.training_only or place.again:
        return
    order = place.body.network.graph.order
    for first, other in zip(uses.nodes, nodes, strict=True):
        order[other] = replace(order[other], again=order[first].again)
        order[first] = replace(order[first], again=True)
    uses.nodes = nodes


def _compare(layer: SharedLayer, uses: SharedUses, nodes: range, place: Place) -> None:
    """Refuse a use that would need other weights, or would be another layer, than the first."""
    graph, name = place.body.network.graph, layer.weights.name
    help = f"every use must read the same channels as the first, {_first(uses, place)}"
    wanted, found = (_weights(graph, each, uses.key.path) for each in (uses.nodes, nodes))
    if wanted != found:
        message = f"`{name}` is shared, but its weights would have other shapes here"
        expected, others = _listed(wanted, found), _listed(found, wanted)
        raise place.body.fail(
            "E0313", message, layer.site, expected=expected, found=others, help=help
        )
    parts, others_parts = (_layers(graph, each) for each in (uses.nodes, nodes))
    if len(parts) != len(others_parts):
        parts, others_parts = [_counted(parts)], [_counted(others_parts)]
    _compare_lists(layer, uses, parts, others_parts, place)


def _compare_lists(
    layer: SharedLayer, uses: SharedUses, wanted: list[str], found: list[str], place: Place
) -> None:
    """Refuse a use of which something is said that is not said of the first."""
    different = next(((a, b) for a, b in zip(wanted, found, strict=True) if a != b), None)
    if different is None:
        return
    message = f"`{layer.weights.name}` is shared, but would be another layer here"
    help = f"every use must be as the first, {_first(uses, place)}"
    expected, other = different
    raise place.body.fail("E0313", message, layer.site, expected=expected, found=other, help=help)


def _first(uses: SharedUses, place: Place) -> str:
    """Where the first use is written."""
    assert uses.site is not None
    first = place.body.session.reporter.placed(uses.site)
    return f"at {first.line}:{first.column}"


def _weights(graph: Graph, nodes: range, path: str) -> list[str]:
    """The entries of the state that some nodes have, with their shapes."""
    return [
        f"{weight.key(node.path).removeprefix(path).lstrip('.') or 'weight'} {[*weight.shape]}"
        for node in map(graph.order.__getitem__, nodes)
        if node.op is not None
        for weight in node.op.weights(*graph.input_shapes(node))
    ]


def _listed(entries: Sequence[str], others: Sequence[str]) -> str:
    """The entries that others lack, as far as they can be listed."""
    own = [entry for entry in entries if entry not in others] or ["none"]
    more = f", and {len(own) - MOST_SHOWN} more" if len(own) > MOST_SHOWN else ""
    return ", ".join(own[:MOST_SHOWN]) + more


def _counted(parts: Sequence[str]) -> str:
    return f"{len(parts)} layer{'s' * (len(parts) != 1)}"


def _layers(graph: Graph, nodes: range) -> list[str]:
    """What a module consists of: its ops, with the axes that they read, and how they are wired."""
    return [_layer(graph, graph[id], nodes.start) for id in nodes]


def _layer(graph: Graph, node: Node, start: int) -> str:
    read = [_read(port.node - start, graph[port.node].shape) for port in node.inputs]
    text = node.op.module_text(*graph.input_shapes(node)) if node.op else ""
    return f"{text} on {', '.join(read)}"


def _read(number: int, shape: Shape) -> str:
    """A tensor that an op reads: one that the module made, or one that comes in."""
    own = f"{_number(number)}: " if number >= 0 else ""
    last = " with channels last" if shape.is_last and shape.positions else ""
    return f"{own}{RANKS.get(len(shape.positions), 'a tensor')}{last}"


def _number(number: int) -> str:
    """A layer of the module by its number, from 0; empty for one outside of it."""
    return f"layer {number + 1}" if number >= 0 else ""
