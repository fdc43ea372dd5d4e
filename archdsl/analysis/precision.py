"""The bytes of numbers in training, in float32 or under `torch.autocast` to bfloat16.

Autocast runs what multiplies matrices in bfloat16, and keeps a copy of the weights and of inputs
that are not. Some norms stay in float32; whatever else there is computes in the widest type that
comes in. The lists are those of a GPU
(https://docs.pytorch.org/docs/stable/amp.html#cuda-op-specific-behavior).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Literal, TypeAlias

from archdsl.analysis.layer_costs import Costs, LayerCosts
from archdsl.graph import Graph, Node
from archdsl.ops.base import Shape
from archdsl.ops.memory import INDEX_BYTES, NUMBER_BYTES, SavedTensor

Precision: TypeAlias = Literal["fp32", "bf16"]
PRECISIONS: dict[str, Precision] = {"fp32": "fp32", "bf16": "bf16"}
NARROW_BYTES = 2
"""The bytes of a number in bfloat16."""


class Widths:
    """The bytes of a number of every result."""

    def __init__(self, costs: Costs, precision: Precision) -> None:
        self.graph: Graph = costs.graph
        self.is_mixed = precision == "bf16"
        self._of: dict[int, int] = {}
        for node, layer in costs:
            self._of[node.id] = self._width(node, layer)

    def _width(self, node: Node, layer: LayerCosts) -> int:
        if node.shape.below is not None:
            return INDEX_BYTES
        if not self.is_mixed or node.op is None or node.op.stays_float32:
            return NUMBER_BYTES
        if self.is_narrow(layer):
            return NARROW_BYTES
        read = [self._of[port.node] for port in node.sources]
        return max([each for each in read if each != INDEX_BYTES], default=NUMBER_BYTES)

    def is_narrow(self, layer: LayerCosts) -> bool:
        """Whether a layer computes in bfloat16: what has multiply-adds."""
        return self.is_mixed and layer.macs != 0

    def bytes(self, node: Node, batch: int) -> int:
        """The bytes of a result for a batch, where it is allocated anew."""
        op = node.op
        if op is not None and op.reads_batch_only:
            return 0
        samples = 1 if op is not None and op.is_repeated else batch
        return self._of[node.id] * samples * numbers(node.shape)

    def cast(self, node: Node, layer: LayerCosts, read: int) -> int:
        """The bytes of a number in the copy that is made of an input; 0 without a copy."""
        if not self.is_mixed or self._of[read] == INDEX_BYTES:
            return 0
        wanted = NARROW_BYTES if self.is_narrow(layer) else self._of[read]
        if node.op is not None and node.op.stays_float32:
            wanted = NUMBER_BYTES
        return wanted if wanted != self._of[read] else 0

    def own(self, layer: LayerCosts, batch: int) -> Iterator[int]:
        """The bytes of each tensor that a layer makes for its gradient alone."""
        narrow = self.is_narrow(layer)
        for tensor in layer.saves.own:
            yield _size(tensor, batch) // (2 if narrow and _is_number(tensor) else 1)


def numbers(shape: Shape) -> int:
    """How many numbers a tensor of known sizes has."""
    return prod([int(str(size)) for size in shape.sizes])


def _is_number(tensor: SavedTensor) -> bool:
    return tensor.number_bytes == NUMBER_BYTES


def _size(tensor: SavedTensor, batch: int) -> int:
    size = tensor.size(batch)
    assert isinstance(size, int), "the sizes of the network are known"
    return size
