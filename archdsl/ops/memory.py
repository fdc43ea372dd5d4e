"""The tensors that PyTorch saves for the backward pass of an op, as plain data.

It is what `torch.autograd.graph.saved_tensors_hooks` sees on a CPU in float32, without weights and
buffers, which are in memory anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archdsl.shapes import Count, Dim, product

NUMBER_BYTES = 4
"""The bytes of a number in float32."""
INDEX_BYTES = 8
"""The bytes of an index, or of a count, which PyTorch has as int64."""


@dataclass(frozen=True)
class SavedTensor:
    """A tensor made for the gradient alone: a mask, statistics, indices.

    `sizes` are those for one image; a tensor that is not for `each` image is there once a batch.
    """

    sizes: Sequence[Dim]
    number_bytes: int = NUMBER_BYTES
    each: bool = True

    def size(self, batch: int) -> Count:
        """The bytes for a batch of images."""
        return product(self.number_bytes * (batch if self.each else 1), *self.sizes)


@dataclass(frozen=True)
class Saves:
    """The tensors saved: the `inputs`, the `output`, and the op's `own`.

    With `crosswise` an input is kept only where another one needs a gradient: a product's. In
    place the input is overwritten: there the op keeps its output, or else a copy of the input.
    """

    inputs: bool = False
    output: bool = False
    own: tuple[SavedTensor, ...] = ()
    crosswise: bool = False
    output_in_place: bool = False
    first: int | None = None
    """How many of the inputs are kept, if not all."""
