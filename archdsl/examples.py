"""Random inputs of a network, by their types: measured numbers, or whole ones below their bound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import torch
from torch import Generator, Tensor

from archdsl.ops.base import Shape
from archdsl.ops.tensor_type import TensorType
from archdsl.shapes import evaluate

Sized: TypeAlias = TensorType[int]
"""The type of a tensor whose sizes are numbers."""


def sized(shape: Shape, values: Mapping[str, int]) -> Sized:
    """The type of a tensor where all symbols have values."""
    return shape.map(lambda size: evaluate(size, values))


def random_inputs(shapes: Iterable[Sized], batch: int, generator: Generator) -> tuple[Tensor, ...]:
    """A batch of random tensors for every type: normal numbers, or whole ones as int64."""
    return tuple([_random(shape, (batch, *shape.sizes), generator) for shape in shapes])


def empty_inputs(shapes: Iterable[Sized], batch: int) -> tuple[Tensor, ...]:
    """A batch of tensors of every type on PyTorch's meta device."""
    return tuple(
        [torch.empty(batch, *shape.sizes, dtype=dtype_of(shape), device="meta") for shape in shapes]
    )


def dtype_of(shape: TensorType[int]) -> torch.dtype:
    """The type of the numbers of a tensor."""
    return torch.float32 if shape.below is None else torch.int64


def _random(shape: Sized, sizes: tuple[int, ...], generator: Generator) -> Tensor:
    if shape.below is None:
        return torch.randn(sizes, generator=generator)
    return torch.randint(shape.below, sizes, generator=generator)
