"""Means, sums and largest numbers along sizes of a tensor, and softmax along one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from archdsl.importing.arranging import Held
from archdsl.importing.functions import Rule, arguments_of
from archdsl.importing.rules.joins import sum_of_stack, sums_up_stack
from archdsl.importing.tensors import Tensors
from archdsl.importing.trace import Node
from archdsl.ops import OPS

OVER_POSITIONS = {
    **dict.fromkeys(("mean", "sum"), "global_avgpool"),
    **dict.fromkeys(("amax", "max"), "global_maxpool"),
}
OVER_CHANNELS = {
    **dict.fromkeys(("mean", "sum"), "channel_mean"),
    **dict.fromkeys(("amax", "max"), "channel_max"),
}


def _reduced(tensors: Tensors, node: Node) -> list[Held]:
    if sums_up_stack(node):
        return [sum_of_stack(tensors, node)]
    dims = arguments_of(node).get("dim")
    if node.name == "max" and len(node.inputs) == 1:
        # `x.max(other)` takes the larger of two.
        dims = node.kwargs.get("dim", [*node.args, None][1])
    if node.name == "max" and (dims is None or len(node.inputs) > 1):
        tensors.refuse(node, "calls `max`, for which the language has no op")
    rank = len(node.inputs[0].shape)
    several = [*range(rank)] if dims in (None, ()) else [dims] if isinstance(dims, int) else dims
    return [reduced(tensors, node, sorted({dim % rank for dim in several}))]


def reduced(tensors: Tensors, node: Node, dims: Sequence[int]) -> Held:
    """One number of all along some sizes."""
    if 0 in dims:
        tensors.refuse(node, f"takes the `{node.name}` over the samples of a batch")
    tensor = _over(tensors, node, dims).reshaped(node.results[0].shape)
    if node.name != "sum":
        return tensor
    count = prod(node.inputs[0].shape[dim] for dim in dims)
    step = tensors.op(OPS["scale"].make({"value": count}), [tensor.port], node)
    return Held(step.port, tensor.base, tensor.sizes)


def _over(tensors: Tensors, node: Node, dims: Sequence[int]) -> Held:
    """What a pool over some sizes leaves."""
    port = tensors.port(node.inputs[0])
    channel = 1 + port.type.channels_dimension
    positions = [place for place in range(1, len(port.type.sizes) + 1) if place != channel]
    is_plain = len(port.type.sizes) == len(node.inputs[0].shape) - 1
    pool = OPS[OVER_POSITIONS[node.name]].make({})
    if is_plain and [*dims] == positions:
        return tensors.held_of(tensors.op(pool, [port], node))
    if is_plain and [*dims] == [channel]:
        op = OPS[OVER_CHANNELS[node.name]].make({})
        return tensors.held_of(tensors.op(op, [port], node))
    tensor = tensors.held(node.inputs[0])
    kept = [place for place in range(1, len(tensor.sizes)) if place not in dims]
    sizes = [prod(tensor.shape[place] for place in places) for places in (kept, dims)]
    # What is kept is the channels of what is pooled.
    turned = tensor.permuted([0, *kept, *dims]).reshaped((tensor.shape[0], *sizes))
    port = tensors.materialized(turned, is_last=False)
    return tensors.held_of(tensors.op(pool, [port], node))


def _softmax(tensors: Tensors, node: Node) -> Held:
    given = arguments_of(node)
    rank = len(node.inputs[0].shape)
    dim = given.get("dim")
    if not isinstance(dim, int) or dim % rank == 0:
        tensors.refuse(node, f"takes the `softmax` over {dim}")
    return softened(tensors, node, dim % rank)


def softened(tensors: Tensors, node: Node, dim: int) -> Held:
    """Numbers that are positive and add up to 1 along a size."""
    port = tensors.port(node.inputs[0])
    rank = len(node.inputs[0].shape)
    op = OPS["log_softmax" if "log" in node.name else "softmax"].make({})
    if dim == 1 + port.type.channels_dimension and len(port.type.sizes) == rank - 1:
        return tensors.held_of(tensors.op(op, [port], node))
    tensor = tensors.held(node.inputs[0])
    others = [place for place in range(1, rank) if place != dim]
    kept = [tensor.shape[place] for place in others]
    turned = tensor.permuted([0, *others, dim])
    turned = turned.reshaped((tensor.shape[0], *[prod(kept)] * bool(kept), tensor.shape[dim]))
    step = tensors.op(op, [tensors.materialized(turned, is_last=True)], node)
    found = tensors.held_of(step).reshaped((tensor.shape[0], *kept, tensor.shape[dim]))
    order = [0, *others, dim]
    return found.permuted([order.index(place) for place in range(rank)])


def _exp(tensors: Tensors, node: Node) -> Held:
    tensor = tensors.held(node.inputs[0])
    port = tensors.op(OPS["exp"].make({}), [tensor.port], node).port
    return Held(port, tensor.base, tensor.sizes)


RULES: Mapping[str, Rule] = {
    "exp": _exp,
    **dict.fromkeys("mean sum amax max".split(), _reduced),
    **dict.fromkeys("softmax _softmax log_softmax _log_softmax".split(), _softmax),
}
