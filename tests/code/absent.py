"""The networks of absent.arch."""

from typing import Final

import torch
from torch import Tensor, nn

__all__ = ["Absent", "Alone", "First", "Gates", "Means", "Nothing", "Sides"]


class Rep(nn.Module):
    """The training form of a RepVGG block: an identity where the shapes agree."""

    has_identity: Final[bool]

    def __init__(self, in_channels: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.has_identity = in_channels == out and stride == 1
        self.conv3 = nn.Sequential(
            nn.Conv2d(in_channels, out, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out),
        )
        self.conv1 = nn.Sequential(
            nn.Conv2d(in_channels, out, 1, stride=stride, bias=False), nn.BatchNorm2d(out)
        )
        if self.has_identity:
            self.identity = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv3(x) + self.conv1(x)
        if self.has_identity:
            out = out + self.identity(x)
        return self.relu(out)


class Absent(nn.Module):
    """[3, 16, 16] -> [16, 4, 4]; 4,960 parameters; 117,760 multiply-adds.

    stage1 [16, 4, 4].
    """

    def __init__(self) -> None:
        super().__init__()
        self.stage1 = nn.Sequential(
            Rep(3, 8, stride=2), Rep(8, 8), Rep(8, 16, stride=2), Rep(16, 16)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.stage1(x)


class Sided(nn.Module):
    """One of two lists, of which each may have any number of branches."""

    has_b1: Final[bool]

    def __init__(self, in_channels: int, wide: bool) -> None:
        super().__init__()
        self.has_b1 = wide
        self.first = nn.Conv2d(in_channels, 4, 3, padding=1)
        if wide:
            self.b1 = nn.Conv2d(in_channels, 4, 1)
            self.b2 = nn.Conv2d(in_channels, 4, 1)
        else:
            self.b3 = nn.Conv2d(in_channels, 8, 3, padding=1)
        self.last = nn.Conv2d(in_channels, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        tensors = [self.first(x)]
        if self.has_b1:
            tensors.append(self.b1(x))
            tensors.append(self.b2(x))
        else:
            tensors.append(self.b3(x))
        tensors.append(self.last(x))
        return torch.cat(tensors, 1)


class Sides(nn.Module):
    """Defaults: [3, 8, 8] -> [16, 8, 8]; 3,776 parameters; 238,592 multiply-adds.

    a, b, c [16, 8, 8].
    """

    def __init__(self, wide: bool = True) -> None:
        super().__init__()
        self.a = Sided(3, wide)
        self.b = Sided(16, not wide)
        self.c = Sided(16, False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        x = self.b(x)
        return self.c(x)


class Before(nn.Module):
    """In front of the first that is certain, and around an activation that could work in place."""

    has_bn: Final[bool]

    def __init__(self, in_channels: int, skip: bool) -> None:
        super().__init__()
        self.has_bn = not skip
        self.conv = nn.Conv2d(in_channels, in_channels, 3, padding=1)
        if self.has_bn:
            self.bn = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv(x)
        if not self.has_bn:
            out = x + out
        if self.has_bn:
            out = out + self.bn(x)
        return self.relu(out)


class First(nn.Module):
    """[4, 8, 8] -> [4, 8, 8]; 304 parameters; 18,432 multiply-adds.

    a, b [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Before(4, True)
        self.b = Before(4, False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.b(x)


class Lone(nn.Module):
    has_conv: Final[bool]

    def __init__(self, in_channels: int, twice: bool) -> None:
        super().__init__()
        self.has_conv = twice
        self.relu = nn.ReLU()
        if twice:
            self.conv = nn.Conv2d(in_channels, in_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x2 = self.relu(x)
        out = x2
        if self.has_conv:
            out = out + self.conv(x2)
        x = self.relu(out)
        return x + x2


class Alone(nn.Module):
    """[4, 8, 8] -> [4, 8, 8]; 148 parameters; 9,216 multiply-adds.

    a, b [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Lone(4, True)
        self.b = Lone(4, False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.b(x)


class Gated(nn.Module):
    has_gate: Final[bool]
    scaled: Final[bool]

    def __init__(self, in_channels: int, squeeze: bool, scaled: bool) -> None:
        super().__init__()
        self.has_gate = squeeze
        self.scaled = scaled
        if squeeze:
            self.gate = nn.Sequential(
                nn.AdaptiveAvgPool2d(1), nn.Conv2d(in_channels, in_channels, 1), nn.Sigmoid()
            )
        if scaled:
            self.tanh = nn.Tanh()
        self.conv = nn.Conv2d(in_channels, in_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        out = x
        if self.has_gate:
            out = out * self.gate(x)
        if self.scaled:
            out = out * self.tanh(x)
        return self.conv(out)


class Gates(nn.Module):
    """Defaults: [4, 8, 8] -> [4, 8, 8]; 120 parameters; 4,128 multiply-adds.

    stem, a, b, c [4, 8, 8].
    """

    def __init__(self, squeeze: bool = True) -> None:
        super().__init__()
        self.stem = nn.Conv2d(4, 4, 1)
        self.a = Gated(4, squeeze, True)
        self.b = Gated(4, True, False)
        self.c = Gated(4, False, True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = self.a(x)
        x = self.b(x)
        return self.c(x)


class Averaged(nn.Module):
    has_one: Final[bool]
    has_conv0: Final[bool]

    def __init__(self, in_channels: int, n: int) -> None:
        super().__init__()
        self.has_one = n > 1
        self.has_conv0 = n > 2
        if self.has_one:
            self.one = nn.Conv2d(in_channels, in_channels, 1)
        self.two = nn.Conv2d(in_channels, in_channels, 3, padding=1)
        if self.has_conv0:
            self.conv0 = nn.Conv2d(in_channels, in_channels, 1)
            self.conv1 = nn.Conv2d(in_channels, in_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        tensors: list[Tensor] = []
        if self.has_one:
            tensors.append(self.one(x))
        tensors.append(self.two(x))
        if self.has_conv0:
            tensors.append(self.conv0(x))
            tensors.append(self.conv1(x))
        elif self.has_one:
            tensors.append(x)
        return torch.stack(tensors).mean(0)


class Means(nn.Module):
    """[4, 8, 8] -> [4, 8, 8]; 524 parameters; 31,744 multiply-adds.

    a, b, c [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Averaged(4, 1)
        self.b = Averaged(4, 2)
        self.c = Averaged(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        x = self.b(x)
        return self.c(x)


class None_(nn.Module):
    """None of the branches is certain: a class for each."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.b = nn.Conv2d(in_channels, in_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.b(x)


class None_2(nn.Module):
    """None of the branches is certain: a class for each."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.a = nn.Conv2d(in_channels, in_channels, 1)
        self.b = nn.Conv2d(in_channels, in_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.a(x) + self.b(x)


class None_3(nn.Module):
    """None of the branches is certain: a class for each."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.a = nn.Conv2d(in_channels, in_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.a(x)


class Nothing(nn.Module):
    """[4, 8, 8] -> [4, 8, 8]; 336 parameters; 20,480 multiply-adds.

    a, b, c [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = None_(4)
        self.b = None_2(4)
        self.c = None_3(4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        x = self.b(x)
        return self.c(x)
