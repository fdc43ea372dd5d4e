# Generated from mobileone.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 5b05667aa70db9f91ee856f4db0c77804416f2fc7b36095425d2af4e1090f0fe
"""MobileOne: An Improved One Millisecond Mobile Backbone (Vasu et al., CVPR 2023), in the form that
is trained.

Depthwise and 1x1 convolutions, each the sum of several alike, of a 1x1 convolution beside those
of 3x3, and of the identity where it fits, each with a norm of its own; after training all are
one convolution. timm's networks, with its keys.
"""

from collections import OrderedDict
from typing import Final

import torch
from torch import Tensor, nn

__all__ = ["MobileOneS0"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)


class Normed(nn.Module):
    def __init__(
        self, in_channels: int, out: int, kernel: int, stride: int, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out, kernel, stride=stride, padding=kernel // 2, groups=groups, bias=False
        )
        self.bn = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(x))


class Layer(nn.Module):
    """Four convolutions alike, and what else fits."""

    has_conv_scale: Final[bool]
    has_identity: Final[bool]

    def __init__(
        self, in_channels: int, out: int, kernel: int, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        self.has_conv_scale = kernel > 1
        self.has_identity = stride == 1 and in_channels == out
        self.conv_kxk = nn.ModuleList(
            [Normed(in_channels, out, kernel, stride=stride, groups=groups) for _ in range(4)]
        )
        if self.has_conv_scale:
            self.conv_scale = Normed(in_channels, out, 1, stride=stride, groups=groups)
        if self.has_identity:
            self.identity = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv_kxk[0](x) + self.conv_kxk[1](x) + self.conv_kxk[2](x) + self.conv_kxk[3](x)
        if self.has_conv_scale:
            out = out + self.conv_scale(x)
        if self.has_identity:
            out = out + self.identity(x)
        return self.relu(out)


class Pairs(nn.Sequential):
    """Pairs of a layer that filters every channel and one that mixes them."""

    def __init__(self, in_channels: int, n: int, out: int) -> None:
        layers: list[nn.Module] = [
            Layer(in_channels, in_channels, 3, stride=2, groups=in_channels),
            Layer(in_channels, out, 1),
        ]
        for _ in range(n - 1):
            layers += [Layer(out, out, 3, groups=out), Layer(out, out, 1)]
        super().__init__(*layers)


class Stem(nn.Module):
    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.conv_kxk = nn.ModuleList([Normed(in_channels, out, 3, stride=2)])
        self.conv_scale = Normed(in_channels, out, 1, stride=2)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.conv_kxk[0](x) + self.conv_scale(x))


class MobileOneS0(nn.Module):
    """Defaults: [3, 224, 224] -> [1000]; 5,293,272 parameters; 1,051,935,232 multiply-adds.

    stem [48, 112, 112]; stages [1024, 7, 7]; head [1000].
    """

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.stem = Stem(3, 48)
        self.stages = nn.Sequential(
            Pairs(48, 2, 48), Pairs(48, 8, 128), Pairs(128, 10, 256), Pairs(256, 1, 1024)
        )
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Sequential(OrderedDict(fc=nn.Linear(1024, classes)))
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = torch.flatten(self.global_avgpool(self.stages(x)), 1)
        return self.head(x)
