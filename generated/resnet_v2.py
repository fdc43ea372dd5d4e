# Generated from resnet_v2.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 3bcf191ee9fff1cadacc01ce115e262814f13ac674fbf138b1a4fe1707f83cc5
"""Identity Mappings in Deep Residual Networks (He et al., ECCV 2016).

Normalisation and rectifier come before each convolution, and nothing comes after a sum. The
networks for ImageNet are timm's: the 3x3 convolutions stride, and the stem only convolves and
pools. In the paper, as in `resnetv2_50_paper` and for CIFAR, the first convolution of a
bottleneck strides, and the stem normalises, so that the first block does not.
"""

from collections import OrderedDict
from typing import Final

import torch
from torch import Tensor, nn

__all__ = [
    "ResNetV2",
    "resnetv2_101",
    "resnetv2_152",
    "resnetv2_200",
    "resnetv2_50",
    "resnetv2_50_paper",
    "resnetv2_cifar",
]


def _kaiming_normal(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return module


def _normal(module: nn.Conv2d) -> nn.Module:
    nn.init.normal_(module.weight, std=0.01)
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


class Projected(nn.Module):
    """The first block of a stage normalises for both sides of the sum, if it is not done
    already.
    """

    has_norm1: Final[bool]

    def __init__(self, in_channels: int, width: int, stride: int, early: bool, done: bool) -> None:
        super().__init__()
        self.has_norm1 = not done
        if self.has_norm1:
            self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv1 = _kaiming_normal(
            nn.Conv2d(in_channels, width, 1, stride=stride if early else 1, bias=False)
        )
        self.norm2 = nn.BatchNorm2d(width)
        self.conv2 = _kaiming_normal(
            nn.Conv2d(width, width, 3, stride=1 if early else stride, padding=1, bias=False)
        )
        self.norm3 = nn.BatchNorm2d(width)
        self.conv3 = _kaiming_normal(nn.Conv2d(width, 4 * width, 1, bias=False))
        self.downsample = nn.Sequential(
            OrderedDict(
                conv=_kaiming_normal(
                    nn.Conv2d(in_channels, 4 * width, 1, stride=stride, bias=False)
                )
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        if self.has_norm1:
            x = self.relu(self.norm1(x))
        out = self.relu(self.norm2(self.conv1(x)))
        out = self.relu(self.norm3(self.conv2(out)))
        return self.conv3(out) + self.downsample(x)


class Preactivated(nn.Module):
    """Any other block leaves its shortcut alone."""

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv1 = _kaiming_normal(nn.Conv2d(in_channels, width, 1, bias=False))
        self.norm2 = nn.BatchNorm2d(width)
        self.conv2 = _kaiming_normal(nn.Conv2d(width, width, 3, padding=1, bias=False))
        self.norm3 = nn.BatchNorm2d(width)
        self.conv3 = _kaiming_normal(nn.Conv2d(width, 4 * width, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.norm1(x))
        out = self.relu(self.norm2(self.conv1(out)))
        out = self.relu(self.norm3(self.conv2(out)))
        return self.conv3(out) + x


class Stage(nn.Module):
    def __init__(
        self, in_channels: int, n: int, width: int, stride: int, early: bool, done: bool
    ) -> None:
        super().__init__()
        self.blocks = nn.Sequential(
            Projected(in_channels, width, stride, early=early, done=done),
            *(Preactivated(4 * width, width) for _ in range(n - 1)),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.blocks(x)


class Stem(nn.Module):
    """Small images keep their resolution."""

    has_norm: Final[bool]

    def __init__(self, in_channels: int, width: int, paper: bool, small_images: bool) -> None:
        super().__init__()
        self.has_norm = paper
        kernel = 3 if small_images else 7
        self.conv = _kaiming_normal(
            nn.Conv2d(
                in_channels,
                width,
                kernel,
                stride=1 if small_images else 2,
                padding=kernel // 2,
                bias=False,
            )
        )
        if paper:
            self.norm = nn.BatchNorm2d(width)
            self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.Identity() if small_images else nn.MaxPool2d(3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        if self.has_norm:
            x = self.relu(self.norm(x))
        return self.maxpool(x)


class ResNetV2(nn.Module):
    def __init__(
        self,
        in_channels: int,
        depths: list[int],
        classes: int,
        width: int = 64,
        paper: bool = False,
        small_images: bool = False,
    ) -> None:
        super().__init__()
        self.stem = Stem(in_channels, width, paper, small_images=small_images)
        layers: list[nn.Module] = []
        channels = width
        for i, n in enumerate(depths):
            stage_width = width * 2**i
            layers.append(
                Stage(
                    channels,
                    n,
                    stage_width,
                    stride=min(i + 1, 2),
                    early=paper,
                    done=paper and i == 0,
                )
            )
            channels = 4 * stage_width
        self.stages = nn.Sequential(*layers)
        self.norm = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Sequential(OrderedDict(fc=_normal(nn.Conv2d(channels, classes, 1))))

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = self.relu(self.norm(self.stages(x)))
        x = self.global_avgpool(x)
        return torch.flatten(self.head(x), 1)


def resnetv2_50(classes: int = 1000) -> ResNetV2:
    """Defaults: [3, 224, 224] -> [1000]; 25,549,352 parameters; 4,089,184,256 multiply-adds.

    stem [64, 56, 56]; stages, norm [2048, 7, 7]; head [1000, 1, 1].
    """
    return ResNetV2(3, [3, 4, 6, 3], classes)


def resnetv2_101(classes: int = 1000) -> ResNetV2:
    """Defaults: [3, 224, 224] -> [1000]; 44,541,480 parameters; 7,801,405,440 multiply-adds.

    stem [64, 56, 56]; stages, norm [2048, 7, 7]; head [1000, 1, 1].
    """
    return ResNetV2(3, [3, 4, 23, 3], classes)


def resnetv2_152(classes: int = 1000) -> ResNetV2:
    """Defaults: [3, 224, 224] -> [1000]; 60,185,128 parameters; 11,513,626,624 multiply-adds.

    stem [64, 56, 56]; stages, norm [2048, 7, 7]; head [1000, 1, 1].
    """
    return ResNetV2(3, [3, 8, 36, 3], classes)


def resnetv2_200(classes: int = 1000) -> ResNetV2:
    """Defaults: [3, 224, 224] -> [1000]; 64,666,152 parameters; 15,007,481,856 multiply-adds.

    stem [64, 56, 56]; stages, norm [2048, 7, 7]; head [1000, 1, 1].
    """
    return ResNetV2(3, [3, 24, 36, 3], classes)


def resnetv2_50_paper(classes: int = 1000) -> ResNetV2:
    """Defaults: [3, 224, 224] -> [1000]; 25,549,352 parameters; 3,857,973,248 multiply-adds.

    stem [64, 56, 56]; stages, norm [2048, 7, 7]; head [1000, 1, 1].
    """
    return ResNetV2(3, [3, 4, 6, 3], classes, paper=True)


def resnetv2_cifar(classes: int = 10, n: int = 18) -> ResNetV2:
    """164 layers, or 9 n + 2.

    Defaults: [3, 32, 32] -> [10]; 1,703,258 parameters; 244,500,992 multiply-adds.

    stem [16, 32, 32]; stages, norm [256, 8, 8]; head [10, 1, 1].
    """
    return ResNetV2(3, [n, n, n], classes, width=16, paper=True, small_images=True)
