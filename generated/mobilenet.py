# Generated from mobilenet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 6b5537844534040c3b346dae2a40c75d50428aee26e232f332bdb92995a83e43
"""MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications (Howard et
al., 2017).

Depthwise convolutions filter every channel, 1x1 convolutions mix them. The released code cuts
the rectifier at 6, as timm's `mobilenetv1_100` and its thinner kin do here; the paper does not
(`mobilenet_paper`). The paper's Table 1 gives the last depthwise convolution a stride of 2, but
7x7 pixels on both sides: its stride is 1 here, as in every implementation.
"""

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

__all__ = [
    "MobileNet",
    "mobilenet_full",
    "mobilenet_paper",
    "mobilenet_shallow",
    "mobilenetv1_025",
    "mobilenetv1_050",
    "mobilenetv1_075",
    "mobilenetv1_100",
]


def _kaiming_normal(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")
    return module


def _kaiming_normal_fan_out(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return module


def _uniform(module: nn.Linear, limit: float) -> nn.Module:
    nn.init.uniform_(module.weight, a=-limit, b=limit)
    nn.init.zeros_(module.bias)
    return module


class Separable(nn.Module):
    """Each channel of the depthwise convolution sees one channel, which is what its weights start
    for.
    """

    def __init__(
        self,
        in_channels: int,
        out: int,
        stride: int = 1,
        activation: Callable[..., nn.Module] = nn.ReLU6,
    ) -> None:
        super().__init__()
        self.conv_dw = _kaiming_normal(
            nn.Conv2d(
                in_channels,
                in_channels,
                3,
                stride=stride,
                padding=1,
                groups=in_channels,
                bias=False,
            )
        )
        self.bn1 = nn.BatchNorm2d(in_channels)
        self.act1 = activation(inplace=True)
        self.conv_pw = _kaiming_normal_fan_out(nn.Conv2d(in_channels, out, 1, bias=False))
        self.bn2 = nn.BatchNorm2d(out)
        self.act2 = activation(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn1(self.conv_dw(x))
        x = self.bn2(self.conv_pw(self.act1(x)))
        return self.act2(x)


class Full(nn.Module):
    """What a separable convolution takes the place of."""

    def __init__(self, in_channels: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = _kaiming_normal_fan_out(
            nn.Conv2d(in_channels, out, 3, stride=stride, padding=1, bias=False)
        )
        self.bn = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


class MobileNet(nn.Module):
    """`width` thins all layers; `repeats` counts those of 512 channels that keep the resolution."""

    def __init__(
        self,
        in_channels: int,
        classes: int,
        width: float = 1.0,
        repeats: int = 5,
        body: Callable[..., nn.Module] = Separable,
        activation: Callable[..., nn.Module] = nn.ReLU6,
    ) -> None:
        super().__init__()
        out = math.floor(32 * width)
        self.conv_stem = _kaiming_normal_fan_out(
            nn.Conv2d(in_channels, out, 3, stride=2, padding=1, bias=False)
        )
        self.bn1 = nn.BatchNorm2d(out)
        self.act1 = activation(inplace=True)
        layers: list[nn.Module] = []
        channels = out
        for _, n, c, stride in zip(
            range(5), [1, 2, 2, 1 + repeats, 2], [64, 128, 256, 512, 1024], [1, 2, 2, 2, 2]
        ):
            out_channels = math.floor(c * width)
            layers.append(
                nn.Sequential(
                    body(channels, out=out_channels, stride=stride),
                    *(body(out_channels, out=out_channels) for _ in range(n - 1)),
                )
            )
            channels = out_channels
        self.blocks = nn.Sequential(*layers)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = _uniform(nn.Linear(channels, classes), limit=1 / classes**0.5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn1(self.conv_stem(x))
        x = self.act1(x)
        x = torch.flatten(self.global_avgpool(self.blocks(x)), 1)
        return self.classifier(x)


def mobilenetv1_100(classes: int = 1000) -> MobileNet:
    """Defaults: [3, 224, 224] -> [1000]; 4,231,976 parameters; 568,740,352 multiply-adds.

    conv_stem, bn1 [32, 112, 112]; blocks [1024, 7, 7]; classifier [1000].
    """
    return MobileNet(3, classes)


def mobilenetv1_075(classes: int = 1000) -> MobileNet:
    """Defaults: [3, 224, 224] -> [1000]; 2,585,560 parameters; 325,400,448 multiply-adds.

    conv_stem, bn1 [24, 112, 112]; blocks [768, 7, 7]; classifier [1000].
    """
    return MobileNet(3, classes, width=0.75)


def mobilenetv1_050(classes: int = 1000) -> MobileNet:
    """Defaults: [3, 224, 224] -> [1000]; 1,331,592 parameters; 149,497,088 multiply-adds.

    conv_stem, bn1 [16, 112, 112]; blocks [512, 7, 7]; classifier [1000].
    """
    return MobileNet(3, classes, width=0.5)


def mobilenetv1_025(classes: int = 1000) -> MobileNet:
    """Defaults: [3, 224, 224] -> [1000]; 470,072 parameters; 41,030,272 multiply-adds.

    conv_stem, bn1 [8, 112, 112]; blocks [256, 7, 7]; classifier [1000].
    """
    return MobileNet(3, classes, width=0.25)


def mobilenet_paper(classes: int = 1000, width: float = 1.0) -> MobileNet:
    """Defaults: [3, 224, 224] -> [1000]; 4,231,976 parameters; 568,740,352 multiply-adds.

    conv_stem, bn1 [32, 112, 112]; blocks [1024, 7, 7]; classifier [1000].
    """
    return MobileNet(
        3, classes, width=width, body=partial(Separable, activation=nn.ReLU), activation=nn.ReLU
    )


def mobilenet_full(classes: int = 1000) -> MobileNet:
    """The paper's Table 4 compares with it.

    Defaults: [3, 224, 224] -> [1000]; 29,294,088 parameters; 4,867,293,184 multiply-adds.

    conv_stem, bn1 [32, 112, 112]; blocks [1024, 7, 7]; classifier [1000].
    """
    return MobileNet(3, classes, body=Full, activation=nn.ReLU)


def mobilenet_shallow(classes: int = 1000) -> MobileNet:
    """The paper's Table 5: the five layers are left out.

    Defaults: [3, 224, 224] -> [1000]; 2,887,976 parameters; 307,323,392 multiply-adds.

    conv_stem, bn1 [32, 112, 112]; blocks [1024, 7, 7]; classifier [1000].
    """
    return MobileNet(
        3, classes, repeats=0, body=partial(Separable, activation=nn.ReLU), activation=nn.ReLU
    )
