"""Tensors as the pixels of pictures: filters, what comes back, and parts of an image."""

from __future__ import annotations

from math import ceil

import torch
from torch import Tensor
from torch.nn.functional import pad

from archdsl.attribution.findings import Box

TILE = 12
"""About how many pixels of the picture a filter's side has."""


def sheet_of(filters: Tensor) -> Tensor:
    """Filters side by side as a picture [height, width, 3]; each fills the range from 0 to 1."""
    low, high = (getattr(filters.flatten(1), name)(1) for name in ("amin", "amax"))
    low, high = low[:, None, None, None], high[:, None, None, None]
    scaled = (filters - low) / (high - low).clamp(min=1e-12)
    colours = scaled if scaled.shape[1] == 3 else scaled.mean(1, keepdim=True).expand(-1, 3, -1, -1)
    columns = ceil(len(filters) ** 0.5)
    rows = ceil(len(filters) / columns)
    blank = torch.ones(rows * columns - len(filters), *colours.shape[1:])
    tiles = torch.cat([colours, blank])
    # The gap is narrow beside a filter of a few pixels, too.
    scale = max(1, round(TILE / tiles.shape[2]))
    tiles = tiles.repeat_interleave(scale, 2).repeat_interleave(scale, 3)
    tiles = pad(tiles, (0, 1, 0, 1), value=1.0)
    height, width = tiles.shape[2:]
    grid = tiles.reshape(rows, columns, 3, height, width).permute(0, 3, 1, 4, 2)
    return grid.reshape(rows * height, columns * width, 3)[:-1, :-1]


def back_pixels(back: Tensor) -> Tensor:
    """What comes back [channels, height, width] as colours around grey, [height, width, 3]."""
    values = back if back.shape[0] == 3 else back.mean(0, keepdim=True).expand(3, -1, -1)
    return (0.5 + 0.5 * values / values.abs().max().clamp(min=1e-12)).permute(1, 2, 0)


def cut(pixels: Tensor, box: Box) -> Tensor:
    """The part of a picture that lies in a box."""
    top, left, bottom, right = box
    return pixels[top:bottom, left:right]
