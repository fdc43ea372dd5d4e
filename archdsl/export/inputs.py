"""The inputs of a network to export: their shapes, and the sizes that stay open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import torch
from torch import Tensor

from archdsl.analysis.pixels import usual_sizes
from archdsl.analysis.remainders import telling_values
from archdsl.contracts import Contract, contract
from archdsl.examples import Sized, random_inputs, sized
from archdsl.graph import Graph, Node
from archdsl.ops.base import Shape
from archdsl.shapes import Dim, Symbolic, evaluate
from archdsl.shapes.fits import least_values

Shapes: TypeAlias = "Mapping[str, Sized]"
"""The types of a network's inputs by name, without the batch."""
Sizes: TypeAlias = "Mapping[int, Any]"
"""The dynamic dimensions of an input, the batch included, as PyTorch is told of them."""
Values: TypeAlias = "Mapping[str, int]"
"""A value for every open size."""

BATCH = "batch"
"""The name of the number of images."""
COMPARED = (1, 3)
"""Batch sizes for which results are compared; the example has another one."""
BEYOND = 4, 3
"""By how much the first and the second open size of the example exceed their least values."""
UNPROVED = range(4, 20)
"""By how much further sizes exceed them, which are compared if PyTorch proves nothing."""
LEAST_TRACED = 2
"""The least size of a tensor in programs that PyTorch traces; it treats 1 as a constant."""


@dataclass(frozen=True)
class Inputs:
    """The shapes of a network's inputs, and the least value of every symbol in them.

    A symbol must keep every tensor at least 2 wide: PyTorch treats 1 as a constant. `most` are the
    greatest values of symbols that have one. `values` are those at which results are compared,
    `usual` those of an image of a usual size.
    """

    shapes: Mapping[str, Shape]
    least: Values = field(default_factory=dict)
    most: Values = field(default_factory=dict)
    values: Sequence[Values] = ()
    usual: Values = field(default_factory=dict)
    results: Sequence[str] = ("output",)
    """The names of the network's results."""
    is_proved: bool = True
    """Whether PyTorch must prove that a traced program works for all sizes."""

    @property
    def example(self) -> Shapes:
        """The shapes of the captured example."""
        return self._at(self._beyond(BEYOND))

    @property
    def compared(self) -> Iterator[tuple[int, Shapes]]:
        """The batch sizes and shapes for which results are compared."""
        values = [*self.values] if self.least else [{}, {}]
        if not self.is_proved:
            # Any remainder may be the one for which the example's course is wrong.
            values += [self._beyond((number, (5 * number) % 16)) for number in UNPROVED]
        for number, each in enumerate(values):
            yield COMPARED[number % 2], self._at(each)

    def _beyond(self, beyond: tuple[int, int]) -> Values:
        """Values of the symbols, so much beyond their least."""
        values = {
            name: least + beyond[number % 2] + number // 2
            for number, (name, least) in enumerate(self.least.items())
        }
        return {name: min(value, self.most.get(name, value)) for name, value in values.items()}

    def _at(self, values: Values) -> Shapes:
        return {name: sized(shape, values) for name, shape in self.shapes.items()}

    def dynamic(self) -> tuple[Sizes, ...]:
        """For every input, its open dimensions."""
        batch = torch.export.Dim("images" if BATCH in self.least else BATCH)
        symbols = {
            name: torch.export.Dim(name, min=least, max=self.most.get(name))
            for name, least in self.least.items()
        }
        return tuple(
            {0: batch}
            | {
                number: _dimension(size, symbols[size.symbol])
                for number, size in enumerate(shape.sizes, 1)
                if isinstance(size, Symbolic)
            }
            for shape in self.shapes.values()
        )

    def names(self) -> tuple[dict[int, str], ...]:
        """The names of the open dimensions."""
        return tuple(
            {number: str(size.__name__) for number, size in sizes.items()}
            for sizes in self.dynamic()
        )


def inputs_of(graph: Graph, form: str) -> Inputs:
    """The inputs that an exported network accepts, in one of the formats."""
    accepted = accepted_by(graph, form)
    values, usual = telling_values(graph, accepted.least, accepted.most), usual_sizes(graph)
    names = [*graph.results]
    return Inputs(accepted.inputs, accepted.least, accepted.most, values, usual, names)


def accepted_by(graph: Graph, form: str) -> Contract:
    """The constraints on the inputs of an exported network, which has no training-only heads."""
    network = contract(graph)
    if form == "torchscript":
        return network
    sizes = (size for node in graph if not node.training_only for size in _met(node, graph))
    traced = least_values(sizes, LEAST_TRACED)
    least = {name: max(least, traced.get(name, 1)) for name, least in network.least.items()}
    least = {name: min(number, network.most.get(name, number)) for name, number in least.items()}
    return Contract(network.inputs, least, network.most)


def _met(node: Node, graph: Graph) -> tuple[Dim, ...]:
    """The sizes of a result, and of what is made on the way to it."""
    between = node.op.between(*graph.input_shapes(node)) if node.op is not None else ()
    return *node.shape.sizes, *between


def random_images(shapes: Shapes, batch: int) -> tuple[Tensor, ...]:
    """Random images, or whole numbers, the same in every run."""
    return random_inputs(shapes.values(), batch, torch.Generator().manual_seed(batch))


def _dimension(size: Symbolic, dimension: Any) -> Any:
    """A size of an input in terms of PyTorch's dimension; raises `ValueError`."""
    rise = size.function.rise
    first, second, third = (evaluate(size, {size.symbol: value}) for value in (0, 1, 2))
    if second - first != rise or third - second != rise:
        raise ValueError(f"PyTorch cannot keep the size {size} open")
    dimension = dimension if rise == 1 else rise * dimension
    return dimension + first if first else dimension
