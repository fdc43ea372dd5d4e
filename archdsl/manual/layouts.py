"""Which ops take which layouts: those of their examples, and those that they accept besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from archdsl.manual.entries import Entry, entries
from archdsl.manual.examples import is_of_layers, worked
from archdsl.ops import OPS
from archdsl.ops.base import Reject, Shape
from archdsl.ops.tensor_type import TensorType

FIRST, LAST, BOTH, COUNTED = "first", "last, or alone", "wherever they are", "whole numbers"
"""The rows of the table."""


@cache
def ops_by_layout() -> Mapping[str, list[str]]:
    """The ops of every row, in the order of the reference; those without an input are in none."""
    rows: dict[str, list[str]] = {row: [] for row in (FIRST, LAST, BOTH, COUNTED)}
    for name, entry in entries().items():
        if name in OPS and not OPS[name].reads_batch_only:
            rows[_row([*_accepted(entry)])].append(name)
    return rows


def _accepted(entry: Entry) -> Iterator[Shape]:
    """First inputs of an op: those of its examples, and these in the other layout."""
    for example in filter(is_of_layers, entry.examples):
        graph = worked(entry, example).graph
        node = next(each for each in graph if each.op is not None and each.op.name == entry.name)
        shapes = graph.input_shapes(node)
        yield shapes[0]
        others = [*map(_other, shapes)]
        try:
            node.op.output(*others)  # type: ignore[union-attr]
        except Reject:
            continue
        yield others[0]


def _other(shape: Shape) -> Shape:
    """The same channels and positions in the other layout; whole numbers have none."""
    if shape.below is not None or not shape.positions:
        return shape
    if shape.is_last:
        return TensorType((shape.channels, *shape.positions))
    return TensorType((*shape.positions, shape.channels), is_last=True)


def _row(shapes: Sequence[Shape]) -> str:
    measured = [shape for shape in shapes if shape.below is None]
    if not measured:
        return COUNTED
    is_first = any(shape.positions and not shape.is_last for shape in measured)
    is_last = any(shape.is_last for shape in measured)
    if is_first and is_last:
        return BOTH
    return FIRST if is_first else LAST
