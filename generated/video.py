# Generated from video.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: b20a8e88eaca9039f291c2ea1de5f41235829591d4db59473d0fd364e979ff3d
"""A Closer Look at Spatiotemporal Convolutions for Action Recognition (Tran et al., CVPR 2018).

ResNet-18 on clips of 16 frames, in three forms: R3D filters frames and pixels together, MC3 does
so in its first stage only, and R(2+1)D filters pixels first and frames behind them. Keys are
torchvision's.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

__all__ = ["Video", "mc3_18", "r2plus1d_18", "r3d_18"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv3d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)


def projection(in_channels: int, out: int, stride: int = 1) -> nn.Module:
    """The identity where it fits, else a strided 1x1 convolution: ResNet's option B."""
    if stride > 1 or in_channels != out:
        return nn.Sequential(
            nn.Conv3d(in_channels, out, 1, stride=stride, bias=False), nn.BatchNorm3d(out)
        )
    return nn.Identity()


class Unit(nn.Module):
    """A residual block whose filters reach over time and space."""

    def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(
            nn.Conv3d(in_channels, width, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm3d(width),
            nn.ReLU(inplace=True),
        )
        self.conv2 = nn.Sequential(
            nn.Conv3d(width, width, 3, padding=1, bias=False), nn.BatchNorm3d(width)
        )
        self.downsample = projection(in_channels, width, stride=stride)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.conv2(self.conv1(x)) + self.downsample(x))


class FrameUnit(nn.Module):
    """A residual block whose filters see single frames. Only space gets smaller."""

    def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(
            nn.Conv3d(
                in_channels,
                width,
                (1, 3, 3),
                stride=(1, stride, stride),
                padding=(0, 1, 1),
                bias=False,
            ),
            nn.BatchNorm3d(width),
            nn.ReLU(inplace=True),
        )
        self.conv2 = nn.Sequential(
            nn.Conv3d(width, width, (1, 3, 3), padding=(0, 1, 1), bias=False), nn.BatchNorm3d(width)
        )
        self.downsample = frame_projection(in_channels, width, stride)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.conv2(self.conv1(x)) + self.downsample(x))


def frame_projection(in_channels: int, out: int, stride: int) -> nn.Module:
    """The shortcut of a `frame_unit`: where shapes differ, a projection with a stride over space
    only.
    """
    if stride > 1 or in_channels != out:
        return nn.Sequential(
            nn.Conv3d(in_channels, out, 1, stride=(1, stride, stride), bias=False),
            nn.BatchNorm3d(out),
        )
    return nn.Identity()


class Factored(nn.Sequential):
    """A filter over space, then one over time. Between them are `mid` channels."""

    def __init__(self, in_channels: int, out: int, mid: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv3d(
                in_channels,
                mid,
                (1, 3, 3),
                stride=(1, stride, stride),
                padding=(0, 1, 1),
                bias=False,
            ),
            nn.BatchNorm3d(mid),
            nn.ReLU(inplace=True),
            nn.Conv3d(mid, out, (3, 1, 1), stride=(stride, 1, 1), padding=(1, 0, 0), bias=False),
        )


class FactoredUnit(nn.Module):
    """A residual block of factored filters. With `mid` channels between them, the first two filters
    have as many weights as the first filter of `unit`.
    """

    def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        mid = 27 * in_channels * width // (9 * in_channels + 3 * width)
        self.conv1 = nn.Sequential(
            Factored(in_channels, width, mid, stride=stride),
            nn.BatchNorm3d(width),
            nn.ReLU(inplace=True),
        )
        self.conv2 = nn.Sequential(Factored(width, width, mid), nn.BatchNorm3d(width))
        self.downsample = projection(in_channels, width, stride=stride)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.conv2(self.conv1(x)) + self.downsample(x))


class JointStem(nn.Sequential):
    """The stem of R3D and MC3."""

    def __init__(self, in_channels: int) -> None:
        super().__init__(
            nn.Conv3d(in_channels, 64, (3, 7, 7), stride=(1, 2, 2), padding=(1, 3, 3), bias=False),
            nn.BatchNorm3d(64),
            nn.ReLU(inplace=True),
        )


class FactoredStem(nn.Sequential):
    """The stem of R(2+1)D."""

    def __init__(self, in_channels: int) -> None:
        super().__init__(
            nn.Conv3d(in_channels, 45, (1, 7, 7), stride=(1, 2, 2), padding=(0, 3, 3), bias=False),
            nn.BatchNorm3d(45),
            nn.ReLU(inplace=True),
            nn.Conv3d(45, 64, (3, 1, 1), padding=(1, 0, 0), bias=False),
            nn.BatchNorm3d(64),
            nn.ReLU(inplace=True),
        )


class Video(nn.Module):
    def __init__(
        self,
        in_channels: int,
        first: Callable[..., nn.Module],
        body: Callable[..., nn.Module],
        classes: int,
        stem: Callable[..., nn.Module] = JointStem,
    ) -> None:
        super().__init__()
        self.stem = stem(in_channels)
        self.layer1 = nn.Sequential(first(64, width=64), *(first(64, width=64) for _ in range(1)))
        self.layer2 = nn.Sequential(
            body(64, width=128, stride=2), *(body(128, width=128) for _ in range(1))
        )
        self.layer3 = nn.Sequential(
            body(128, width=256, stride=2), *(body(256, width=256) for _ in range(1))
        )
        self.layer4 = nn.Sequential(
            body(256, width=512, stride=2), *(body(512, width=512) for _ in range(1))
        )
        self.global_avgpool = nn.AdaptiveAvgPool3d(1)
        self.fc = nn.Linear(512, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = torch.flatten(self.global_avgpool(self.layer4(x)), 1)
        return self.fc(x)


def r3d_18(classes: int = 400) -> Video:
    """Defaults: [3, 16, 112, 112] -> [400]; 33,371,472 parameters; 40,696,553,472 multiply-adds.

    stem, layer1 [64, 16, 56, 56]; layer2 [128, 8, 28, 28]; layer3 [256, 4, 14, 14]; layer4
    [512, 2, 7, 7]; fc [400].
    """
    return Video(3, Unit, Unit, classes=classes)


def mc3_18(classes: int = 400) -> Video:
    """Defaults: [3, 16, 112, 112] -> [400]; 11,695,440 parameters; 43,342,635,008 multiply-adds.

    stem, layer1 [64, 16, 56, 56]; layer2 [128, 16, 28, 28]; layer3 [256, 16, 14, 14]; layer4
    [512, 16, 7, 7]; fc [400].
    """
    return Video(3, Unit, FrameUnit, classes=classes)


def r2plus1d_18(classes: int = 400) -> Video:
    """Defaults: [3, 16, 112, 112] -> [400]; 31,505,325 parameters; 40,519,080,960 multiply-adds.

    stem, layer1 [64, 16, 56, 56]; layer2 [128, 8, 28, 28]; layer3 [256, 4, 14, 14]; layer4
    [512, 2, 7, 7]; fc [400].
    """
    return Video(3, FactoredUnit, FactoredUnit, classes=classes, stem=FactoredStem)
