"""Mixing: every image of a batch with its neighbour, and their labels in the same shares."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from torch import Tensor

from archdsl.training.chance import dice
from archdsl.training.recipe import Recipe

Edges = tuple[int, int, int, int]
"""Upper, lower, left and right edge, in pixels."""


@dataclass(frozen=True)
class Mix:
    """How two images become one: `share` is the first one's.

    With a `box`, the second image is pasted there (CutMix), else both are added up (mixup).
    """

    share: float = 1.0
    box: Edges | None = None

    @property
    def is_pure(self) -> bool:
        """Whether images remain as they are."""
        return self.share == 1

    def of(self, images: Tensor) -> Tensor:
        """Mix images [images, channels, height, width] with their neighbours."""
        if self.is_pure:
            return images
        others = images.roll(1, 0)
        if self.box is None:
            return self.share * images + (1 - self.share) * others
        upper, lower, left, right = self.box
        images = images.clone()
        images[:, :, upper:lower, left:right] = others[:, :, upper:lower, left:right]
        return images


def mix_of(recipe: Recipe, epoch: int, step: int, size: tuple[int, int]) -> Mix:
    """How the images of a step are mixed, the same in all processes; `size`: height and width.

    If both ways are on, either is taken in half of the steps, as in torchvision's recipe.
    """
    drawn = dice(recipe.seed, epoch, step)
    if recipe.cutmix and (not recipe.mixup or drawn.random() < 0.5):
        return _cut(drawn, recipe.cutmix, size)
    if recipe.mixup:
        return Mix(drawn.betavariate(recipe.mixup, recipe.mixup))
    return Mix()


def _cut(drawn: Random, alpha: float, size: tuple[int, int]) -> Mix:
    """A box of the image's proportions around a random pixel, cut off at the edges.

    Yun et al., CutMix, ICCV 2019, section 3.1; the share is that of the pixels that remain.
    """
    reach = 0.5 * math.sqrt(1 - drawn.betavariate(alpha, alpha))
    upper, lower = _edges(drawn, reach, size[0])
    left, right = _edges(drawn, reach, size[1])
    share = 1 - (lower - upper) * (right - left) / (size[0] * size[1])
    return Mix(share, (upper, lower, left, right))


def _edges(drawn: Random, reach: float, side: int) -> tuple[int, int]:
    centre, half = drawn.randrange(side), int(reach * side)
    return max(0, centre - half), min(side, centre + half)
