"""Functions that rearrange a tensor: what they do is kept until an op reads it."""

from __future__ import annotations

from collections.abc import Mapping

from archdsl.importing.arranging import Held
from archdsl.importing.functions import Rule
from archdsl.importing.tensors import Tensors
from archdsl.importing.trace import Node


def _same(tensors: Tensors, node: Node) -> Held:
    return tensors.held(node.inputs[0])


def _reshape(tensors: Tensors, node: Node) -> Held:
    return tensors.arranged(node, lambda x: x.reshaped(node.results[0].shape))


def _unsqueeze(tensors: Tensors, node: Node) -> Held:
    dim = node.args[1] if len(node.args) > 1 else node.kwargs["dim"]
    return tensors.arranged(node, lambda x: x.with_one(dim))


def _permute(tensors: Tensors, node: Node) -> Held:
    order = node.kwargs.get("dims", node.args[1:])
    order = order[0] if len(order) == 1 and not isinstance(order[0], int) else order
    return tensors.arranged(node, lambda x: x.permuted([*order]))


def _transpose(tensors: Tensors, node: Node) -> Held:
    first, second = [*node.args[1:], *node.kwargs.values()]
    order = [*range(len(node.inputs[0].shape))]
    order[first], order[second] = order[second], order[first]
    return tensors.arranged(node, lambda x: x.permuted(order))


def _reversed(tensors: Tensors, node: Node) -> Held:
    """`x.T`, and `x.mT`, which exchanges the last two."""
    order = [*range(len(node.inputs[0].shape))]
    last = order[-2:] if node.name.startswith("m") else order
    order[len(order) - len(last) :] = last[::-1]
    return tensors.arranged(node, lambda x: x.permuted(order))


def _movedim(tensors: Tensors, node: Node) -> Held:
    source, target = [*node.args[1:], *node.kwargs.values()]
    rank = len(node.inputs[0].shape)
    pairs = zip(*[[e] if isinstance(e, int) else e for e in (target, source)], strict=True)
    moved = {to % rank: place % rank for to, place in pairs}
    rest = iter([place for place in range(rank) if place not in moved.values()])
    order = [moved[place] if place in moved else next(rest) for place in range(rank)]
    return tensors.arranged(node, lambda x: x.permuted(order))


def _expand(tensors: Tensors, node: Node) -> Held:
    """A weight or a constant repeated for the samples is itself, as is what is 1 wide."""
    before, after = node.inputs[0].shape, node.results[0].shape
    if before == after or (before[1:] == after[1:] and before[0] == 1):
        return tensors.held(node.inputs[0])
    is_spread = all(a == b or a == 1 for a, b in zip(before, after, strict=False))
    if node.name.startswith(("expand", "broadcast")) and len(before) == len(after) and is_spread:
        return tensors.held(node.inputs[0])
    tensors.refuse(node, "repeats a tensor along its sizes")
    raise AssertionError


RULES: Mapping[str, Rule] = {
    **dict.fromkeys(
        "contiguous clone detach_ to type_as float double half alias positive".split(), _same
    ),
    **dict.fromkeys(
        "flatten view reshape unflatten squeeze _unsafe_view view_as reshape_as squeeze_".split(),
        _reshape,
    ),
    **dict.fromkeys("unsqueeze unsqueeze_".split(), _unsqueeze),
    "permute": _permute,
    **dict.fromkeys("transpose swapaxes swapdims transpose_".split(), _transpose),
    **dict.fromkeys("T mT t".split(), _reversed),
    "movedim": _movedim,
    **dict.fromkeys("expand expand_as broadcast_to repeat tile".split(), _expand),
}
