"""The networks of readable.arch."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

__all__ = [
    "Deepened",
    "PartedMore",
    "PartedOnce",
    "Staged",
    "Stemmed",
    "deepened_more",
    "deepened_once",
    "expanded",
    "not_expanded",
    "one_stem",
    "other_stem",
]


class Shallow(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 16, 3, stride=2, padding=1)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn1(self.conv1(x)))


class Deep(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 16, 3, stride=2, padding=1)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(32)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(x)))


class Basic(nn.Module):
    def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, stride=stride, padding=1)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width, 2 * width, 1)
        self.bn2 = nn.BatchNorm2d(2 * width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(x)))


class Thin(nn.Module):
    def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, width, 3, stride=stride, padding=1)
        self.bn = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


class Stemmed(nn.Module):
    """The width of a stem is a number of its own, and no multiple of the least."""

    def __init__(
        self, in_channels: int, start: Callable[..., nn.Module], classes: int, stem_channels: int
    ) -> None:
        super().__init__()
        self.stem = start(in_channels)
        self.body = Basic(stem_channels, 8)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(16, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = torch.flatten(self.global_avgpool(self.body(x)), 1)
        return self.fc(x)


class Staged(nn.Module):
    """Here `body` expands every width by one factor."""

    def __init__(
        self, in_channels: int, body: Callable[..., nn.Module], classes: int, expansion: int
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 8, 3, padding=1)
        self.layer1 = body(8, width=8)
        self.layer2 = body(8 * expansion, width=16)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(16 * expansion, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        x = self.layer1(x)
        x = torch.flatten(self.global_avgpool(self.layer2(x)), 1)
        return self.fc(x)


class Deepened(nn.Module):
    """Depths that are a parameter are read from it, and a default is not said again."""

    def __init__(self, in_channels: int, classes: int, depths: Sequence[int] = (2, 3)) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 8, 3, padding=1)
        self.layer1 = nn.Sequential(Thin(8, 8), *(Thin(8, 8) for _ in range(depths[0] - 1)))
        self.layer2 = nn.Sequential(Thin(8, 16), *(Thin(16, 16) for _ in range(depths[1] - 1)))
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(16, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        x = self.layer1(x)
        x = torch.flatten(self.global_avgpool(self.layer2(x)), 1)
        return self.fc(x)


class Parted(nn.Module):
    """What cancels is not said: a part of the channels is as wide as the half that it is."""

    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        half = in_channels // 2
        grown = half + out
        self.half_ = half
        self.stop = half * 2
        self.first = nn.Conv2d(in_channels, grown - half, 1)
        self.conv0 = nn.Conv2d(half, out - half, 1)
        self.conv1 = nn.Conv2d(half, out - half, 1)
        self.last = nn.Conv2d(grown - half + 2 * (out - half), out, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        x = torch.cat([x, self.conv0(x[:, : self.half_])], 1)
        x = torch.cat([x, self.conv1(x[:, self.half_ : self.stop])], 1)
        return self.last(x)


class PartedOnce(nn.Sequential):
    """Defaults: [8, 4, 4] -> [4]; 588 parameters; 7,984 multiply-adds.

    0 [12, 4, 4]; 3 [4].
    """

    def __init__(self, classes: int = 4) -> None:
        super().__init__(
            Parted(8, 12), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, classes)
        )


class PartedMore(nn.Sequential):
    """Defaults: [6, 4, 4] -> [4]; 972 parameters; 13,600 multiply-adds.

    0 [16, 4, 4]; 3 [4].
    """

    def __init__(self, classes: int = 4) -> None:
        super().__init__(
            Parted(6, 16), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, classes)
        )


def one_stem(classes: int = 4) -> Stemmed:
    """Defaults: [3, 16, 16] -> [4]; 1,900 parameters; 109,632 multiply-adds.

    stem, body [16, 8, 8]; fc [4].
    """
    return Stemmed(3, Shallow, classes, stem_channels=16)


def other_stem(classes: int = 4) -> Stemmed:
    """Defaults: [3, 16, 16] -> [4]; 7,756 parameters; 478,272 multiply-adds.

    stem [32, 8, 8]; body [16, 8, 8]; fc [4].
    """
    return Stemmed(3, Deep, classes, stem_channels=32)


def expanded(classes: int = 4) -> Staged:
    """Defaults: [3, 16, 16] -> [4]; 4,092 parameters; 956,544 multiply-adds.

    conv [8, 16, 16]; layer1 [16, 16, 16]; layer2 [32, 16, 16]; fc [4].
    """
    return Staged(3, Basic, classes, expansion=2)


def not_expanded(classes: int = 4) -> Staged:
    """Defaults: [3, 16, 16] -> [4]; 2,092 parameters; 497,728 multiply-adds.

    conv, layer1 [8, 16, 16]; layer2 [16, 16, 16]; fc [4].
    """
    return Staged(3, Thin, classes, expansion=1)


def deepened_once(classes: int = 4) -> Deepened:
    """Defaults: [3, 16, 16] -> [4]; 7,396 parameters; 1,824,832 multiply-adds.

    conv, layer1 [8, 16, 16]; layer2 [16, 16, 16]; fc [4].
    """
    return Deepened(3, classes)


def deepened_more(classes: int = 4) -> Deepened:
    """Defaults: [3, 16, 16] -> [4]; 3,292 parameters; 792,640 multiply-adds.

    conv, layer1 [8, 16, 16]; layer2 [16, 16, 16]; fc [4].
    """
    return Deepened(3, classes, depths=[3, 1])
