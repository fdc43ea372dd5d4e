# Generated from mobilenet_v2.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 6c4cee14227486b593f7df96c12ee3d6203b9c8f10ee83ffc4242db8686a7699
"""MobileNetV2: Inverted Residuals and Linear Bottlenecks (Sandler et al., CVPR 2018).

Blocks widen a narrow image, filter it channel by channel and narrow it again, without a
rectifier at the end; the shortcut joins the narrow ends. This is torchvision's network. `width`
makes it thinner or wider as in the paper: channels are multiples of 8, and the last convolution
never has fewer. The first block widens nothing and has no convolution for it. The paper's Table
4 has 6.9 million parameters for a width of 1.4, which no reading of the paper gives.
"""

from typing import Final

import torch
from torch import Tensor, nn

__all__ = ["MobileNetV2"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)


def divisible(v: float, by: int) -> int:
    """The multiple of `by` next to `v`, but no less than nine tenths of it."""
    n = max(by, int(v + by / 2) // by * by)
    return n + by if n < 0.9 * v else n


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
            nn.ReLU6(inplace=True),
        )


class InvertedResidual(nn.Module):
    use_residual: Final[bool]

    def __init__(self, in_channels: int, out: int, expand: int, stride: int = 1) -> None:
        super().__init__()
        wide = expand * in_channels
        self.use_residual = stride == 1 and in_channels == out
        layers: list[nn.Module] = []
        if expand > 1:
            layers.append(Unit(in_channels, wide, 1))
        layers += [
            Unit(wide, wide, 3, stride=stride, groups=wide),
            nn.Conv2d(wide, out, 1, bias=False),
            nn.BatchNorm2d(out),
        ]
        self.conv = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv(x)
        return out + x if self.use_residual else out


class MobileNetV2(nn.Module):
    """Defaults: [3, 224, 224] -> [1000]; 3,504,872 parameters; 300,774,272 multiply-adds.

    features [1280, 7, 7]; classifier [1000].
    """

    def __init__(self, classes: int = 1000, width: float = 1.0) -> None:
        super().__init__()
        stages = [
            (1, 16, 1, 1),
            (6, 24, 2, 2),
            (6, 32, 3, 2),
            (6, 64, 4, 2),
            (6, 96, 3, 1),
            (6, 160, 3, 2),
            (6, 320, 1, 1),
        ]
        out = divisible(32 * width, 8)
        layers: list[nn.Module] = [Unit(3, out, 3, stride=2)]
        channels = out
        for t, c, n, s in stages:
            inverted_residual_out = divisible(c * width, 8)
            layers.append(InvertedResidual(channels, inverted_residual_out, t, stride=s))
            for _ in range(n - 1):
                layers.append(InvertedResidual(inverted_residual_out, inverted_residual_out, t))
            channels = inverted_residual_out
        unit_out = divisible(1280 * max(1, width), 8)
        layers.append(Unit(channels, unit_out, 1))
        self.features = nn.Sequential(*layers)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(unit_out, classes))
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.flatten(self.global_avgpool(self.features(x)), 1)
        return self.classifier(x)
