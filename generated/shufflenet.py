# Generated from shufflenet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 4aa8aec110ffc6ea0bf069532cc5e5f0889eeefa301f86785454a73397833877
"""ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile Devices (Zhang et al.,
CVPR 2018).

The paper's networks of one size, with 1, 2, 3, 4 or 8 groups. The authors' released code
shuffles after the depthwise convolution instead of before it, which is a permutation of the
weights, and its classifier has no bias. Weights start as there: those of a filter the smaller,
the more channels it sees.
"""

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn

__all__ = [
    "ShuffleNet",
    "shufflenet_g1",
    "shufflenet_g2",
    "shufflenet_g3",
    "shufflenet_g4",
    "shufflenet_g8",
]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.BatchNorm2d):
        nn.init.constant_(module.bias, 0.0001)


def _normal(module: nn.Conv2d | nn.Linear, std: float) -> nn.Module:
    nn.init.normal_(module.weight, std=std)
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


class Unit(nn.Module):
    """Grouped 1x1 convolutions, and a shuffle so that each group hears from all others. Where the
    unit strides, it adds channels to the pooled image instead of numbers. So few channels come
    into the first unit that its first convolution has no groups.
    """

    use_residual: Final[bool]

    def __init__(
        self, in_channels: int, out: int, groups: int, stride: int = 1, first: bool = False
    ) -> None:
        super().__init__()
        mid = out // 4
        reduced = 1 if first else groups
        self.use_residual = stride == 1
        out_channels = out if stride == 1 else out - in_channels
        self.branch = nn.Sequential(
            _normal(
                nn.Conv2d(in_channels, mid, 1, groups=reduced, bias=False),
                std=reduced / in_channels,
            ),
            nn.BatchNorm2d(mid),
            nn.ReLU(inplace=True),
            nn.ChannelShuffle(groups),
            _normal(
                nn.Conv2d(mid, mid, 3, stride=stride, padding=1, groups=mid, bias=False), std=1
            ),
            nn.BatchNorm2d(mid),
            _normal(nn.Conv2d(mid, out_channels, 1, groups=groups, bias=False), std=groups / mid),
            nn.BatchNorm2d(out_channels),
        )
        if not self.use_residual:
            self.avgpool = nn.AvgPool2d(3, stride=stride, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.branch(x)
        x = x + out if self.use_residual else torch.cat([self.avgpool(x), out], 1)
        return self.relu(x)


class ShuffleNet(nn.Module):
    """`width` is that of the first stage, `depths` are the units of each."""

    def __init__(
        self,
        in_channels: int,
        width: int,
        groups: int,
        classes: int,
        depths: Sequence[int] = (4, 8, 4),
    ) -> None:
        super().__init__()
        self.conv1 = _normal(
            nn.Conv2d(in_channels, 24, 3, stride=2, padding=1, bias=False), std=0.01
        )
        self.bn1 = nn.BatchNorm2d(24)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.stage2 = nn.Sequential(
            Unit(24, width, groups, stride=2, first=True),
            *(Unit(width, width, groups) for _ in range(depths[0] - 1)),
        )
        self.stage3 = nn.Sequential(
            Unit(width, 2 * width, groups, stride=2),
            *(Unit(2 * width, 2 * width, groups) for _ in range(depths[1] - 1)),
        )
        self.stage4 = nn.Sequential(
            Unit(2 * width, 4 * width, groups, stride=2),
            *(Unit(4 * width, 4 * width, groups) for _ in range(depths[2] - 1)),
        )
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = _normal(nn.Linear(4 * width, classes), std=0.01)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.maxpool(x)
        x = self.stage2(x)
        x = self.stage3(x)
        x = torch.flatten(self.global_avgpool(self.stage4(x)), 1)
        return self.fc(x)


def shufflenet_g1(classes: int = 1000) -> ShuffleNet:
    """Defaults: [3, 224, 224] -> [1000]; 1,531,936 parameters; 143,078,976 multiply-adds.

    conv1, bn1 [24, 112, 112]; stage2 [144, 28, 28]; stage3 [288, 14, 14]; stage4 [576, 7, 7]; fc
    [1000].
    """
    return ShuffleNet(3, 144, 1, classes=classes)


def shufflenet_g2(classes: int = 1000) -> ShuffleNet:
    """Defaults: [3, 224, 224] -> [1000]; 1,733,848 parameters; 140,836,512 multiply-adds.

    conv1, bn1 [24, 112, 112]; stage2 [200, 28, 28]; stage3 [400, 14, 14]; stage4 [800, 7, 7]; fc
    [1000].
    """
    return ShuffleNet(3, 200, 2, classes=classes)


def shufflenet_g3(classes: int = 1000) -> ShuffleNet:
    """Defaults: [3, 224, 224] -> [1000]; 1,865,728 parameters; 137,460,672 multiply-adds.

    conv1, bn1 [24, 112, 112]; stage2 [240, 28, 28]; stage3 [480, 14, 14]; stage4 [960, 7, 7]; fc
    [1000].
    """
    return ShuffleNet(3, 240, 3, classes=classes)


def shufflenet_g4(classes: int = 1000) -> ShuffleNet:
    """Defaults: [3, 224, 224] -> [1000]; 1,968,344 parameters; 134,339,776 multiply-adds.

    conv1, bn1 [24, 112, 112]; stage2 [272, 28, 28]; stage3 [544, 14, 14]; stage4 [1088, 7, 7];
    fc [1000].
    """
    return ShuffleNet(3, 272, 4, classes=classes)


def shufflenet_g8(classes: int = 1000) -> ShuffleNet:
    """Defaults: [3, 224, 224] -> [1000]; 2,434,768 parameters; 138,365,952 multiply-adds.

    conv1, bn1 [24, 112, 112]; stage2 [384, 28, 28]; stage3 [768, 14, 14]; stage4 [1536, 7, 7];
    fc [1000].
    """
    return ShuffleNet(3, 384, 8, classes=classes)
