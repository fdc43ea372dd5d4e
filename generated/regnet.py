# Generated from regnet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: cbc1a213651aa923374ef6f752ee27b49ad25f45bcb1a0b2f398075be0efb9d5
"""Designing Network Design Spaces (Radosavovic et al., CVPR 2020): RegNetX, and RegNetY, which
weighs the channels too.

Bottlenecks that narrow nothing, with groups of equal width; depths and widths of the stages
follow from a line that the paper fits to good networks. torchvision's networks, with its keys.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

__all__ = [
    "RegNet",
    "regnet_x_16gf",
    "regnet_x_1_6gf",
    "regnet_x_32gf",
    "regnet_x_3_2gf",
    "regnet_x_400mf",
    "regnet_x_800mf",
    "regnet_x_8gf",
    "regnet_y_128gf",
    "regnet_y_16gf",
    "regnet_y_1_6gf",
    "regnet_y_32gf",
    "regnet_y_3_2gf",
    "regnet_y_400mf",
    "regnet_y_800mf",
    "regnet_y_8gf",
]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)


class SE(nn.Module):
    """Squeeze-and-excitation (Hu et al., CVPR 2018): weigh the channels by what the whole image
    shows.
    """

    def __init__(self, in_channels: int, squeeze: int) -> None:
        super().__init__()
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(in_channels, squeeze, 1)
        self.relu = nn.ReLU(inplace=True)
        self.fc2 = nn.Conv2d(squeeze, in_channels, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.fc1(self.global_avgpool(x)))
        return x * self.sigmoid(self.fc2(out))


class Unit(nn.Sequential):
    def __init__(
        self, in_channels: int, out: int, kernel: int, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out,
                kernel,
                stride=stride,
                padding=kernel // 2,
                groups=groups,
                bias=False,
            ),
            nn.BatchNorm2d(out),
            nn.ReLU(inplace=True),
        )


class LinearUnit(nn.Sequential):
    """Without a rectifier."""

    def __init__(self, in_channels: int, out: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out, 1, stride=stride, bias=False), nn.BatchNorm2d(out)
        )


class Bottleneck(nn.Module):
    """`squeeze` is the part of the channels coming in that squeeze-and-excitation keeps."""

    def __init__(
        self, in_channels: int, width: int, group: int, squeeze: float, stride: int = 1
    ) -> None:
        super().__init__()
        self.proj = (
            LinearUnit(in_channels, width, stride=stride)
            if stride > 1 or in_channels != width
            else nn.Identity()
        )
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        layers["a"] = Unit(in_channels, width, 1)
        layers["b"] = Unit(width, width, 3, stride=stride, groups=width // group)
        if squeeze > 0:
            layers["se"] = SE(width, round(squeeze * in_channels))
        layers["c"] = LinearUnit(width, width)
        self.f = nn.Sequential(layers)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.proj(x) + self.f(x))


class AnyStage(nn.Sequential):
    """Stage `i`, whose blocks have its number in their names."""

    def __init__(
        self, in_channels: int, i: int, depth: int, width: int, group: int, squeeze: float
    ) -> None:
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        channels = in_channels
        for j in range(depth):
            layers[f"block{i}-{j}"] = Bottleneck(
                channels, width, group, squeeze=squeeze, stride=2 if j == 0 else 1
            )
            channels = width
        super().__init__(layers)


class RegNet(nn.Module):
    def __init__(
        self,
        in_channels: int,
        depths: list[int],
        widths: list[int],
        group: int,
        classes: int,
        squeeze: float = 0,
    ) -> None:
        super().__init__()
        self.stem = Unit(in_channels, 32, 3, stride=2)
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        channels = 32
        for i, depth in enumerate(depths, 1):
            width = widths[i - 1]
            layers[f"block{i}"] = AnyStage(
                channels, i, depth, width=width, group=min(group, width), squeeze=squeeze
            )
            channels = width
        self.trunk_output = nn.Sequential(layers)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = torch.flatten(self.global_avgpool(self.trunk_output(x)), 1)
        return self.fc(x)


def regnet_x_400mf(classes: int = 1000) -> RegNet:
    """Defaults: [3, 224, 224] -> [1000]; 5,495,976 parameters; 413,812,608 multiply-adds.

    stem [32, 112, 112]; trunk_output [400, 7, 7]; fc [1000].
    """
    return RegNet(3, [1, 2, 7, 12], [32, 64, 160, 400], group=16, classes=classes)


def regnet_x_800mf(classes: int = 1000) -> RegNet:
    """Defaults: [3, 224, 224] -> [1000]; 7,259,656 parameters; 799,699,712 multiply-adds.

    stem [32, 112, 112]; trunk_output [672, 7, 7]; fc [1000].
    """
    return RegNet(3, [1, 3, 7, 5], [64, 128, 288, 672], group=16, classes=classes)


def regnet_x_1_6gf(classes: int = 1000) -> RegNet:
    """Defaults: [3, 224, 224] -> [1000]; 9,190,136 parameters; 1,602,849,792 multiply-adds.

    stem [32, 112, 112]; trunk_output [912, 7, 7]; fc [1000].
    """
    return RegNet(3, [2, 4, 10, 2], [72, 168, 408, 912], group=24, classes=classes)


def regnet_x_3_2gf(classes: int = 1000) -> RegNet:
    """Defaults: [3, 224, 224] -> [1000]; 15,296,552 parameters; 3,176,621,952 multiply-adds.

    stem [32, 112, 112]; trunk_output [1008, 7, 7]; fc [1000].
    """
    return RegNet(3, [2, 6, 15, 2], [96, 192, 432, 1008], group=48, classes=classes)


def regnet_x_8gf(classes: int = 1000) -> RegNet:
    """Defaults: [3, 224, 224] -> [1000]; 39,572,648 parameters; 7,995,132,416 multiply-adds.

    stem [32, 112, 112]; trunk_output [1920, 7, 7]; fc [1000].
    """
    return RegNet(3, [2, 5, 15, 1], [80, 240, 720, 1920], group=120, classes=classes)


def regnet_x_16gf(classes: int = 1000) -> RegNet:
    """Defaults: [3, 224, 224] -> [1000]; 54,278,536 parameters; 15,940,755,456 multiply-adds.

    stem [32, 112, 112]; trunk_output [2048, 7, 7]; fc [1000].
    """
    return RegNet(3, [2, 6, 13, 1], [256, 512, 896, 2048], group=128, classes=classes)


def regnet_x_32gf(classes: int = 1000) -> RegNet:
    """Defaults: [3, 224, 224] -> [1000]; 107,811,560 parameters; 31,735,929,792 multiply-adds.

    stem [32, 112, 112]; trunk_output [2520, 7, 7]; fc [1000].
    """
    return RegNet(3, [2, 7, 13, 1], [336, 672, 1344, 2520], group=168, classes=classes)


def regnet_y_400mf(classes: int = 1000) -> RegNet:
    """Defaults: [3, 224, 224] -> [1000]; 4,344,144 parameters; 401,842,848 multiply-adds.

    stem [32, 112, 112]; trunk_output [440, 7, 7]; fc [1000].
    """
    return RegNet(3, [1, 3, 6, 6], [48, 104, 208, 440], group=8, classes=classes, squeeze=0.25)


def regnet_y_800mf(classes: int = 1000) -> RegNet:
    """Defaults: [3, 224, 224] -> [1000]; 6,432,512 parameters; 833,856,256 multiply-adds.

    stem [32, 112, 112]; trunk_output [784, 7, 7]; fc [1000].
    """
    return RegNet(3, [1, 3, 8, 2], [64, 144, 320, 784], group=16, classes=classes, squeeze=0.25)


def regnet_y_1_6gf(classes: int = 1000) -> RegNet:
    """Defaults: [3, 224, 224] -> [1000]; 11,202,430 parameters; 1,612,076,160 multiply-adds.

    stem [32, 112, 112]; trunk_output [888, 7, 7]; fc [1000].
    """
    return RegNet(3, [2, 6, 17, 2], [48, 120, 336, 888], group=24, classes=classes, squeeze=0.25)


def regnet_y_3_2gf(classes: int = 1000) -> RegNet:
    """Defaults: [3, 224, 224] -> [1000]; 19,436,338 parameters; 3,176,482,752 multiply-adds.

    stem [32, 112, 112]; trunk_output [1512, 7, 7]; fc [1000].
    """
    return RegNet(3, [2, 5, 13, 1], [72, 216, 576, 1512], group=24, classes=classes, squeeze=0.25)


def regnet_y_8gf(classes: int = 1000) -> RegNet:
    """Defaults: [3, 224, 224] -> [1000]; 39,381,472 parameters; 8,473,070,592 multiply-adds.

    stem [32, 112, 112]; trunk_output [2016, 7, 7]; fc [1000].
    """
    return RegNet(3, [2, 4, 10, 1], [224, 448, 896, 2016], group=56, classes=classes, squeeze=0.25)


def regnet_y_16gf(classes: int = 1000) -> RegNet:
    """Defaults: [3, 224, 224] -> [1000]; 83,590,140 parameters; 15,911,510,272 multiply-adds.

    stem [32, 112, 112]; trunk_output [3024, 7, 7]; fc [1000].
    """
    return RegNet(
        3, [2, 4, 11, 1], [224, 448, 1232, 3024], group=112, classes=classes, squeeze=0.25
    )


def regnet_y_32gf(classes: int = 1000) -> RegNet:
    """Defaults: [3, 224, 224] -> [1000]; 145,046,770 parameters; 32,279,552,832 multiply-adds.

    stem [32, 112, 112]; trunk_output [3712, 7, 7]; fc [1000].
    """
    return RegNet(
        3, [2, 5, 12, 1], [232, 696, 1392, 3712], group=232, classes=classes, squeeze=0.25
    )


def regnet_y_128gf(classes: int = 1000) -> RegNet:
    """Defaults: [3, 224, 224] -> [1000]; 644,812,894 parameters; 127,517,815,680 multiply-adds.

    stem [32, 112, 112]; trunk_output [7392, 7, 7]; fc [1000].
    """
    return RegNet(
        3, [2, 7, 17, 1], [528, 1056, 2904, 7392], group=264, classes=classes, squeeze=0.25
    )
