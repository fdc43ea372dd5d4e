"""Every second position of a map, joined along the channels: neighbours become one position."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from archdsl.importing.arranging import Held
from archdsl.importing.tensors import Tensors
from archdsl.importing.trace import Node, Value


def starts_of(node: Node) -> tuple[int, tuple[int, ...]] | None:
    """The step of `x[..., a::2, b::2, :]`, and where it starts; None for any other index."""
    index = node.args[1] if node.name == "__getitem__" and len(node.args) == 2 else None
    items = [each for each in index if each is not Ellipsis] if isinstance(index, tuple) else []
    cut = [each for each in items if isinstance(each, slice) and each.step not in (None, 1)]
    if not cut or any(each not in cut and each != slice(None) for each in items):
        return None
    steps = {each.step for each in cut}
    if len(steps) != 1 or any(each.stop is not None for each in cut):
        return None
    return steps.pop(), tuple([each.start or 0 for each in cut])


def merged_neighbours(tensors: Tensors, values: Sequence[Value], dim: int) -> Held | None:
    """The join of all such parts of a map whose channels are last, as one rearrangement."""
    found = [starts_of(value.node) for value in values]
    sources = {value.node.inputs[0] for value in values if value.node.inputs}
    if None in found or len(sources) != 1:
        return None
    (source,) = sources
    step, _ = found[0]  # type: ignore[misc]
    starts = [each[1] for each in found if each is not None]
    tensor = tensors.held(source)
    is_map = len(tensor.sizes) == 4 and dim % 4 == 3 and tensor.is_last()
    if not is_map or {*starts} != {*product(range(step), repeat=2)}:
        return None
    batch, height, width, channels = tensor.shape
    if height % step or width % step:
        return None
    split = tensor.reshaped((batch, height // step, step, width // step, step, channels))
    # Which of the two offsets changes from part to part is the inner one.
    order: Any = (0, 1, 3, 4, 2, 5) if starts[1] == (1, 0) else (0, 1, 3, 2, 4, 5)
    shape = (batch, height // step, width // step, step * step * channels)
    return split.permuted(order).reshaped(shape)
