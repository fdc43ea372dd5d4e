"""TrivialAugment: each image undergoes one operation, with a strength that is drawn as well.

S. G. Müller and F. Hutter, TrivialAugment, ICCV 2021. Operations, strengths and directions are
those of torchvision's `TrivialAugmentWide`, whose images are bytes and are rounded once more.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from archdsl.training.colors import brightened, contrasted, saturated, sharpened

STRENGTHS = 31
"""Strengths are multiples of 1 / 30, from 0 to 1."""
SHEAR, FACTOR = 0.99, 0.99
"""The largest shear, as a ratio of two sides, and the largest difference of a factor from 1."""
DISTANCE, ANGLE, BITS = 32, 135, 6
"""The largest translation in pixels and rotation in degrees, and the most bits taken away."""
WHITE = 255


@dataclass(frozen=True)
class Operation:
    """What may be done to images; strengths [images], below 0 for the other direction."""

    name: str
    apply: Callable[[Tensor, Tensor], Tensor]
    has_directions: bool = True


def trivially_augmented(images: Tensor, draws: Tensor) -> Tensor:
    """Augment every image as three random numbers say: operation, strength and direction.

    `images` [images, channels, height, width] have values from 0 to 1, `draws` is [images, 3].
    """
    chosen = _index(draws[:, 0], len(OPERATIONS))
    strengths = _index(draws[:, 1], STRENGTHS) / (STRENGTHS - 1)
    directed = torch.where(draws[:, 2] < 0.5, -strengths, strengths)
    result = images.clone()
    for number, operation in enumerate(OPERATIONS):
        (rows,) = torch.nonzero(chosen == number, as_tuple=True)
        if len(rows):
            taken = (directed if operation.has_directions else strengths)[rows]
            result[rows] = operation.apply(images[rows], taken).clamp(0, 1)
    return result


def _index(draws: Tensor, count: int) -> Tensor:
    return (draws * count).long().clamp(max=count - 1)


def _identity(images: Tensor, strengths: Tensor) -> Tensor:
    return images


def _sheared(images: Tensor, strengths: Tensor, axis: int) -> Tensor:
    """Move every row (axis 0) or column (axis 1) in proportion to its number, counted from 0."""
    theta = _unmoved(images)
    # Coordinates range from -1 to 1 on both axes, whatever the sides.
    ratio = images.shape[2 + axis] / images.shape[3 - axis]
    theta[:, axis, 1 - axis] = theta[:, axis, 2] = SHEAR * strengths * ratio
    return _warped(images, theta)


def _translated(images: Tensor, strengths: Tensor, axis: int) -> Tensor:
    """Move images to the right (axis 0) or down (axis 1), by whole pixels."""
    theta = _unmoved(images)
    theta[:, axis, 2] = -2 * (DISTANCE * strengths).trunc() / images.shape[3 - axis]
    return _warped(images, theta)


def _rotated(images: Tensor, strengths: Tensor) -> Tensor:
    """Rotate images about their centre, counter-clockwise."""
    theta, (height, width) = _unmoved(images), images.shape[2:]
    angles = math.radians(ANGLE) * strengths
    theta[:, 0, 0] = theta[:, 1, 1] = angles.cos()
    theta[:, 0, 1] = -angles.sin() * height / width
    theta[:, 1, 0] = angles.sin() * width / height
    return _warped(images, theta)


def _unmoved(images: Tensor) -> Tensor:
    """Where every pixel comes from, as a matrix for each image."""
    return torch.eye(2, 3, device=images.device).repeat(len(images), 1, 1)


def _warped(images: Tensor, theta: Tensor) -> Tensor:
    """Images whose pixels come from elsewhere; those from outside are black."""
    grid = affine_grid(theta, list(images.shape), align_corners=False)
    return grid_sample(images, grid, align_corners=False)


def _by_factor(change: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """A change of colours whose factor is 1 at the strength 0."""
    return lambda images, strengths: change(images, (1 + FACTOR * strengths)[:, None, None, None])


def _posterized(images: Tensor, strengths: Tensor) -> Tensor:
    """Keep the highest of the eight bits of a value."""
    lost = (BITS * strengths).round().int()[:, None, None, None]
    return _from_bytes((_bytes(images) >> lost) << lost)


def _solarized(images: Tensor, strengths: Tensor) -> Tensor:
    """Invert bright values: at the strength 0 white only, at 1 all."""
    # All thresholds are multiples of 8.5, and are made so exactly.
    threshold = (2 * WHITE * (1 - strengths)).round()[:, None, None, None]
    return torch.where(2 * _bytes(images) >= threshold, 1 - images, images)


def _stretched(images: Tensor, strengths: Tensor) -> Tensor:
    """Make the darkest value of every channel 0, and the brightest 1."""
    darkest, brightest = images.amin((2, 3), keepdim=True), images.amax((2, 3), keepdim=True)
    span = brightest - darkest
    return torch.where(span > 0, (images - darkest) / span.clamp(min=1e-6), images)


def _equalized(images: Tensor, strengths: Tensor) -> Tensor:
    """Make all values of every channel about equally frequent, as Pillow's `equalize` does."""
    values = _bytes(images).flatten(0, 1).flatten(1).long()
    counts = values.new_zeros(len(values), WHITE + 1)
    counts.scatter_add_(1, values, torch.ones_like(values))
    below = counts.cumsum(1) - counts
    # How many pixels become one value; the brightest value of all does not count.
    step = below.gather(1, values.amax(1, keepdim=True)) // WHITE
    table = ((below + step // 2) // step.clamp(min=1)).clamp(max=WHITE)
    found = torch.where(step > 0, table.gather(1, values), values)
    return _from_bytes(found.reshape(images.shape))


def _bytes(images: Tensor) -> Tensor:
    return (images * WHITE).round().int()


def _from_bytes(values: Tensor) -> Tensor:
    return values.float() / WHITE


OPERATIONS = (
    Operation("identity", _identity, has_directions=False),
    Operation("shear horizontally", lambda images, strengths: _sheared(images, strengths, 0)),
    Operation("shear vertically", lambda images, strengths: _sheared(images, strengths, 1)),
    Operation("move horizontally", lambda images, strengths: _translated(images, strengths, 0)),
    Operation("move vertically", lambda images, strengths: _translated(images, strengths, 1)),
    Operation("rotate", _rotated),
    Operation("brightness", _by_factor(brightened)),
    Operation("saturation", _by_factor(saturated)),
    Operation("contrast", _by_factor(contrasted)),
    Operation("sharpness", _by_factor(sharpened)),
    Operation("posterize", _posterized, has_directions=False),
    Operation("solarize", _solarized, has_directions=False),
    Operation("stretch contrast", _stretched, has_directions=False),
    Operation("equalize", _equalized, has_directions=False),
)
