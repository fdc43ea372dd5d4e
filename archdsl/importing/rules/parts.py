"""Parts of a tensor: of its channels, of its positions, and of the heads of an attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archdsl.importing.arranging import Held
from archdsl.importing.functions import Rule, arguments_of
from archdsl.importing.rules import attention
from archdsl.importing.steps import Port
from archdsl.importing.tensors import Tensors
from archdsl.importing.trace import Node
from archdsl.ops import OPS


def _split(tensors: Tensors, node: Node) -> list[Held]:
    dim = arguments_of(node).get("dim", 0)
    if node.name == "unbind":
        return [selected(tensors, node, dim, place) for place in range(len(node.results))]
    sizes = [value.shape[dim] for value in node.results]
    return parts(tensors, node, dim, sizes)


def _getitem(tensors: Tensors, node: Node) -> Held:
    index = node.args[1]
    items = [*index] if isinstance(index, tuple) else [index]
    if Ellipsis in items:
        place = items.index(Ellipsis)
        real = sum(each is not None for each in items) - 1
        gap = [slice(None)] * (len(node.inputs[0].shape) - real)
        items[place : place + 1] = gap
    return indexed(tensors, node, items)


def _narrow(tensors: Tensors, node: Node) -> Held:
    given = arguments_of(node)
    dim = given.get("dim", 0)
    if node.name == "select":
        return selected(tensors, node, dim, given["index"])
    items: list[Any] = [slice(None)] * (dim % len(node.inputs[0].shape))
    start = given.get("start", 0) % node.inputs[0].shape[dim]
    return indexed(tensors, node, [*items, slice(start, start + given["length"])])


def parts(tensors: Tensors, node: Node, dim: int, sizes: Sequence[int]) -> list[Held]:
    """Parts of the channels, one after another."""
    tensor = tensors.held(node.inputs[0])
    place = dim % len(tensor.sizes)
    if len({*sizes}) == 1 and not _is_channels(tensor, place):
        found = _parts_of_factor(tensors, node, tensor, place, len(sizes))
        if found is not None:
            return found
    if _is_position(tensors.port(node.inputs[0]), place):
        ends = [sum(sizes[: index + 1]) for index in range(len(sizes))]
        return [
            _cropped(tensors, node, place, end - size, end)
            for end, size in zip(ends, sizes, strict=True)
        ]
    port = _along_channels(tensors, node, dim)
    starts = [sum(sizes[:index]) for index in range(len(sizes))]
    if len({*sizes}) == 1:
        several = [{"parts": len(sizes), "index": index} for index in range(len(sizes))]
        return [tensors.held_of(tensors.op(OPS["part"].make(e), [port], node)) for e in several]
    return [
        _slice(tensors, port, start, start + n, node)
        for start, n in zip(starts, sizes, strict=True)
    ]


def _parts_of_factor(
    tensors: Tensors, node: Node, tensor: Held, place: int, count: int
) -> list[Held] | None:
    """Equal parts of a factor of the channels, in whatever dimension that is."""
    before, size, behind = tensor.shape[:place], tensor.shape[place], tensor.shape[place + 1 :]
    split = tensor.reshaped((*before, count, size // count, *behind))
    found = [attention.selected(tensors, split, place, index, node) for index in range(count)]
    known = [each for each in found if each is not None]
    return known if len(known) == count else None


def _slice(tensors: Tensors, port: Port, start: int, stop: int, node: Node) -> Held:
    if start == 0 and stop == port.type.channels:
        return tensors.held_at(port)
    return tensors.held_of(
        tensors.op(OPS["slice"].make({"start": start, "stop": stop}), [port], node)
    )


def _along_channels(tensors: Tensors, node: Node, dim: int) -> Port:
    value = node.inputs[0]
    port = tensors.port(value)
    place = dim % len(value.shape) - 1
    if place != port.type.channels_dimension or len(port.type.sizes) != len(value.shape) - 1:
        tensors.refuse(node, f"takes parts of dimension {dim}, which is not that of the channels")
    return port


def selected(tensors: Tensors, node: Node, dim: int, index: int) -> Held:
    """One place of a dimension."""
    tensor = tensors.held(node.inputs[0])
    place = dim % len(tensor.sizes)
    part = attention.selected(tensors, tensor, place, index, node)
    if part is not None:
        return part
    if not tensor.sizes[place]:
        return Held(tensor.port, tensor.base, (*tensor.sizes[:place], *tensor.sizes[place + 1 :]))
    port = tensors.port(node.inputs[0])
    if len(tensor.sizes) == 3 and place == 2 and not port.type.is_last:
        port = tensors.materialized(tensor.permuted([0, 2, 1]), is_last=True)
    elif place != 1 or not port.type.is_last:
        tensors.refuse(node, "picks a place of a dimension that is not that of the positions")
    return tensors.held_of(tensors.op(OPS["take"].make({"index": index}), [port], node))


def indexed(tensors: Tensors, node: Node, items: list[Any]) -> Held:
    """`x[...]` with slices, numbers and `None`."""
    tensor = tensors.held(node.inputs[0])
    items = _without_whole_slices(items, tensor.shape)
    dimension = 0
    for place, item in enumerate(items):
        if item is None:
            tensor = tensor.with_one(place)
        elif isinstance(item, int) and not isinstance(item, bool):
            if any(each not in (None, slice(None)) for each in items[place + 1 :]):
                tensors.refuse(node, "picks several places at once")
            return selected(tensors, node, dimension, item)
        elif item != slice(None):
            return _sliced(tensors, node, dimension, item, items[place + 1 :])
        dimension += item is not None
    return tensor


def _without_whole_slices(items: list[Any], shape: tuple[int, ...]) -> list[Any]:
    """An index whose slices that leave nothing out say so."""
    found: list[Any] = []
    dimension = 0
    for item in items:
        size = shape[dimension] if dimension < len(shape) else 0
        is_whole = isinstance(item, slice) and item.indices(size) == (0, size, 1)
        found.append(slice(None) if is_whole else item)
        dimension += item is not None
    return found


def _sliced(tensors: Tensors, node: Node, dimension: int, item: Any, rest: list[Any]) -> Held:
    if (
        not isinstance(item, slice)
        or item.step not in (None, 1)
        or any(each != slice(None) for each in rest)
    ):
        tensors.refuse(node, "picks places in a way that the language has no words for")
    size = node.inputs[0].shape[dimension]
    start, stop, _ = item.indices(size)
    if (start, stop) == (0, size):
        return tensors.held(node.inputs[0])
    if _is_position(tensors.port(node.inputs[0]), dimension):
        return _cropped(tensors, node, dimension, start, stop)
    return _slice(tensors, _along_channels(tensors, node, dimension), start, stop, node)


def _is_channels(tensor: Held, place: int) -> bool:
    """Whether a dimension is that of the channels, as they are."""
    return tensor.sizes[place] == tensor.base[1 + tensor.port.type.channels_dimension]


def _is_position(port: Port, place: int) -> bool:
    """Whether a dimension is one of the positions of a tensor."""
    return 0 < place < len(port.type.sizes) + 1 and place != 1 + port.type.channels_dimension


def _cropped(tensors: Tensors, node: Node, place: int, start: int, stop: int) -> Held:
    """Some neighbouring positions: a margin of fewer than none."""
    tensor = tensors.held_at(tensors.port(node.inputs[0]))
    rank, is_last = len(tensor.sizes), tensor.port.type.is_last
    first = tensor.permuted([0, rank - 1, *range(1, rank - 1)]) if is_last else tensor
    port = tensors.materialized(first, is_last=False)
    axis = place - 1 if is_last else place - 2
    amount = [0] * (2 * (rank - 2))
    amount[2 * axis : 2 * axis + 2] = [-start, stop - tensor.shape[place]]
    step = tensors.op(OPS["pad"].make({"amount": tuple(amount)}), [port], node)
    found = tensors.held_of(step)
    return found.permuted([0, *range(2, rank), 1]) if is_last else found


RULES: Mapping[str, Rule] = {
    **dict.fromkeys("chunk split tensor_split split_with_sizes unbind".split(), _split),
    "__getitem__": _getitem,
    **dict.fromkeys("narrow select".split(), _narrow),
}
