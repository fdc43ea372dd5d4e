"""Whole numbers: the bounds of those that come in, and the numbers of positions."""

from __future__ import annotations

from torch import nn

from archdsl.importing.trace import Frame, Node, Value

PASSING = frozenset("unsqueeze expand repeat view reshape to long __getitem__ contiguous".split())
"""Functions behind which the numbers of positions still are those."""


def bounds(frame: Frame) -> list[int | None]:
    """For every input of a frame the rows of the table that it is looked up in."""
    return [_bound(value, frame) if value.is_counted else None for value in frame.inputs]


def _bound(value: Value, frame: Frame) -> int | None:
    for node in frame.nodes:
        if value not in node.inputs:
            continue
        if node.kind == "leaf" and isinstance(node.module, nn.Embedding):
            return node.module.num_embeddings
        if node.frame is not None:
            outer = [*dict.fromkeys(v for v in node.inputs if v.node.kind != "weight")]
            pairs = zip(outer, node.frame.inputs, strict=False)
            found = [_bound(inner, node.frame) for each, inner in pairs if each is value]
        elif node.name in PASSING:
            found = [_bound(result, frame) for result in node.results]
        else:
            continue
        known = [each for each in found if each is not None]
        if known:
            return known[0]
    return None


def is_fixed(value: Value) -> bool:
    """Whether a tensor is made of numbers alone, and follows from nothing that comes in."""
    node = value.node
    if node.kind == "function":
        return all(is_fixed(each) for each in node.inputs)
    return node.kind == "constant"


def is_made(value: Value) -> bool:
    """Whether a tensor is made of weights and numbers, and follows from nothing that comes in."""
    node = value.node
    if node.kind == "function":
        return all(is_made(each) for each in node.inputs)
    return node.kind in ("constant", "weight")


def counts_positions(value: Value) -> int | None:
    """How many positions a tensor of the numbers 0, 1, 2, … counts; None for any other."""
    node = value.node
    while node.kind == "function" and node.name in PASSING and len(node.inputs) == 1:
        if node.name == "__getitem__" and not adds_dimensions(node):
            return None
        node = node.inputs[0].node
    if node.name != "arange" or node.inputs:
        return None
    (length,) = node.results[0].shape
    is_plain = node.args in ((length,), (0, length)) and not {"start", "step"} & {*node.kwargs}
    return length if is_plain or node.kwargs.get("end") == length else None


def adds_dimensions(node: Node) -> bool:
    """Whether an index leaves all numbers where they are: `x[None]`, `x[:, None]`."""
    index = node.args[1]
    items = index if isinstance(index, tuple) else (index,)
    return all(item is None or item == slice(None) for item in items)
