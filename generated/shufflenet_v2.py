# Generated from shufflenet_v2.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 6571ed4459a7dd2691289409fdc75c70551a19626b7ce6f83a628e864dbc1d1d
"""ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design (Ma et al., ECCV
2018).

Half of the channels pass a unit untouched, and a shuffle mixes both halves. Where a unit
strides, both branches convolve. In torchvision's `shufflenet_v2_x1_0` and its kin each of them
makes half of the channels; in `shufflenet_v2_paper_x1_0` and its kin the first keeps those that
come in and the second makes the others, as in the authors' code, which costs what the paper
says. That code shuffles where the next unit starts, which is a permutation of the weights, and
its classifier has no bias.
"""

from collections.abc import Sequence
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "ShuffleNetV2",
    "shufflenet_v2_paper_x0_5",
    "shufflenet_v2_paper_x1_0",
    "shufflenet_v2_paper_x1_5",
    "shufflenet_v2_paper_x2_0",
    "shufflenet_v2_x0_5",
    "shufflenet_v2_x1_0",
    "shufflenet_v2_x1_5",
    "shufflenet_v2_x2_0",
]


class Unit(nn.Module):
    """Where it strides, the first branch `keeps` the number of its channels, or makes one half."""

    has_branch1: Final[bool]

    def __init__(self, in_channels: int, out: int, stride: int = 1, keeps: bool = False) -> None:
        super().__init__()
        half = out // 2
        side = in_channels if keeps else half
        self.has_branch1 = stride != 1
        self.half_ = half
        self.out = out
        if self.has_branch1:
            self.branch1 = nn.Sequential(
                nn.Conv2d(
                    in_channels,
                    in_channels,
                    3,
                    stride=stride,
                    padding=1,
                    groups=in_channels,
                    bias=False,
                ),
                nn.BatchNorm2d(in_channels),
                nn.Conv2d(in_channels, side, 1, bias=False),
                nn.BatchNorm2d(side),
                nn.ReLU(inplace=True),
            )
        out_channels = half if stride == 1 else out - side
        self.branch2 = nn.Sequential(
            nn.Conv2d(out - half if stride == 1 else in_channels, half, 1, bias=False),
            nn.BatchNorm2d(half),
            nn.ReLU(inplace=True),
            nn.Conv2d(half, half, 3, stride=stride, padding=1, groups=half, bias=False),
            nn.BatchNorm2d(half),
            nn.Conv2d(half, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        branch1 = self.branch1(x) if self.has_branch1 else x[:, : self.half_]
        out = x if self.has_branch1 else x[:, self.half_ : self.out]
        return F.channel_shuffle(torch.cat([branch1, self.branch2(out)], 1), 2)


class ShuffleNetV2(nn.Module):
    def __init__(
        self,
        in_channels: int,
        widths: list[int],
        top: int,
        classes: int,
        depths: Sequence[int] = (4, 8, 4),
        keeps: bool = False,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(
            nn.Conv2d(in_channels, 24, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(24),
            nn.ReLU(inplace=True),
        )
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.stage2 = nn.Sequential(
            Unit(24, widths[0], stride=2, keeps=keeps),
            *(Unit(widths[0], widths[0], keeps=keeps) for _ in range(depths[0] - 1)),
        )
        self.stage3 = nn.Sequential(
            Unit(widths[0], widths[1], stride=2, keeps=keeps),
            *(Unit(widths[1], widths[1], keeps=keeps) for _ in range(depths[1] - 1)),
        )
        self.stage4 = nn.Sequential(
            Unit(widths[1], widths[2], stride=2, keeps=keeps),
            *(Unit(widths[2], widths[2], keeps=keeps) for _ in range(depths[2] - 1)),
        )
        self.conv5 = nn.Sequential(
            nn.Conv2d(widths[2], top, 1, bias=False), nn.BatchNorm2d(top), nn.ReLU(inplace=True)
        )
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(top, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.conv1(x))
        x = self.stage2(x)
        x = self.stage3(x)
        x = self.stage4(x)
        x = torch.flatten(self.global_avgpool(self.conv5(x)), 1)
        return self.fc(x)


def shufflenet_v2_x0_5(classes: int = 1000) -> ShuffleNetV2:
    """Defaults: [3, 224, 224] -> [1000]; 1,366,792 parameters; 40,476,448 multiply-adds.

    conv1 [24, 112, 112]; stage2 [48, 28, 28]; stage3 [96, 14, 14]; stage4 [192, 7, 7]; conv5
    [1024, 7, 7]; fc [1000].
    """
    return ShuffleNetV2(3, [48, 96, 192], 1024, classes=classes)


def shufflenet_v2_x1_0(classes: int = 1000) -> ShuffleNetV2:
    """Defaults: [3, 224, 224] -> [1000]; 2,278,604 parameters; 144,907,992 multiply-adds.

    conv1 [24, 112, 112]; stage2 [116, 28, 28]; stage3 [232, 14, 14]; stage4 [464, 7, 7]; conv5
    [1024, 7, 7]; fc [1000].
    """
    return ShuffleNetV2(3, [116, 232, 464], 1024, classes=classes)


def shufflenet_v2_x1_5(classes: int = 1000) -> ShuffleNetV2:
    """Defaults: [3, 224, 224] -> [1000]; 3,503,624 parameters; 295,759,392 multiply-adds.

    conv1 [24, 112, 112]; stage2 [176, 28, 28]; stage3 [352, 14, 14]; stage4 [704, 7, 7]; conv5
    [1024, 7, 7]; fc [1000].
    """
    return ShuffleNetV2(3, [176, 352, 704], 1024, classes=classes)


def shufflenet_v2_x2_0(classes: int = 1000) -> ShuffleNetV2:
    """Defaults: [3, 224, 224] -> [1000]; 7,393,996 parameters; 583,253,464 multiply-adds.

    conv1 [24, 112, 112]; stage2 [244, 28, 28]; stage3 [488, 14, 14]; stage4 [976, 7, 7]; conv5
    [2048, 7, 7]; fc [1000].
    """
    return ShuffleNetV2(3, [244, 488, 976], 2048, classes=classes)


def shufflenet_v2_paper_x0_5(classes: int = 1000) -> ShuffleNetV2:
    """Defaults: [3, 224, 224] -> [1000]; 1,366,792 parameters; 40,476,448 multiply-adds.

    conv1 [24, 112, 112]; stage2 [48, 28, 28]; stage3 [96, 14, 14]; stage4 [192, 7, 7]; conv5
    [1024, 7, 7]; fc [1000].
    """
    return ShuffleNetV2(3, [48, 96, 192], 1024, classes=classes, keeps=True)


def shufflenet_v2_paper_x1_0(classes: int = 1000) -> ShuffleNetV2:
    """Defaults: [3, 224, 224] -> [1000]; 2,279,760 parameters; 145,814,296 multiply-adds.

    conv1 [24, 112, 112]; stage2 [116, 28, 28]; stage3 [232, 14, 14]; stage4 [464, 7, 7]; conv5
    [1024, 7, 7]; fc [1000].
    """
    return ShuffleNetV2(3, [116, 232, 464], 1024, classes=classes, keeps=True)


def shufflenet_v2_paper_x1_5(classes: int = 1000) -> ShuffleNetV2:
    """Defaults: [3, 224, 224] -> [1000]; 3,507,720 parameters; 298,970,656 multiply-adds.

    conv1 [24, 112, 112]; stage2 [176, 28, 28]; stage3 [352, 14, 14]; stage4 [704, 7, 7]; conv5
    [1024, 7, 7]; fc [1000].
    """
    return ShuffleNetV2(3, [176, 352, 704], 1024, classes=classes, keeps=True)


def shufflenet_v2_paper_x2_0(classes: int = 1000) -> ShuffleNetV2:
    """Defaults: [3, 224, 224] -> [1000]; 7,403,600 parameters; 590,783,000 multiply-adds.

    conv1 [24, 112, 112]; stage2 [244, 28, 28]; stage3 [488, 14, 14]; stage4 [976, 7, 7]; conv5
    [2048, 7, 7]; fc [1000].
    """
    return ShuffleNetV2(3, [244, 488, 976], 2048, classes=classes, keeps=True)
