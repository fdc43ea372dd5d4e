"""Colours of images with values from 0 to 1, each changed by a factor of its own.

A factor of 1 changes nothing. What each factor means is as in Pillow's `ImageEnhance`. Shapes:
images [images, channels, height, width], factors [images, 1, 1, 1].
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

GRAY = (0.299, 0.587, 0.114)
"""Luma coefficients of red, green and blue (ITU-R BT.601)."""
SMOOTH = 13
"""The weights of Pillow's smoothing filter add up to this: 5 in the middle, and 1 around it."""


def brightened(images: Tensor, factors: Tensor) -> Tensor:
    """Multiply all values."""
    return images * factors


def contrasted(images: Tensor, factors: Tensor) -> Tensor:
    """Move values away from the mean brightness of their image, or towards it."""
    return _between(_gray(images).mean(dim=(2, 3), keepdim=True), images, factors)


def saturated(images: Tensor, factors: Tensor) -> Tensor:
    """Move values away from the brightness of their pixel, or towards it."""
    return _between(_gray(images), images, factors)


def sharpened(images: Tensor, factors: Tensor) -> Tensor:
    """Move values away from those of a smoothed image, or towards them; the margin is kept."""
    if min(images.shape[2:]) < 3:
        return images
    smooth, middle = images.clone(), images[:, :, 1:-1, 1:-1]
    smooth[:, :, 1:-1, 1:-1] = (9 * avg_pool2d(images, 3, 1) + 4 * middle) / SMOOTH
    return _between(smooth, images, factors)


def _between(start: Tensor, end: Tensor, factors: Tensor) -> Tensor:
    return start + (end - start) * factors


def _gray(images: Tensor) -> Tensor:
    if images.shape[1] != 3:
        return images.mean(1, keepdim=True)
    weights = torch.tensor(GRAY, device=images.device)[:, None, None]
    return (images * weights).sum(1, keepdim=True)
