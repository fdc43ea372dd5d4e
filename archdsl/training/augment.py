"""Augmentation: functions of images and of the random numbers drawn for each.

Columns of the numbers: 0 flip, 1 and 2 shift, 3 zoom, 4 to 7 crop, 8 to 10 colour, 11 to 13
lighting.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate

from archdsl.training.recipe import Augmentation

EIGENVALUES = (0.2175, 0.0188, 0.0045)
EIGENVECTORS = (
    (-0.5675, 0.7192, 0.4009),
    (-0.5808, -0.0045, -0.8140),
    (-0.5836, -0.6948, 0.4203),
)
"""Principal components of ImageNet's colours (RGB from 0 to 1); rows are channels."""
GRAY = (0.299, 0.587, 0.114)
"""Luma coefficients of red, green and blue (ITU-R BT.601)."""
CENTRE = 0.875
"""The share of the shorter side that validation uses: 224 of 256 pixels."""

Box = tuple[float, float, float, float]
"""Left, upper, right and lower edge, in pixels."""


def placed(images: Tensor, draws: Tensor, how: Augmentation, size: tuple[int, int]) -> Tensor:
    """Mirror, shift, zoom and resize images; pixels from outside are zero."""
    if how.flip:
        images = torch.where((draws[:, 0] < 0.5)[:, None, None, None], images.flip(-1), images)
    if not how.shift and not how.zoom:
        return resized(images, size)
    zoom = 1 / (1 + how.zoom * (2 * draws[:, 3] - 1))
    shift = 2 * how.shift * (2 * draws[:, 1:3] - 1)
    theta = torch.zeros(len(images), 2, 3, device=images.device)
    theta[:, 0, 0] = theta[:, 1, 1] = zoom
    theta[:, :, 2] = shift
    grid = affine_grid(theta, [len(images), 1, *size], align_corners=False)
    return grid_sample(images, grid, align_corners=False)


def resized(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Resize images."""
    if images.shape[2:] == size:
        return images
    return interpolate(images, size=size, mode="bilinear", antialias=True)


def painted(images: Tensor, draws: Tensor, how: Augmentation) -> Tensor:
    """Vary colours and lighting of images with values from 0 to 1."""
    if how.color_jitter:
        images = _recoloured(
            images, 1 + how.color_jitter * (2 * draws[:, 8:11, None, None, None] - 1)
        )
    if how.lighting and images.shape[1] == 3:
        # Maps uniform numbers to normally distributed ones; none may be infinite.
        normal = torch.special.ndtri(draws[:, 11:14].clamp(1e-6, 1 - 1e-6))
        amounts = normal * how.lighting * torch.tensor(EIGENVALUES, device=images.device)
        vectors = torch.tensor(EIGENVECTORS, device=images.device)
        images = images + (amounts @ vectors.T)[:, :, None, None]
    return images


def _recoloured(images: Tensor, factors: Tensor) -> Tensor:
    images = images * factors[:, 0]
    mean = _gray(images).mean(dim=(2, 3), keepdim=True)
    images = mean + (images - mean) * factors[:, 1]
    gray = _gray(images)
    return (gray + (images - gray) * factors[:, 2]).clamp(0, 1)


def _gray(images: Tensor) -> Tensor:
    if images.shape[1] != 3:
        return images.mean(1, keepdim=True)
    weights = torch.tensor(GRAY, device=images.device)[:, None, None]
    return (images * weights).sum(1, keepdim=True)


def random_box(width: int, height: int, draws: Tensor, least: float) -> Box:
    """A random box with at least this share of the image's area, if its shape allows."""
    share, ratio, x, y = draws[4:8].tolist()
    area = width * height * (least + (1 - least) * share)
    aspect = math.exp((2 * ratio - 1) * math.log(4 / 3))
    across = min(width, math.sqrt(area * aspect))
    down = min(height, math.sqrt(area / aspect))
    left, top = x * (width - across), y * (height - down)
    return left, top, left + across, top + down


def central_box(width: int, height: int, size: tuple[int, int], share: float) -> Box:
    """The largest central box with the aspect ratio of `size`, scaled by `share`."""
    scale = share * min(height / size[0], width / size[1])
    across, down = size[1] * scale, size[0] * scale
    left, top = (width - across) / 2, (height - down) / 2
    return left, top, left + across, top + down
