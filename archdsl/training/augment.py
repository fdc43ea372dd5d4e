"""Augmentation: functions of images and of the random numbers drawn for each.

Columns of the numbers: 0 flip, 1 and 2 shift, 3 zoom, 4 to 7 crop, 8 to 10 colour, 11 to 13
lighting, 14 to 16 TrivialAugment, 17 to 21 erasing.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate

from archdsl.training.colors import brightened, contrasted, saturated
from archdsl.training.recipe import Augmentation
from archdsl.training.trivial import trivially_augmented

EIGENVALUES = (0.2175, 0.0188, 0.0045)
EIGENVECTORS = (
    (-0.5675, 0.7192, 0.4009),
    (-0.5808, -0.0045, -0.8140),
    (-0.5836, -0.6948, 0.4203),
)
"""Principal components of ImageNet's colours (RGB from 0 to 1); rows are channels."""
CENTRE = 0.875
"""The share of the shorter side that validation uses: 224 of 256 pixels."""
ERASED_AREA, ERASED_ASPECT = (0.02, 0.33), (0.3, 3.3)
"""The area of an erased box as a share of the image's, and its height by its width.

Zhong et al., Random Erasing, AAAI 2020, with the numbers of torchvision's `RandomErasing`.
"""

Box = tuple[float, float, float, float]
"""Left, upper, right and lower edge, in pixels."""


def varied(images: Tensor, draws: Tensor, how: Augmentation, size: tuple[int, int]) -> Tensor:
    """Vary images with values from 0 to 1, in all ways but erasing, and resize them."""
    images = placed(images, draws, how, size)
    if how.trivial_augment:
        images = trivially_augmented(images, draws[:, 14:17])
    return painted(images, draws, how)


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
    """Change brightness, contrast and saturation; factors are [images, 3, 1, 1, 1]."""
    images = contrasted(brightened(images, factors[:, 0]), factors[:, 1])
    return saturated(images, factors[:, 2]).clamp(0, 1)


def erased(images: Tensor, draws: Tensor, how: Augmentation) -> Tensor:
    """Make a box zero in some of the images; zero is the mean once they are normalised."""
    if not how.erase:
        return images
    height, width = images.shape[2:]
    area = height * width * _between(ERASED_AREA, draws[:, 18])
    least, most = ERASED_ASPECT
    aspect = _between((math.log(least), math.log(most)), draws[:, 19]).exp()
    # Where torchvision would draw again because a box does not fit, it is cut off.
    down = (area * aspect).sqrt().round().clamp(max=height - 1)
    across = (area / aspect).sqrt().round().clamp(max=width - 1)
    inside = _inside(height, down, draws[:, 20])[:, :, None]
    inside = inside & _inside(width, across, draws[:, 21])[:, None, :]
    inside = inside & (draws[:, 17] < how.erase)[:, None, None]
    return images.masked_fill(inside[:, None], 0)


def _between(bounds: tuple[float, float], share: Tensor) -> Tensor:
    return bounds[0] + (bounds[1] - bounds[0]) * share


def _inside(side: int, length: Tensor, place: Tensor) -> Tensor:
    """Which pixels of a side are in an interval of some length, for each image."""
    first = (place * (side - length + 1)).floor()[:, None]
    pixels = torch.arange(side, device=length.device)
    return (pixels >= first) & (pixels < first + length[:, None])


def random_box(width: int, height: int, draws: Tensor, least: float) -> Box:
    """A random box with at least this share of the image's area, if its shape allows."""
    share, ratio, x, y = draws[4:8].tolist()
    area = width * height * (least + (1 - least) * share)
    aspect = math.exp((2 * ratio - 1) * math.log(4 / 3))
    across = min(width, math.sqrt(area * aspect))
    down = min(height, math.sqrt(area / aspect))
    left, top = x * (width - across), y * (height - down)
    return left, top, left + across, top + down


def cropped(images: Tensor, draws: Tensor, least: float) -> Tensor:
    """A random part of every image, enlarged to the whole; `least` is its share of the area."""
    height, width = images.shape[2:]
    boxes = torch.tensor([random_box(width, height, each, least) for each in draws])
    theta = torch.zeros(len(images), 2, 3)
    for axis, side in enumerate((width, height)):
        first, last = boxes[:, axis], boxes[:, axis + 2]
        theta[:, axis, axis] = (last - first) / side
        theta[:, axis, 2] = (last + first) / side - 1
    grid = affine_grid(theta, list(images.shape), align_corners=False)
    return grid_sample(images, grid, padding_mode="border", align_corners=False)


def central_box(width: int, height: int, size: tuple[int, int], share: float) -> Box:
    """The largest central box with the aspect ratio of `size`, scaled by `share`."""
    scale = share * min(height / size[0], width / size[1])
    across, down = size[1] * scale, size[0] * scale
    left, top = (width - across) / 2, (height - down) / 2
    return left, top, left + across, top + down
