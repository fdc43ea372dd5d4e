"""Tensors at the positions of others, whatever their sizes."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Pyramid", "PyramidOutputs", "Sound"]


class Level(nn.Module):
    """One level of a feature pyramid: the coarse features over the fine ones."""

    def __init__(
        self, in_channels: int, fine_channels: int, out: int, mode: str = "nearest"
    ) -> None:
        super().__init__()
        self.mode = "bilinear" if mode == "linear" else mode
        self.inner = nn.Conv2d(fine_channels, out, 1)
        self.outer = nn.Conv2d(in_channels, out, 1)
        self.layer = nn.Conv2d(out, out, 3, padding=1)

    def forward(self, x: Tensor, fine: Tensor) -> Tensor:
        return self.layer(
            self.inner(fine) + F.interpolate(self.outer(x), size=fine.shape[2:], mode=self.mode)
        )


class PyramidMask(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.add_module("0", nn.Conv2d(4, 4, 1))

    def forward(self, x: Tensor, image: Tensor) -> Tensor:
        (conv,) = self.children()
        return conv(F.interpolate(x, size=image.shape[2:], mode="bilinear"))


class PyramidEdges(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.add_module("0", nn.Conv2d(in_channels, 2, 1))

    def forward(self, c5: Tensor, down2: Tensor, p4: Tensor) -> Tensor:
        (conv,) = self.children()
        return conv(F.interpolate(torch.cat([c5, down2], 1), size=p4.shape[2:], mode="nearest"))


class PyramidOutputs(NamedTuple):
    """What `Pyramid` gives."""

    mask: Tensor
    edges: Tensor


class Pyramid(nn.Module):
    """Defaults: [3, h, w] -> mask [4, h, w] and edges [2, (h + 3) // 4, (w + 3) // 4] for h >= 1
    and w >= 1; 6,734 parameters; 1,504 * ((h + 3) // 4) * ((w + 3) // 4) + 16 * h * w +
    392 * ((h + 1) // 2) * ((w + 1) // 2) + 4,736 * ((h + 7) // 8) * ((w + 7) // 8)
    multiply-adds.

    stem [8, (h + 1) // 2, (w + 1) // 2]; down [16, (h + 3) // 4, (w + 3) // 4]; down2
    [32, (h + 7) // 8, (w + 7) // 8]; p4 [4, (h + 3) // 4, (w + 3) // 4]; p3
    [4, (h + 1) // 2, (w + 1) // 2]; mask [4, h, w]; edges [2, (h + 3) // 4, (w + 3) // 4].
    """

    def __init__(self, width: int = 8, how: str = "linear") -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, stride=2, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.down = nn.Conv2d(width, 2 * width, 3, stride=2, padding=1)
        self.relu2 = nn.ReLU(inplace=True)
        self.down2 = nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1)
        self.relu3 = nn.ReLU()
        self.p4 = Level(4 * width, 2 * width, 4, mode=how)
        self.p3 = Level(4, width, 4)
        self.mask = PyramidMask()
        self.edges = PyramidEdges(8 * width)

    def forward(self, x: Tensor) -> PyramidOutputs:
        c3 = self.relu(self.stem(x))
        c4 = self.relu2(self.down(c3))
        down2 = self.down2(c4)
        c5 = self.relu3(down2)
        p4 = self.p4(c5, c4)
        out = self.p3(p4, c3)
        return PyramidOutputs(self.mask(out, x), self.edges(c5, down2, p4))


class Sound(nn.Module):
    """Defaults: [4, n] -> [4, n] for n >= 2; 52 parameters; 48 * (n // 2) multiply-adds.

    conv [4, n // 2].
    """

    def __init__(self, how: str = "nearest") -> None:
        super().__init__()
        self.mode = "linear" if how == "linear" else how
        self.maxpool = nn.MaxPool1d(2, stride=2)
        self.conv = nn.Conv1d(4, 4, 3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv(self.maxpool(x))
        return self.relu(F.interpolate(out, size=x.shape[2:], mode=self.mode))
