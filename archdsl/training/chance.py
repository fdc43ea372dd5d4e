"""Randomness: every random number is a pure function of seed, epoch, step and rank."""

from __future__ import annotations

import hashlib
import random

import torch
from torch import Tensor

DRAWS = 22
"""Random numbers per augmented image; `augment.py` lists them."""
FIRST_DRAWS = 14
"""How many of them are drawn first, for all images: runs that began without the others go on."""


def seed_of(*parts: int) -> int:
    """A seed for one moment of a run, different from all others."""
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def order(seed: int, epoch: int, count: int) -> Tensor:
    """The order of `count` images in an epoch."""
    return torch.randperm(count, generator=_generator(seed, epoch))


def draws(seed: int, epoch: int, step: int, count: int) -> Tensor:
    """Random numbers from 0 to 1 for every image of a batch, whichever process takes it."""
    generator = _generator(seed, epoch, step)
    parts = (FIRST_DRAWS, DRAWS - FIRST_DRAWS)
    return torch.cat([torch.rand(count, each, generator=generator) for each in parts], 1)


def dice(seed: int, epoch: int, step: int) -> random.Random:
    """Random numbers for a step as a whole, the same in all processes."""
    return random.Random(seed_of(seed, epoch, step))  # noqa: S311


def settle(*parts: int) -> None:
    """Seed the generators of dropout and stochastic depth for one moment of a run."""
    torch.manual_seed(seed_of(*parts))


def _generator(*parts: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed_of(*parts))
