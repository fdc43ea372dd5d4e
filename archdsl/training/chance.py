"""Chance: everything random is a pure function of seed, epoch, step and rank."""

from __future__ import annotations

import hashlib
import random

import torch
from torch import Tensor

DRAWS = 14
"""So many numbers decide how one image is varied; `augment.py` says which."""


def seed_of(*parts: int) -> int:
    """A seed for a moment of a run, unlike that of any other."""
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def order(seed: int, epoch: int, count: int) -> Tensor:
    """The order in which an epoch goes through `count` images."""
    return torch.randperm(count, generator=_generator(seed, epoch))


def draws(seed: int, epoch: int, step: int, count: int) -> Tensor:
    """For every image of a batch its numbers from 0 to 1: they do not depend on who has it."""
    return torch.rand(count, DRAWS, generator=_generator(seed, epoch, step))


def mixing(seed: int, epoch: int, step: int, alpha: float) -> float:
    """The share of the first of two mixed images: from Beta(alpha, alpha)."""
    if not alpha:
        return 1.0
    return random.Random(seed_of(seed, epoch, step)).betavariate(alpha, alpha)  # noqa: S311


def settle(*parts: int) -> None:
    """Set what dropout and stochastic depth draw from to a moment of a run."""
    torch.manual_seed(seed_of(*parts))


def _generator(*parts: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed_of(*parts))
