# Generated from mobilenet_v3.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: db63ddf15221f632bbdf279938a09a64580cd92a91dcdc490532868b9a9aab0d
"""Searching for MobileNetV3 (Howard et al., ICCV 2019).

Inverted residuals with squeeze-and-excitation and cheap approximations of smooth nonlinearities,
as torchvision ships them. `width` multiplies as in the authors' code: widened channels follow
those that come in, and the head stays; torchvision's own multiplier rounds the table and shrinks
the head. The paper's Table 2 ticks squeeze-and-excitation for the last convolution of the small
network, but no implementation has it, and the paper's count leaves it out.
"""

from typing import Final

import torch
from torch import Tensor, nn

__all__ = ["MobileNetV3", "mobilenet_v3_large", "mobilenet_v3_small"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)


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
        self.fc1 = nn.Conv2d(in_channels, squeeze, 1)
        self.relu = nn.ReLU(inplace=True)
        self.fc2 = nn.Conv2d(squeeze, in_channels, 1)
        self.hardsigmoid = nn.Hardsigmoid(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.fc1(self.global_avgpool(x)))
        return x * self.hardsigmoid(self.fc2(out))


class Unit(nn.Sequential):
    def __init__(
        self,
        in_channels: int,
        out: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        activation: str = "HS",
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
            nn.BatchNorm2d(out, eps=0.001, momentum=0.01),
            nn.Hardswish(inplace=True) if activation == "HS" else nn.ReLU(inplace=True),
        )


class Narrow(nn.Sequential):
    """The linear bottleneck: no nonlinearity."""

    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out, 1, bias=False),
            nn.BatchNorm2d(out, eps=0.001, momentum=0.01),
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
    ) -> None:
        super().__init__()
        wide = divisible(expand * in_channels, 8)
        self.use_residual = stride == 1 and in_channels == out
        layers: list[nn.Module] = []
        if wide != in_channels:
            layers.append(Unit(in_channels, wide, 1, activation=activation))
        layers.append(Unit(wide, wide, kernel, stride=stride, groups=wide, activation=activation))
        if squeeze:
            layers.append(SE(wide, divisible(wide / 4, 8)))
        layers.append(Narrow(wide, out))
        self.block = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        out = self.block(x)
        return out + x if self.use_residual else out


class MobileNetV3(nn.Module):
    def __init__(
        self,
        in_channels: int,
        rows: list[tuple[int, float, int, bool, str, int]],
        top: int,
        head: int,
        classes: int,
        width: float = 1.0,
    ) -> None:
        super().__init__()
        unit_out = divisible(16 * width, 8)
        layers: list[nn.Module] = [Unit(in_channels, unit_out, 3, stride=2)]
        channels = unit_out
        for kernel, expand, out, squeeze, activation, stride in rows:
            inverted_residual_out = divisible(out * width, 8)
            layers.append(
                InvertedResidual(
                    channels,
                    inverted_residual_out,
                    expand,
                    kernel=kernel,
                    squeeze=squeeze,
                    activation=activation,
                    stride=stride,
                )
            )
            channels = inverted_residual_out
        out_channels = divisible(top * width, 8)
        layers.append(Unit(channels, out_channels, 1))
        self.features = nn.Sequential(*layers)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(out_channels, head),
            nn.Hardswish(inplace=True),
            nn.Dropout(0.2),
            nn.Linear(head, classes),
        )
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.flatten(self.global_avgpool(self.features(x)), 1)
        return self.classifier(x)


def mobilenet_v3_large(classes: int = 1000, width: float = 1.0) -> MobileNetV3:
    """Defaults: [3, 224, 224] -> [1000]; 5,483,032 parameters; 216,589,760 multiply-adds.

    features [960, 7, 7]; classifier [1000].
    """
    return MobileNetV3(
        3,
        [
            (3, 1.0, 16, False, "RE", 1),
            (3, 4.0, 24, False, "RE", 2),
            (3, 3.0, 24, False, "RE", 1),
            (5, 3.0, 40, True, "RE", 2),
            (5, 3.0, 40, True, "RE", 1),
            (5, 3.0, 40, True, "RE", 1),
            (3, 6.0, 80, False, "HS", 2),
            (3, 200 / 80, 80, False, "HS", 1),
            (3, 184 / 80, 80, False, "HS", 1),
            (3, 184 / 80, 80, False, "HS", 1),
            (3, 6.0, 112, True, "HS", 1),
            (3, 6.0, 112, True, "HS", 1),
            (5, 6.0, 160, True, "HS", 2),
            (5, 6.0, 160, True, "HS", 1),
            (5, 6.0, 160, True, "HS", 1),
        ],
        960,
        head=1280,
        classes=classes,
        width=width,
    )


def mobilenet_v3_small(classes: int = 1000, width: float = 1.0) -> MobileNetV3:
    """Defaults: [3, 224, 224] -> [1000]; 2,542,856 parameters; 56,510,400 multiply-adds.

    features [576, 7, 7]; classifier [1000].
    """
    return MobileNetV3(
        3,
        [
            (3, 1.0, 16, True, "RE", 2),
            (3, 72 / 16, 24, False, "RE", 2),
            (3, 88 / 24, 24, False, "RE", 1),
            (5, 4.0, 40, True, "HS", 2),
            (5, 6.0, 40, True, "HS", 1),
            (5, 6.0, 40, True, "HS", 1),
            (5, 3.0, 48, True, "HS", 1),
            (5, 3.0, 48, True, "HS", 1),
            (5, 6.0, 96, True, "HS", 2),
            (5, 6.0, 96, True, "HS", 1),
            (5, 6.0, 96, True, "HS", 1),
        ],
        576,
        head=1024,
        classes=classes,
        width=width,
    )
