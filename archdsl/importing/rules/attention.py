"""Attention that a `forward` writes out: heads are split off the features and joined again.

`softmax(q @ k.transpose(-2, -1) * scale) @ v` is attention too. What stands before the last product
is no tensor of the language, so it is kept as `Scores` until that is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isclose

from archdsl.importing.arranging import Factor, Held
from archdsl.importing.counted import is_made
from archdsl.importing.functions import Rule, arguments_of
from archdsl.importing.rules import products
from archdsl.importing.rules.products import turned
from archdsl.importing.steps import Port
from archdsl.importing.tensors import Scores, Tensors
from archdsl.importing.trace import Node, Value
from archdsl.ops import OPS


def selected(tensors: Tensors, tensor: Held, place: int, index: int, node: Node) -> Held | None:
    """One part of a factor: the queries in `qkv.reshape(b, n, 3, heads, d).unbind(2)`.

    None where the factor is none of the channels, so that its places are no parts of them.
    """
    size = tensor.sizes[place]
    channels = tensor.base[1 + tensor.port.type.channels_dimension]
    if len(size) != 1 or len(channels) < 2 or size[0] not in channels:
        return None
    (factor,) = size
    tensor = _with_first(tensors, tensor, factor)
    op = OPS["part"].make({"parts": factor.size, "index": index % factor.size})
    part = tensors.op(op, [tensor.port], node).port
    base = _without(tensor.base, factor)
    sizes = (*tensor.sizes[:place], *tensor.sizes[place + 1 :])
    return Held(part, base, sizes)


def _with_first(tensors: Tensors, tensor: Held, factor: Factor) -> Held:
    """A tensor of a port whose channels begin with a factor."""
    place = 1 + tensor.port.type.channels_dimension
    channels = tensor.base[place]
    if channels[0] == factor:
        return tensor
    turned = (factor, *[each for each in channels if each != factor])
    base = (*tensor.base[:place], turned, *tensor.base[place + 1 :])
    port = tensors.materialized(Held(tensor.port, tensor.base, base), tensor.port.type.is_last)
    return Held(port, base, tensor.sizes)


def _without(sizes: tuple[tuple[Factor, ...], ...], gone: Factor) -> tuple[tuple[Factor, ...], ...]:
    return tuple([tuple([factor for factor in size if factor != gone]) for size in sizes])


def _fused(tensors: Tensors, node: Node) -> Held:
    """`F.scaled_dot_product_attention` on tensors whose heads were split off."""
    given = arguments_of(node)
    query, key, value = [tensors.held(given[name]) for name in ("query", "key", "value")]
    scale = given.get("scale")
    scores = Scores(query, key, query.shape[-1] ** -0.5 if scale is None else float(scale))
    scores = replace(scores, dropout=float(given.get("dropout_p", 0.0)))
    if (bias := given.get("attn_mask")) is not None:
        if bias.is_counted:
            tensors.refuse(node, "leaves out keys by a mask, which no rule reads")
        scores = replace(scores, bias=tensors.held(bias))
    return attended(tensors, node, scores, value, bool(given.get("is_causal", False)))


def attended(tensors: Tensors, node: Node, scores: Scores, value: Held, causal: bool) -> Held:
    """The values weighted by scores."""
    scores = _with_plain_scale(scores)
    query, key, value = [each.unmixed() for each in (scores.query, scores.key, value)]
    split = [_split_heads(tensors, each, node) for each in (query, key, value)]
    ports, heads = [port for port, _ in split], split[0][1]
    causal = causal or scores.is_masked
    settings = {"heads": heads, "causal": causal, "dropout": scores.dropout}
    if not isclose(scores.scale, query.shape[-1] ** -0.5, rel_tol=1e-12):
        settings["scale"] = scores.scale
    if scores.bias is not None:
        ports.append(_bias(tensors, scores.bias, node))
        settings["bias"] = True
    whole = tensors.held_of(tensors.op(OPS["attend"].make(settings), ports, node))
    return _with_heads(whole, query, value.shape[-1])


def _bias(tensors: Tensors, bias: Held, node: Node) -> Port:
    """The tensor `[n, m; heads]` of what is added to scores, one of `[1, …, heads, n, m]`."""
    if len(bias.sizes) < 3 or any(bias.sizes[:-3]):
        tensors.refuse(node, "adds to its attention what is not [heads, queries, keys]")
    turned = bias.permuted([*range(len(bias.sizes) - 3), -2, -1, -3])
    return tensors.materialized(Held(turned.port, turned.base, ((), *turned.sizes[-3:])), True)


def _with_plain_scale(scores: Scores) -> Scores:
    """Scores whose queries or keys were multiplied by a number first."""
    query, one = _unscaled(scores.query)
    key, other = _unscaled(scores.key)
    return replace(scores, query=query, key=key, scale=scores.scale * one * other)


def _unscaled(tensor: Held) -> tuple[Held, float]:
    step = tensor.port.step
    if step.op is None or step.op.name != "scale":
        return tensor, 1.0
    number: float = step.op.value  # type: ignore[attr-defined]
    return Held(step.inputs[0], tensor.base, tensor.sizes), number


def _head_places(tensor: Held) -> list[int]:
    """The dimensions of heads: those between batch and positions that are parts of channels."""
    channels = {*tensor.base[1 + tensor.port.type.channels_dimension]}
    return [
        place
        for place in range(1, len(tensor.sizes) - 2)
        if tensor.sizes[place] and channels.issuperset(tensor.sizes[place])
    ]


def _split_heads(tensors: Tensors, tensor: Held, node: Node) -> tuple[Port, int]:
    """The tensor `[..., n; heads * d]` that one of `[..., heads, ..., n, d]` was made of."""
    if len(tensor.sizes) < 3:
        tensors.refuse(node, "attends over tensors that are not [samples, …, positions, d]")
    heads = _head_places(tensor)
    apart = [place for place in range(len(tensor.sizes) - 1) if place not in heads]
    joined = tensor.permuted([*apart, *heads, -1])
    count = 1
    for place in heads:
        count *= tensor.shape[place]
    kept = joined.shape[: len(apart)]
    flat = joined.reshaped((*kept, count * tensor.shape[-1]))
    return tensors.materialized(flat, is_last=True), count


def _with_heads(whole: Held, query: Held, features: int) -> Held:
    """What attention gives, with its heads where those of the queries are."""
    heads = _head_places(query)
    apart = [place for place in range(len(query.sizes) - 1) if place not in heads]
    sizes = [query.shape[place] for place in (*apart, *heads)]
    found = whole.reshaped((*sizes, features))
    order = [*apart, *heads, len(sizes)]
    return found.permuted([order.index(place) for place in range(len(order))])


# --- attention as products of matrices ---


def _product(tensors: Tensors, node: Node) -> list[Held]:
    """The scores of queries and keys, the values that such scores weigh, or any other product."""
    left, right = [each for each in node.args if isinstance(each, Value)]
    if left in tensors.scores and left not in tensors.values:
        scores = tensors.scores[left]
        if scores.is_soft and not scores.is_turned:
            return [attended(tensors, node, scores, tensors.held(right), False)]
    elif right in tensors.scores and right not in tensors.values:
        scores = tensors.scores[right]
        if scores.is_soft and scores.is_turned:
            value = turned(tensors.held(left))
            return [turned(attended(tensors, node, scores, value, False))]
    if is_made(left) or is_made(right):
        return [products.of_weight(tensors, node, left, right)]
    if len(left.shape) != len(right.shape) or len(left.shape) < 3:
        tensors.refuse(node, f"calls `{node.name}`, for which the language has no op")
    query, key = tensors.held(left), turned(tensors.held(right))
    tensors.scores[node.results[0]] = Scores(query, key, 1.0)
    return []


def _einsum(tensors: Tensors, node: Node) -> list[Held]:
    """A product of matrices by the letters of their sizes: `bhid,bhjd->bhij`."""
    equation, *operands = node.args
    operands = [*operands[0]] if len(operands) == 1 else operands
    words = re.fullmatch(r"(\w+),(\w+)->(\w+)", str(equation).replace(" ", ""))
    found = None
    if words is not None and len(operands) == 2:
        sides = [*zip(words.groups()[:2], operands, strict=True)]
        found = _product_by_letters(tensors, node, sides, words[3])
    if found is None:
        return tensors.refuse(node, f"calls `einsum` as no rule reads it: {equation}")
    return found


def _product_by_letters(
    tensors: Tensors, node: Node, sides: Sequence[tuple[str, Value]], result: str
) -> list[Held] | None:
    """The scores of queries and keys, or values weighted by scores; None for anything else."""
    (one, left), (other, right) = sides
    if right in tensors.scores:
        (one, left), (other, right) = (other, right), (one, left)
    shared = [each for each in one if each in other and each in result]
    apart = [[e for e in word if e in result and e not in shared] for word in (one, other)]
    summed = [each for each in one if each in other and each not in result]
    if [*map(len, (*apart, summed))] != [1, 1, 1]:
        return None
    rows, columns = apart
    if left in tensors.scores:
        scores = tensors.scores[left]
        if [*one] == [*shared, *rows, *summed] and scores.is_soft and not scores.is_turned:
            value = _turned_to(tensors.held(right), other, [*shared, *summed, *columns])
            found = attended(tensors, node, scores, value, False)
            return [_turned_to(found, "".join([*shared, *rows, *columns]), [*result])]
    elif not tensors.is_weight(left) and not tensors.is_weight(right):
        if [*result] == [*shared, *columns, *rows]:
            one, left, rows, other, right, columns = other, right, columns, one, left, rows
        if [*result] == [*shared, *rows, *columns]:
            query = _turned_to(tensors.held(left), one, [*shared, *rows, *summed])
            key = _turned_to(tensors.held(right), other, [*shared, *columns, *summed])
            tensors.scores[node.results[0]] = Scores(query, key, 1.0)
            return []
    return None


def _turned_to(tensor: Held, letters: str, order: list[str]) -> Held:
    return tensor.permuted([letters.index(each) for each in order])


RULES: Mapping[str, Rule] = {
    "einsum": _einsum,
    "scaled_dot_product_attention": _fused,
    **dict.fromkeys("matmul __matmul__ bmm".split(), _product),
}
