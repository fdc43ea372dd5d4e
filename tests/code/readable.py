"""The networks of readable.arch."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

__all__ = [
    "Besides",
    "Deepened",
    "PartedMore",
    "PartedOnce",
    "Staged",
    "Stemmed",
    "TwoUnits",
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
        self, in_channels: int, start: Callable[..., nn.Module], classes: int, start_channels: int
    ) -> None:
        super().__init__()
        self.stem = start(in_channels)
        self.body = Basic(start_channels, 8)
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


def make_fitted(in_channels: int, out: int) -> nn.Module:
    """What is the identity elsewhere is a function, whose name no variable has."""
    if in_channels != out:
        return nn.Sequential(nn.Conv2d(in_channels, out, 1), nn.BatchNorm2d(out))
    return nn.Identity()


class Shrunk(nn.Module):
    def __init__(self, in_channels: int, stride: int) -> None:
        super().__init__()
        self.conv = (
            nn.Identity()
            if stride == 1
            else nn.Conv2d(in_channels, in_channels, 3, stride=stride, padding=1)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Widened(nn.Module):
    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out, 1)
        self.bn = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(x))


class Unit(nn.Module):
    def __init__(
        self,
        in_channels: int,
        out: int,
        stride: int = 1,
        fitted: Callable[..., nn.Module] = make_fitted,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out, 3, stride=stride, padding=1)
        self.skip = Shrunk(in_channels, stride)
        self.project = fitted(in_channels, out=out)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.conv1(x) + self.project(self.skip(x)))


class TwoUnits(nn.Module):
    """Defaults: [3, 16, 16] -> [4]; 2,732 parameters; 154,656 multiply-adds.

    unit1 [8, 16, 16]; unit2 [8, 8, 8]; shrunk, unit3 [8, 4, 4]; fc [4].
    """

    def __init__(self, classes: int = 4) -> None:
        super().__init__()
        self.unit1 = Unit(3, 8)
        self.unit2 = Unit(8, 8, stride=2)
        self.shrunk = Shrunk(8, 2)
        self.unit3 = Unit(8, 8, fitted=Widened)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.unit1(x)
        x = self.unit2(x)
        x = self.shrunk(x)
        x = torch.flatten(self.global_avgpool(self.unit3(x)), 1)
        return self.fc(x)


class Beside(nn.Module):
    """What reads a label alone is not handed what comes in."""

    def __init__(self, skip_channels: int, out: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(skip_channels, out, 1)
        self.bn = nn.BatchNorm2d(out)

    def forward(self, skip: Tensor) -> Tensor:
        return torch.cat([self.bn(self.first(skip)), skip], 1)


class BesidesTwo(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.add_module("0", nn.Conv2d(4, 4, 1))
        self.add_module("1", nn.ReLU())

    def forward(self, left: Tensor) -> Tensor:
        conv, relu = self.children()
        x = conv(left)
        return x + relu(x)


class BesidesWide0(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.c = nn.Conv2d(4, 4, 1)
        self.d = nn.BatchNorm2d(4)

    def forward(self, stem: Tensor) -> Tensor:
        return self.d(self.c(stem))


class Besides(nn.Module):
    """[3, 8, 8] -> [4, 8, 8]; 496 parameters; 27,392 multiply-adds.

    stem, left [4, 8, 8]; one [12, 8, 8]; two, conv, wide0, conv2, wide1, last [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.left = nn.Conv2d(4, 4, 3, padding=1)
        self.one = Beside(4, 8)
        self.two = BesidesTwo()
        self.conv = nn.Conv2d(20, 4, 1)
        self.wide0 = BesidesWide0()
        self.conv2 = nn.Conv2d(4, 4, 1)
        self.wide1 = BesidesWide0()
        self.last = nn.Sequential(nn.ReLU(inplace=True))

    def forward(self, x: Tensor) -> Tensor:
        stem = self.stem(x)
        left = self.left(stem)
        x = torch.cat([left, self.one(stem)], 1)
        x = torch.cat([x, self.two(left)], 1)
        x = self.conv(x) + self.wide0(stem)
        x = self.conv2(x) + self.wide1(stem)
        return self.last(x)


def one_stem(classes: int = 4) -> Stemmed:
    """Defaults: [3, 16, 16] -> [4]; 1,900 parameters; 109,632 multiply-adds.

    stem, body [16, 8, 8]; fc [4].
    """
    return Stemmed(3, Shallow, classes, start_channels=16)


def other_stem(classes: int = 4) -> Stemmed:
    """Defaults: [3, 16, 16] -> [4]; 7,756 parameters; 478,272 multiply-adds.

    stem [32, 8, 8]; body [16, 8, 8]; fc [4].
    """
    return Stemmed(3, Deep, classes, start_channels=32)


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
