"""Weights as a function of their key, so that models with equal keys can be compared.

The figures under `tests/reference/` were computed with the same function. numpy guarantees that
the streams of `RandomState` never change.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy
import torch
from torch import Tensor, nn

VERY_MANY = 10_000_000
"""The two large layers of the eight VGG networks are nine tenths of their weights."""


def stream(key: str, shape: Sequence[int]) -> Tensor:
    """Numbers in [-1, 1) that depend only on the key and the shape, in double precision."""
    random = numpy.random.RandomState(zlib.crc32(key.encode()))
    return torch.from_numpy(random.uniform(-1.0, 1.0, size=tuple(shape)))


def value(key: str, shape: Sequence[int]) -> Tensor:
    """One entry of a state dict. Those with very many numbers are kept for the next network."""
    return large(key, tuple(shape)) if math.prod(shape) >= VERY_MANY else _value(key, shape)


@lru_cache(maxsize=2)
def large(key: str, shape: tuple[int, ...]) -> Tensor:
    """The same tensor for every network with that entry; `large.cache_clear()` frees memory."""
    return _value(key, shape)


def _value(key: str, shape: Sequence[int]) -> Tensor:
    """One entry of a state dict. Weights are scaled by their fan-in; statistics are around 1."""
    name = key.rpartition(".")[2]
    if name == "num_batches_tracked":
        return torch.tensor(0)
    numbers = stream(key, shape)
    if name in ("running_mean", "bias"):
        return numbers.mul_(0.1)
    if name == "running_var" or len(shape) < 2:
        return numbers.mul_(0.25).add_(1.0)
    return numbers.mul_(math.sqrt(6.0 / math.prod(shape[1:])))


def is_table(key: str, entry: Tensor) -> bool:
    """Whether an entry says which numbers are read, and is no weight."""
    return not entry.is_floating_point() and not key.endswith("num_batches_tracked")


def filled(module: nn.Module) -> nn.Module:
    """The module in eval mode, every entry filled by its key, except tables of whole numbers.

    Without such tables it may be on the meta device.
    """
    state = {
        key: entry if is_table(key, entry) else value(key, entry.shape)
        for key, entry in module.state_dict().items()
    }
    module.load_state_dict(state, assign=True)
    return module.eval()


def image(shape: Sequence[int], batch: int = 2) -> Tensor:
    """A batch of inputs."""
    return stream("input", (batch, *shape))
