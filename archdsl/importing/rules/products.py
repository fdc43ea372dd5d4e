"""Products of matrices that are no attention, or whose scores are read by something else."""

from __future__ import annotations

from math import prod

from archdsl.importing.arranging import Held
from archdsl.importing.counted import is_made
from archdsl.importing.steps import Port
from archdsl.importing.tensors import Scores, Tensors
from archdsl.importing.trace import Node, Value
from archdsl.ops import OPS


def turned(tensor: Held) -> Held:
    """A matrix with its rows as columns."""
    order = [*range(len(tensor.sizes))]
    return tensor.permuted([*order[:-2], order[-1], order[-2]])


def multiplied(tensors: Tensors, node: Node, first: Held, second: Held) -> Held:
    """`[…, n, k]` times `[…, k, m]`."""
    if first.shape[1:-2] != second.shape[1:-2] or len(first.sizes) < 3:
        tensors.refuse(node, f"calls `{node.name}` on tensors with other axes, as no op does")
    ports = [tensors.materialized(each.unmixed(), is_last=True) for each in (first, second)]
    whole = tensors.held_of(tensors.op(OPS["matmul"].make({}), ports, node))
    return whole.reshaped((*first.shape[:-1], second.shape[-1]))


def of_weight(tensors: Tensors, node: Node, left: Value, right: Value) -> Held:
    """The product of a tensor and a learned matrix, which is the same for all samples."""
    is_left = is_made(left)
    weight, other = (left, right) if is_left else (right, left)
    if is_made(other) or len(weight.shape) != 2:
        tensors.refuse(node, "computes with weights alone, or with several matrices of them")
    tensor, matrix = tensors.held(other), _of_all_samples(tensors, weight)
    if is_left:
        ports = [matrix, tensors.materialized(tensor.unmixed(), is_last=True)]
    else:
        rows = tensor.reshaped((tensor.shape[0], prod(tensor.shape[1:-1]), tensor.shape[-1]))
        ports = [tensors.materialized(rows, is_last=True), matrix]
    found = tensors.held_of(tensors.op(OPS["matmul"].make({}), ports, node))
    return found.reshaped(node.results[0].shape)


def _of_all_samples(tensors: Tensors, weight: Value) -> Port:
    tensor = tensors.held(weight)
    if len(tensor.sizes) == 2:
        tensor = tensor.with_one(0)
    return tensors.materialized(tensor, is_last=True)


def spelled_out(tensors: Tensors, node: Node, scores: Scores) -> Held:
    """Scores as the tensor that they are, by ops for all that was done to them."""
    if scores.dropout or scores.is_masked:
        kind = "a mask" if scores.is_masked else "their dropout"
        what = f"reads weights of an attention behind {kind}, which no op gives"
        tensors.refuse(node, what)
    found = multiplied(tensors, node, scores.query, turned(scores.key))
    sizes = found.shape
    if scores.scale != 1:
        found = _applied(tensors, node, found, "scale", {"value": scores.scale})
    if scores.bias is not None:
        bias = scores.bias
        while len(bias.sizes) < len(sizes):
            bias = bias.with_one(0)
        ports = [tensors.materialized(each.unmixed(), is_last=True) for each in (found, bias)]
        found = tensors.join_ports(node, "add", ports).reshaped(sizes)
    if scores.is_soft:
        found = _applied(tensors, node, found, "softmax", {})
    return turned(found) if scores.is_turned else found


def _applied(
    tensors: Tensors, node: Node, tensor: Held, name: str, given: dict[str, float]
) -> Held:
    port = tensors.materialized(tensor.unmixed(), is_last=True)
    step = tensors.op(OPS[name].make(given), [port], node)
    return tensors.held_of(step).reshaped(tensor.shape)
