"""Scopes that several labels open: a label with a dot puts its layer into a scope."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Named", "Numbered", "Pyramids", "PyramidsOutputs", "SmallUNet", "Tensors"]


class Double(nn.Sequential):
    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU(inplace=True)
        )


class SmallUNet(nn.Module):
    """One list of layers for the way down, one for the way up: `self.downs[i]` and
    `self.ups[i]`.

    Defaults: [3, 16, 16] -> [2, 16, 16]; 14,874 parameters; 1,091,584 multiply-adds.

    downs.0 [8, 16, 16]; downs.1 [16, 8, 8]; middle [32, 4, 4]; ups.0 [16, 8, 8]; ups.1
    [8, 16, 16]; head [2, 16, 16].
    """

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.downs = nn.ModuleList([Double(3, width), Double(width, width * 2)])
        self.maxpool = nn.MaxPool2d(2)
        self.maxpool2 = nn.MaxPool2d(2)
        self.middle = Double(width * 2, 4 * width)
        self.ups = nn.ModuleList([Double(6 * width, width * 2), Double(3 * width, width)])
        self.head = nn.Conv2d(width, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        downs_0 = self.downs[0](x)
        x = self.maxpool(downs_0)
        downs_1 = self.downs[1](x)
        x = self.maxpool2(downs_1)
        x = F.interpolate(self.middle(x), scale_factor=2.0)
        x = torch.cat([x, downs_1], 1)
        x = F.interpolate(self.ups[0](x), scale_factor=2.0)
        x = torch.cat([x, downs_0], 1)
        return self.head(self.ups[1](x))


class Named(nn.Module):
    """Names instead of numbers, in two scopes inside each other, and one under a condition.

    Defaults: [3, 16, 16] -> [8, 16, 16]; 912 parameters; 219,136 multiply-adds.

    stem.conv, stem.bn, side.0.conv, side.1.conv, side.0.norm [8, 16, 16].
    """

    def __init__(self, wide: bool = True) -> None:
        super().__init__()
        self.stem = nn.ModuleDict()
        self.side = nn.ModuleDict()
        self.side["0"] = nn.ModuleDict()
        self.side["1"] = nn.ModuleDict()
        self.stem["conv"] = nn.Conv2d(3, 8, 3, padding=1)
        self.act = nn.ReLU(inplace=True)
        self.stem["bn"] = nn.BatchNorm2d(8)
        self.side["0"]["conv"] = nn.Conv2d(8, 8, 3, padding=1)
        self.side["1"]["conv"] = nn.Conv2d(8, 8, 1) if wide else nn.Identity()
        self.side["0"]["norm"] = nn.BatchNorm2d(8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.stem["conv"](x))
        x = self.stem["bn"](x)
        return x + self.side["0"]["norm"](self.side["1"]["conv"](self.side["0"]["conv"](x)))


class Pyramid(nn.Module):
    """A pyramid: laterals in one list, outputs in another."""

    def __init__(self, c2_channels: int, c3_channels: int, c4_channels: int, out: int) -> None:
        super().__init__()
        self.inner = nn.ModuleList(
            [
                nn.Conv2d(c2_channels, out, 1),
                nn.Conv2d(c3_channels, out, 1),
                nn.Conv2d(c4_channels, out, 1),
            ]
        )
        self.outer = nn.ModuleList([nn.Conv2d(out, out, 3, padding=1) for _ in range(3)])

    def forward(self, c2: Tensor, c3: Tensor, c4: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        m4 = self.inner[2](c4)
        m3 = self.inner[1](c3) + F.interpolate(m4, scale_factor=2.0)
        x = self.inner[0](c2) + F.interpolate(m3, scale_factor=2.0)
        return self.outer[0](x), self.outer[1](m3), self.outer[2](m4)


class PyramidsOutputs(NamedTuple):
    """What `Pyramids` gives."""

    p2: Tensor
    p3: Tensor
    p4: Tensor


class Pyramids(nn.Module):
    """[3, 16, 16] -> p2 [8, 16, 16], p3 [8, 8, 8] and p4 [8, 4, 4]; 3,632 parameters; 272,384
    multiply-adds.

    e2 [4, 16, 16]; e3 [8, 8, 8]; e4 [16, 4, 4]; neck (p2 [8, 16, 16], p3 [8, 8, 8],
    p4 [8, 4, 4]).
    """

    def __init__(self) -> None:
        super().__init__()
        self.e2 = Double(3, 4)
        self.maxpool = nn.MaxPool2d(2)
        self.e3 = Double(4, 8)
        self.maxpool2 = nn.MaxPool2d(2)
        self.e4 = Double(8, 16)
        self.neck = Pyramid(4, 8, 16, out=8)

    def forward(self, x: Tensor) -> PyramidsOutputs:
        e2 = self.e2(x)
        x = self.maxpool(e2)
        e3 = self.e3(x)
        x = self.maxpool2(e3)
        e4 = self.e4(x)
        p2, p3, p4 = self.neck(e2, e3, e4)
        return PyramidsOutputs(p2, p3, p4)


class Numbered(nn.Module):
    """Scopes with dots beside labels that are numbers, in a list and in a dictionary.

    [3, 8, 8] -> [4, 8, 8]; 2,012 parameters; 126,464 multiply-adds.

    0, heads.a, 1, convs.0 [8, 8, 8]; convs.1 [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleDict()
        self.add_module("0", nn.Conv2d(3, 8, 3, padding=1))
        self.heads["a"] = nn.Conv2d(8, 8, 3, padding=1)
        self.add_module("relu", nn.ReLU(inplace=True))
        self.add_module("1", nn.Conv2d(8, 8, 3, padding=1))
        self.convs = nn.ModuleList(
            [
                nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(inplace=True)),
                nn.Conv2d(8, 4, 1),
            ]
        )

    def forward(self, x: Tensor) -> Tensor:
        _, conv, relu, conv2, _ = self.children()
        x = relu(self.heads["a"](conv(x)))
        x = conv2(x)
        return self.convs[1](self.convs[0](x))


class Tensors(nn.Module):
    """Learned tensors among the layers of a scope.

    [4; 8] -> [4; 8]; 97 parameters; 256 multiply-adds.

    a.norm, a.g, b.c.t, b.s [4; 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.ModuleDict()
        self.b = nn.ModuleDict()
        self.b["c"] = nn.ModuleDict()
        self.a["norm"] = nn.LayerNorm(8)
        self.a.g = nn.Parameter(torch.ones(8))
        self.b["c"]["t"] = nn.Linear(8, 8)
        self.b.s = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.b["c"]["t"](self.a["norm"](x) * self.a.g)
        return x * self.b.s
