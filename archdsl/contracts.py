"""Constraints on a network's input sizes: least values and remainders.

A symbol ranges over all sizes that keep every tensor at least 1 wide. Any further constraint of a
join must be promised by the input pattern, such as `[3, 16 * h, 16 * w]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archdsl.graph import Graph
from archdsl.ops.base import Shape, shape_text
from archdsl.ops.tensor_type import TensorType
from archdsl.shapes import Dim, Symbolic, evaluate
from archdsl.shapes.fits import SizeCondition, condition_of, least_values
from archdsl.shapes.residues import MOST_RESIDUES, values_of


@dataclass(frozen=True)
class Contract:
    """The shapes of a network's inputs, and the least value of every symbol."""

    inputs: Mapping[str, Shape]
    least: Mapping[str, int]

    def __str__(self) -> str:
        """`h >= 36, w >= 36`; empty if all sizes are numbers."""
        return ", ".join(f"{symbol} >= {number}" for symbol, number in self.least.items())

    @property
    def smallest(self) -> dict[str, tuple[int, ...]]:
        """The smallest inputs that keep every tensor at least 1 wide."""
        return {name: shape.sizes for name, shape in self._smallest.items()}

    @property
    def _smallest(self) -> dict[str, TensorType[int]]:
        return {
            name: shape.map(lambda size: evaluate(size, self.least))
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
        symbols = [f"{symbol} >= {number}" for symbol, number in self.least.items()]
        return {
            "inputs": shapes,
            **input_channels(self.inputs),
            "least": dict(self.least),
            "conditions": [*symbols, *self.sides],
            "smallest": {name: list(shape) for name, shape in self.smallest.items()},
        }

    @property
    def sides(self) -> tuple[str, ...]:
        """Constraints of the patterns on the input sizes: `height >= 36`, `height % 4 == 0`."""
        return tuple([text for name in self.inputs for text in self._sides(name)])

    def _sides(self, name: str) -> Iterator[str]:
        shape, smallest = self.inputs[name], self._smallest[name].positions
        for side, size, least in zip(shape.axes, shape.positions, smallest, strict=False):
            full = f"{name} {side}" if len(self.inputs) > 1 else side
            condition = remainders(full, size)
            if condition is not None and len(condition.residues) < condition.modulus:
                yield f"{full} >= {least}"
                yield str(condition)


def input_channels(inputs: Mapping[str, Shape]) -> dict[str, Any]:
    """What JSON says of inputs whose channels are last; nothing where there are none."""
    last = {name: "last" for name, shape in inputs.items() if shape.is_last}
    return {"input_channels": last} if last else {}


def contract(graph: Graph, least_size: int = 1) -> Contract:
    """The constraints on a network's inputs, derived from its graph.

    From the least values on, every tensor is at least `least_size` wide.
    """
    inputs = {name: graph.shape(port) for name, port in graph.inputs.items()}
    sizes = (size for node in graph for size in node.shape.sizes)
    return Contract(inputs, least_values(sizes, least_size))


def remainders(name: str, size: Dim) -> SizeCondition | None:
    """The remainders of a size, as a condition on its name; None for a number."""
    if not isinstance(size, Symbolic):
        return None
    function = size.function
    if function.rise < 1 or max(function.rise, function.period) > MOST_RESIDUES:
        return None
    values = values_of(function, function.period)
    return condition_of(name, function.rise, [value % function.rise for value in values])
