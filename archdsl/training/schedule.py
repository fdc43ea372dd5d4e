"""What changes during a run: the rate of learning, and the size of images."""

from __future__ import annotations

import math

from archdsl.training.recipe import Recipe

START = 0.01
"""The rate at the very first step, as a share of the highest."""
GRID = 32
"""Sides of growing images are multiples of this, the stride of most networks."""
GROWN = 0.85
"""The share of the epochs after which images have grown."""


def rate(recipe: Recipe, step: int, per_epoch: int) -> float:
    """The rate of learning at a step: a straight line up, then half a cosine down to 0.

    Goyal et al. (2017) for the warm-up, Loshchilov and Hutter (ICLR 2017) for the cosine.
    """
    warm = min(recipe.warmup * per_epoch, recipe.epochs * per_epoch / 2)
    if step < warm:
        return recipe.lr * (START + (1 - START) * step / warm)
    done = (step - warm) / (recipe.epochs * per_epoch - warm)
    return recipe.lr * (1 + math.cos(math.pi * done)) / 2


def side(recipe: Recipe, epoch: int, full: int) -> int:
    """The side of images in an epoch, in pixels, where the network's is `full`."""
    share = epoch / max(1.0, GROWN * recipe.epochs)
    wanted = full * min(1.0, recipe.rising + (1 - recipe.rising) * share)
    return full if wanted >= full else min(full, max(GRID, round(wanted / GRID) * GRID))
