"""Schedules of a run: learning rate and image size."""

from __future__ import annotations

import math

from archdsl.training.recipe import Recipe

START = 0.01
"""The learning rate of the first step, as a share of the peak."""
GRID = 32
"""Sides of growing images are multiples of this, the total stride of most networks."""
GROWN = 0.85
"""The share of the epochs after which images have full size."""


def rate(recipe: Recipe, step: int, per_epoch: int) -> float:
    """The learning rate at a step: linear warm-up, then half a cosine down to 0.

    Goyal et al. (2017) for the warm-up, Loshchilov and Hutter (ICLR 2017) for the cosine.
    """
    warm = min(recipe.warmup * per_epoch, recipe.epochs * per_epoch / 2)
    if step < warm:
        return recipe.lr * (START + (1 - START) * step / warm)
    done = (step - warm) / (recipe.epochs * per_epoch - warm)
    return recipe.lr * (1 + math.cos(math.pi * done)) / 2


def side(recipe: Recipe, epoch: int, full: int) -> int:
    """The image side in an epoch, in pixels; `full` is the network's."""
    largest = max(1, round(full * recipe.side))
    share = epoch / max(1.0, GROWN * recipe.epochs)
    wanted = largest * min(1.0, recipe.rising + (1 - recipe.rising) * share)
    if wanted >= largest:
        return largest
    return min(largest, max(GRID, round(wanted / GRID) * GRID))
