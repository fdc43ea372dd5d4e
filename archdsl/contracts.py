"""Constraints on a network's input sizes: least and greatest values, and remainders.

A symbol ranges over all sizes that keep every tensor at least 1 wide, up to what a table of
positions has rows for. Any further constraint of a join must be promised by the input pattern, such
as `[3, 16 * h, 16 * w]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archdsl.graph import Graph, Node
from archdsl.ops.base import Op, Shape, shape_text
from archdsl.shapes import Dim, Symbolic, evaluate
from archdsl.shapes.fits import SizeCondition, condition_of, least_values, most_values
from archdsl.shapes.residues import MOST_RESIDUES, values_of


@dataclass(frozen=True)
class Contract:
    """The shapes of a network's inputs, with the least value of every symbol.

    `most` is the greatest value of those that have one.
    """

    inputs: Mapping[str, Shape]
    least: Mapping[str, int]
    most: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """`h >= 36, 1 <= n <= 1024`; empty if all sizes are numbers."""
        return ", ".join(self.ranges)

    @property
    def ranges(self) -> tuple[str, ...]:
        """The constraint on every symbol."""
        return tuple([self._range(name, number) for name, number in self.least.items()])

    def _range(self, symbol: str, least: int) -> str:
        most = self.most.get(symbol)
        return f"{symbol} >= {least}" if most is None else f"{least} <= {symbol} <= {most}"

    @property
    def smallest(self) -> dict[str, tuple[int, ...]]:
        """The smallest inputs that keep every tensor at least 1 wide."""
        return {
            name: tuple([evaluate(size, self.least) for size in shape.sizes])
            for name, shape in self.inputs.items()
        }

    def text(self) -> str:
        """The contract as a line: `[3, 4 * h, 4 * w] where h >= 9, w >= 9 (height >= 36, ...)`."""
        shapes = [
            f"{name}: {shape_text(shape)}" if len(self.inputs) > 1 else shape_text(shape)
            for name, shape in self.inputs.items()
        ]
        sides = f" ({', '.join(self.sides)})" if self.sides else ""
        return f"{', '.join(shapes)} where {self}{sides}"

    def as_data(self) -> dict[str, object]:
        """The contract as JSON; symbolic sizes are strings."""
        shapes = {
            name: [size if isinstance(size, int) else str(size) for size in shape.sizes]
            for name, shape in self.inputs.items()
        }
        return {
            "inputs": shapes,
            **input_channels(self.inputs),
            "least": dict(self.least),
            **({"most": dict(self.most)} if self.most else {}),
            "conditions": [*self.ranges, *self.sides],
            "smallest": {name: list(shape) for name, shape in self.smallest.items()},
        }

    @property
    def sides(self) -> tuple[str, ...]:
        """Constraints of the patterns on the input sizes: `height >= 36`, `height % 4 == 0`."""
        return tuple([text for name in self.inputs for text in self._sides(name)])

    def _sides(self, name: str) -> Iterator[str]:
        shape = self.inputs[name]
        for side, size in zip(shape.axes, shape.positions, strict=False):
            full = f"{name} {side}" if len(self.inputs) > 1 else side
            condition = remainders(full, size)
            if condition is not None and len(condition.residues) < condition.modulus:
                yield f"{full} >= {evaluate(size, self.least)}"
                yield str(condition)


def input_channels(inputs: Mapping[str, Shape]) -> dict[str, Any]:
    """What JSON says of inputs whose channels are last, or that are whole numbers; else nothing."""
    last = {name: "last" for name, shape in inputs.items() if shape.is_last}
    below = {name: shape.below for name, shape in inputs.items() if shape.below is not None}
    channels = {"input_channels": last} if last else {}
    return {**channels, "input_below": below} if below else {**channels}


def contract(graph: Graph, least_size: int = 1) -> Contract:
    """The constraints on a network's inputs, derived from its graph.

    From the least values on, every tensor is at least `least_size` wide.
    """
    inputs = {name: graph.shape(port) for name, port in graph.inputs.items()}
    sizes = least_values((size for node in graph for size in node.shape.sizes), least_size)
    room = [size for node in graph for size in leeway_of(graph, node)]
    least = {name: max(sizes.get(name, 1), number) for name, number in least_values(room).items()}
    return Contract(inputs, sizes | least, most_values(room))


def leeway_of(graph: Graph, node: Node) -> Sequence[Dim]:
    """What a node needs to be 1 or more beside the sizes of its result."""
    if node.op is None or type(node.op).leeway is Op.leeway:
        return ()
    return node.op.leeway(*graph.input_shapes(node))


def remainders(name: str, size: Dim) -> SizeCondition | None:
    """The remainders of a size, as a condition on its name; None for a number."""
    if not isinstance(size, Symbolic):
        return None
    function = size.function
    if function.rise < 1 or max(function.rise, function.period) > MOST_RESIDUES:
        return None
    values = values_of(function, function.period)
    return condition_of(name, function.rise, [value % function.rise for value in values])
