"""Attention that a `forward` writes out: heads are split off the features and joined again."""

from __future__ import annotations

from collections.abc import Mapping

from archdsl.importing.arranging import Factor, Held
from archdsl.importing.functions import Rule, arguments_of
from archdsl.importing.steps import Port
from archdsl.importing.tensors import Tensors
from archdsl.importing.trace import Node
from archdsl.ops import OPS


def selected(tensors: Tensors, tensor: Held, place: int, index: int, node: Node) -> Held | None:
    """One part of a factor: the queries in `qkv.reshape(b, n, 3, heads, d).unbind(2)`.

    None where the factor is not the first of the channels, so that its places are no parts of them.
    """
    size = tensor.sizes[place]
    channels = tensor.base[1 + tensor.port.type.channels_dimension]
    if len(size) != 1 or channels[:1] != size or len(channels) < 2:
        return None
    (factor,) = size
    op = OPS["part"].make({"parts": factor.size, "index": index % factor.size})
    part = tensors.op(op, [tensor.port], node).port
    base = _without(tensor.base, factor)
    sizes = (*tensor.sizes[:place], *tensor.sizes[place + 1 :])
    return Held(part, base, sizes)


def _without(sizes: tuple[tuple[Factor, ...], ...], gone: Factor) -> tuple[tuple[Factor, ...], ...]:
    return tuple([tuple([factor for factor in size if factor != gone]) for size in sizes])


def attended(tensors: Tensors, node: Node) -> Held:
    """`F.scaled_dot_product_attention` on tensors whose heads were split off."""
    given = arguments_of(node)
    ports, heads = [], 0
    for name in ("query", "key", "value"):
        tensor = tensors.held(given[name])
        port, count = _joined_heads(tensors, tensor, node)
        ports.append(port)
        heads = heads or count
    if given.get("attn_mask") is not None:
        tensors.refuse(node, "adds a mask or a bias to its attention, which no rule reads yet")
    settings = {
        "heads": heads,
        "causal": bool(given.get("is_causal", False)),
        "dropout": float(given.get("dropout_p", 0.0)),
    }
    if given.get("scale") is not None:
        settings["scale"] = float(given["scale"])
    features = node.inputs[0].shape[-1]
    if settings.get("scale") == features**-0.5:
        del settings["scale"]
    step = tensors.op(OPS["attend"].make(settings), ports, node)
    whole = tensors.held_of(step)
    batch, _, length, features = node.results[0].shape
    return whole.reshaped((batch, length, heads, features)).permuted((0, 2, 1, 3))


def _joined_heads(tensors: Tensors, tensor: Held, node: Node) -> tuple[Port, int]:
    """The tensor `[n; heads * d]` that one of `[heads, n, d]` was made of, and its heads."""
    if len(tensor.sizes) != 4:
        tensors.refuse(node, "attends over tensors that are not [samples, heads, positions, d]")
    heads = tensor.shape[1]
    joined = tensor.permuted((0, 2, 1, 3))
    flat = joined.reshaped((*joined.shape[:2], joined.shape[2] * joined.shape[3]))
    return tensors.materialized(flat, is_last=True), heads


RULES: Mapping[str, Rule] = {"scaled_dot_product_attention": attended}
