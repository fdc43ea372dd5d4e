# Generated from lraspp.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 1d9d5633b55c54c2ff806a768d1a34111afde9c09c106296b11b6762c0239af5
"""Searching for MobileNetV3 (Howard et al., ICCV 2019): segmentation with Lite R-ASPP.

The last stage of MobileNetV3 is dilated instead of strided, so that features keep a sixteenth of
the image's size. Two small heads read it and the stage of an eighth. torchvision's network, with
its keys.
"""

from typing import Final

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["LRASPPMobileNetV3Large"]


def _kaiming_normal(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


def divisible(v: float, by: int) -> int:
    """The multiple of `by` next to `v`, but no less than nine tenths of it."""
    n = max(by, int(v + by / 2) // by * by)
    return n + by if n < 0.9 * v else n


class SE(nn.Module):
    """Squeeze-and-excitation (Hu et al., CVPR 2018): weigh the channels by what the whole image
    shows.
    """

    def __init__(self, in_channels: int, squeeze: int) -> None:
        super().__init__()
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = _kaiming_normal(nn.Conv2d(in_channels, squeeze, 1))
        self.relu = nn.ReLU(inplace=True)
        self.fc2 = _kaiming_normal(nn.Conv2d(squeeze, in_channels, 1))
        self.hardsigmoid = nn.Hardsigmoid(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.fc1(self.global_avgpool(x)))
        return x * self.hardsigmoid(self.fc2(out))


class Narrow(nn.Sequential):
    """The linear bottleneck: no nonlinearity."""

    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__(
            _kaiming_normal(nn.Conv2d(in_channels, out, 1, bias=False)),
            nn.BatchNorm2d(out, eps=0.001, momentum=0.01),
        )


class Unit(nn.Sequential):
    def __init__(
        self,
        in_channels: int,
        out: int,
        kernel: int,
        activation: str,
        stride: int = 1,
        groups: int = 1,
        dilation: int = 1,
    ) -> None:
        super().__init__(
            _kaiming_normal(
                nn.Conv2d(
                    in_channels,
                    out,
                    kernel,
                    stride=stride,
                    padding=dilation * (kernel // 2),
                    dilation=dilation,
                    groups=groups,
                    bias=False,
                )
            ),
            nn.BatchNorm2d(out, eps=0.001, momentum=0.01),
            nn.Hardswish(inplace=True) if activation == "HS" else nn.ReLU(inplace=True),
        )


class InvertedResidual(nn.Module):
    use_residual: Final[bool]

    def __init__(
        self,
        in_channels: int,
        out: int,
        expand: float,
        kernel: int,
        squeeze: bool,
        activation: str,
        stride: int,
        dilation: int = 1,
    ) -> None:
        super().__init__()
        wide = divisible(expand * in_channels, 8)
        self.use_residual = stride == 1 and in_channels == out
        layers: list[nn.Module] = []
        if wide != in_channels:
            layers.append(Unit(in_channels, wide, 1, activation=activation))
        layers.append(
            Unit(
                wide,
                wide,
                kernel,
                activation=activation,
                stride=stride if dilation == 1 else 1,
                groups=wide,
                dilation=dilation,
            )
        )
        if squeeze:
            layers.append(SE(wide, divisible(wide / 4, 8)))
        layers.append(Narrow(wide, out))
        self.block = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        out = self.block(x)
        return out + x if self.use_residual else out


class LRASPPHead(nn.Module):
    def __init__(
        self, low_channels: int, high_channels: int, classes: int, width: int = 128
    ) -> None:
        super().__init__()
        self.low_classifier = nn.Conv2d(low_channels, classes, 1)
        self.cbr = nn.Sequential(
            nn.Conv2d(high_channels, width, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )
        self.scale = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(high_channels, width, 1, bias=False), nn.Sigmoid()
        )
        self.high_classifier = nn.Conv2d(width, classes, 1)

    def forward(self, low: Tensor, high: Tensor) -> Tensor:
        out = self.cbr(high) * self.scale(high)
        high_classifier = self.high_classifier(
            F.interpolate(out, size=low.shape[2:], mode="bilinear")
        )
        return self.low_classifier(low) + high_classifier


class LRASPPMobileNetV3Large(nn.Module):
    """Defaults: [3, h, w] -> [21, h, w] for h >= 1 and w >= 1; 3,221,538 parameters;
    1,508,872 * ((h + 15) // 16) * ((w + 15) // 16) + 1,630,080 + 1,856 * ((h + 1) // 2) * ((w +
    1) // 2) + 43,008 * ((h + 7) // 8) * ((w + 7) // 8) + 7,944 * ((h + 3) // 4) * ((w + 3) // 4)
    multiply-adds.

    backbone.0, backbone.1 [16, (h + 1) // 2, (w + 1) // 2]; backbone.2, backbone.3
    [24, (h + 3) // 4, (w + 3) // 4]; backbone.4, backbone.5, backbone.6
    [40, (h + 7) // 8, (w + 7) // 8]; backbone.7, backbone.8, backbone.9, backbone.10
    [80, (h + 15) // 16, (w + 15) // 16]; backbone.11, backbone.12
    [112, (h + 15) // 16, (w + 15) // 16]; backbone.13, backbone.14, backbone.15
    [160, (h + 15) // 16, (w + 15) // 16]; backbone.16 [960, (h + 15) // 16, (w + 15) // 16];
    classifier [21, (h + 7) // 8, (w + 7) // 8].
    """

    def __init__(self, classes: int = 21) -> None:
        super().__init__()
        self.backbone = nn.ModuleList(
            [
                Unit(3, 16, 3, activation="HS", stride=2),
                InvertedResidual(16, 16, 1.0, kernel=3, squeeze=False, activation="RE", stride=1),
                InvertedResidual(16, 24, 4.0, kernel=3, squeeze=False, activation="RE", stride=2),
                InvertedResidual(24, 24, 3.0, kernel=3, squeeze=False, activation="RE", stride=1),
                InvertedResidual(24, 40, 3.0, kernel=5, squeeze=True, activation="RE", stride=2),
                InvertedResidual(40, 40, 3.0, kernel=5, squeeze=True, activation="RE", stride=1),
                InvertedResidual(40, 40, 3.0, kernel=5, squeeze=True, activation="RE", stride=1),
                InvertedResidual(40, 80, 6.0, kernel=3, squeeze=False, activation="HS", stride=2),
                InvertedResidual(
                    80, 80, 200 / 80, kernel=3, squeeze=False, activation="HS", stride=1
                ),
                InvertedResidual(
                    80, 80, 184 / 80, kernel=3, squeeze=False, activation="HS", stride=1
                ),
                InvertedResidual(
                    80, 80, 184 / 80, kernel=3, squeeze=False, activation="HS", stride=1
                ),
                InvertedResidual(80, 112, 6.0, kernel=3, squeeze=True, activation="HS", stride=1),
                InvertedResidual(112, 112, 6.0, kernel=3, squeeze=True, activation="HS", stride=1),
                InvertedResidual(
                    112, 160, 6.0, kernel=5, squeeze=True, activation="HS", stride=2, dilation=2
                ),
                InvertedResidual(
                    160, 160, 6.0, kernel=5, squeeze=True, activation="HS", stride=1, dilation=2
                ),
                InvertedResidual(
                    160, 160, 6.0, kernel=5, squeeze=True, activation="HS", stride=1, dilation=2
                ),
                Unit(160, 960, 1, activation="HS"),
            ]
        )
        self.classifier = LRASPPHead(40, 960, classes)

    def forward(self, x: Tensor) -> Tensor:
        out = self.backbone[0](x)
        out = self.backbone[1](out)
        out = self.backbone[2](out)
        out = self.backbone[3](out)
        c3 = self.backbone[4](out)
        out = self.backbone[5](c3)
        out = self.backbone[6](out)
        out = self.backbone[7](out)
        out = self.backbone[8](out)
        out = self.backbone[9](out)
        out = self.backbone[10](out)
        out = self.backbone[11](out)
        out = self.backbone[12](out)
        out = self.backbone[13](out)
        out = self.backbone[14](out)
        out = self.backbone[15](out)
        c5 = self.backbone[16](out)
        return F.interpolate(self.classifier(c3, c5), size=x.shape[2:], mode="bilinear")
