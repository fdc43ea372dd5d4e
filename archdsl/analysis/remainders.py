"""Values of open sizes that show whether a size is rounded as it should be.

Rounding up and rounding down differ only for some remainders of a size by a stride. With the values
found here, the size at every stride has every remainder that it can have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from archdsl.graph import Graph
from archdsl.ops.axes import each
from archdsl.shapes import Symbolic, evaluate

FEWEST, MOST = 5, 16
"""The fewest and the most values that are chosen."""
SEARCHED = 64
"""The number of values among which they are chosen."""

Divided: TypeAlias = tuple[Symbolic, int]
"""A size and the stride by which it is divided."""
Remainder: TypeAlias = tuple[Symbolic, int, int]
"""A size, the stride, and the remainder."""


def telling_values(
    graph: Graph, least: Mapping[str, int], most: Mapping[str, int] = MappingProxyType({})
) -> list[dict[str, int]]:
    """Values for all open sizes; first the least ones. Images are seldom square.

    `most` are the greatest values of sizes that have one.
    """
    divided = {*_divided(graph)}
    chosen = {
        name: _chosen({each for each in divided if each[0].symbol == name}, name, among)
        for name, among in _searched(least, most)
    }
    times = max(map(len, chosen.values()), default=0)
    return [
        {name: _at(turn, behind, each) for behind, (name, each) in enumerate(chosen.items())}
        for turn in range(times)
    ]


def _at(turn: int, behind: int, values: Sequence[int]) -> int:
    """The value of a symbol in a turn: first the first one, then the others in a circle."""
    first, *others = values
    return others[(turn - 1 + behind) % len(others)] if turn and others else first


def _divided(graph: Graph) -> Iterator[Divided]:
    """The open sizes of images, each with the stride of a window that slides over it."""
    for node in graph:
        if node.op is None or node.training_only:
            continue
        shapes = graph.input_shapes(node)
        for shape in shapes:
            strides = each(node.op.window(*shapes).stride, len(shape.positions))
            for size, stride in zip(shape.positions, strides, strict=False):
                if stride > 1 and isinstance(size, Symbolic):
                    yield size, stride


def _searched(least: Mapping[str, int], most: Mapping[str, int]) -> Iterator[tuple[str, range]]:
    for name, number in least.items():
        end = number + SEARCHED
        yield name, range(number, min(end, most.get(name, end) + 1))


def _chosen(divided: set[Divided], name: str, among: range) -> list[int]:
    """Values of a symbol, the least first, each of which adds most remainders to the others'."""
    met = {
        value: {(size, stride, evaluate(size, {name: value}) % stride) for size, stride in divided}
        for value in among
    }
    chosen = [among[0]]
    missing: set[Remainder] = set().union(*met.values()) - met.pop(among[0])
    while met and len(chosen) < (MOST if missing else FEWEST):
        best = max(met, key=lambda value: (len(met[value] & missing), -value))
        missing -= met.pop(best)
        chosen.append(best)
    return chosen
