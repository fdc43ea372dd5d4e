# Generated from repvgg.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 4bae42e4c6a000a6f731ee3da4e261563f898b1d20ed02d210c8b2edb1bf6bee
"""RepVGG: Making VGG-style ConvNets Great Again (Ding et al., CVPR 2021), in the form that is
trained.

Every layer is the sum of a 3x3 and a 1x1 convolution and, where it fits, of the identity, each
with a norm of its own; after training all three are one 3x3 convolution. timm's networks, with
its keys.
"""

import math
from collections import OrderedDict
from typing import Final

import torch
from torch import Tensor, nn

__all__ = ["RepVGG", "repvgg_a0", "repvgg_a1", "repvgg_a2", "repvgg_b0"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)


class Normed(nn.Module):
    def __init__(self, in_channels: int, out: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out, kernel, stride=stride, padding=kernel // 2, bias=False
        )
        self.bn = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(x))


class Layer(nn.Module):
    has_identity: Final[bool]

    def __init__(self, in_channels: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.has_identity = stride == 1 and in_channels == out
        self.conv_kxk = Normed(in_channels, out, 3, stride=stride)
        self.conv_1x1 = Normed(in_channels, out, 1, stride=stride)
        if self.has_identity:
            self.identity = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv_kxk(x) + self.conv_1x1(x)
        if self.has_identity:
            out = out + self.identity(x)
        return self.relu(out)


class RepVGG(nn.Module):
    """`width` multiplies the channels of all stages but the last, `last` those of that one."""

    def __init__(
        self, in_channels: int, depths: list[int], width: float, last: float, classes: int
    ) -> None:
        super().__init__()
        widths = [
            math.floor(64 * width),
            math.floor(128 * width),
            math.floor(256 * width),
            math.floor(512 * last),
        ]
        out = min(64, widths[0])
        self.stem = Layer(in_channels, out, stride=2)
        layers: list[nn.Module] = []
        channels = out
        for i, n in enumerate(depths):
            layers.append(
                nn.Sequential(
                    Layer(channels, widths[i], stride=2),
                    *(Layer(widths[i], widths[i]) for _ in range(n - 1)),
                )
            )
            channels = widths[i]
        self.stages = nn.Sequential(*layers)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Sequential(OrderedDict(fc=nn.Linear(channels, classes)))
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = torch.flatten(self.global_avgpool(self.stages(x)), 1)
        return self.head(x)


def repvgg_a0(classes: int = 1000) -> RepVGG:
    """Defaults: [3, 224, 224] -> [1000]; 9,108,968 parameters; 1,512,581,120 multiply-adds.

    stem [48, 112, 112]; stages [1280, 7, 7]; head [1000].
    """
    return RepVGG(3, [2, 4, 14, 1], 0.75, last=2.5, classes=classes)


def repvgg_a1(classes: int = 1000) -> RepVGG:
    """Defaults: [3, 224, 224] -> [1000]; 14,092,264 parameters; 2,626,488,320 multiply-adds.

    stem [64, 112, 112]; stages [1280, 7, 7]; head [1000].
    """
    return RepVGG(3, [2, 4, 14, 1], 1.0, last=2.5, classes=classes)


def repvgg_a2(classes: int = 1000) -> RepVGG:
    """Defaults: [3, 224, 224] -> [1000]; 28,210,600 parameters; 5,685,345,280 multiply-adds.

    stem [64, 112, 112]; stages [1408, 7, 7]; head [1000].
    """
    return RepVGG(3, [2, 4, 14, 1], 1.5, last=2.75, classes=classes)


def repvgg_b0(classes: int = 1000) -> RepVGG:
    """Defaults: [3, 224, 224] -> [1000]; 15,817,960 parameters; 3,397,191,680 multiply-adds.

    stem [64, 112, 112]; stages [1280, 7, 7]; head [1000].
    """
    return RepVGG(3, [4, 6, 16, 1], 1.0, last=2.5, classes=classes)
