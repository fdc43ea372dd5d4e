"""Tensors that are read again: by their label, by a block's parameter, and as inputs."""

from typing import Final

import torch
from torch import Tensor, nn

__all__ = ["Either", "Entered", "Fusion", "Gated", "Skips", "UNet"]


def _kaiming_normal(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return module


class Double(nn.Sequential):
    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, width, 3, padding=1),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )


class Up(nn.Module):
    def __init__(self, in_channels: int, skip_channels: int, width: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(in_channels, width, 2, stride=2)
        self.dec = Double(skip_channels + width, width)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = torch.cat([skip, self.up(x)], 1)
        return self.dec(x)


class UNet(nn.Module):
    """Defaults: [1, 8 * h, 8 * w] -> [2, 8 * h, 8 * w] for h >= 1 and w >= 1; 14,434 parameters;
    206,336 * h * w multiply-adds.

    enc0 [8, 8 * h, 8 * w]; enc1 [16, 4 * h, 4 * w]; middle [32, 2 * h, 2 * w]; up1
    [16, 4 * h, 4 * w]; up0 [8, 8 * h, 8 * w]; head [2, 8 * h, 8 * w].
    """

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.enc0 = Double(1, width)
        self.maxpool = nn.MaxPool2d(2)
        self.enc1 = Double(width, 2 * width)
        self.maxpool2 = nn.MaxPool2d(2)
        self.middle = Double(2 * width, 4 * width)
        self.up1 = Up(4 * width, 2 * width, 2 * width)
        self.up0 = Up(2 * width, width, width)
        self.head = nn.Conv2d(width, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        enc0 = self.enc0(x)
        x = self.maxpool(enc0)
        enc1 = self.enc1(x)
        x = self.maxpool2(enc1)
        x = self.middle(x)
        x = self.up1(x, enc1)
        return self.head(self.up0(x, enc0))


class Attend(nn.Module):
    def __init__(self, y_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(y_channels, 1, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor, x2: Tensor, y: Tensor) -> Tensor:
        return x + x2 * self.sigmoid(self.conv(y))


class GatedInner(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.d = nn.Conv2d(8, 8, 3, padding=1)
        self.e = nn.Conv2d(8, 8, 1)

    def forward(self, x: Tensor, a: Tensor) -> Tensor:
        d = self.d(x)
        return torch.cat([d, self.e(d), a], 1)


class Gated(nn.Module):
    """[4, 8, 8] -> [4, 8, 8]; 1,645 parameters; 102,912 multiply-adds.

    a, c, gate [8, 8, 8]; inner [24, 8, 8]; f [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 8, 3, padding=1)
        self.b = nn.ReLU()
        self.c = nn.Conv2d(8, 8, 3, padding=1)
        self.gate = Attend(8)
        self.inner = GatedInner()
        self.f = nn.Conv2d(24, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.a(x)
        b = self.b(a)
        x = self.c(b)
        x = self.gate(x, a, b)
        return self.f(self.inner(x, a))


class Fusion(nn.Module):
    """Defaults: [3, 16, 16] and [1, 16, 16] -> [10]; 418 parameters; 64,632 multiply-adds.

    stem_rgb [8, 16, 16]; stem_depth [4, 16, 16]; fc [10].
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.stem_rgb = Double(3, 8)
        self.stem_depth = Double(1, 4)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(12, classes)

    def forward(self, rgb: Tensor, depth: Tensor) -> Tensor:
        x = self.global_avgpool(torch.cat([self.stem_rgb(rgb), self.stem_depth(depth)], 1))
        return self.fc(torch.flatten(x, 1))


class Summed(nn.Module):
    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out, 3, padding=1)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.conv(x) + y


class Stacked(nn.Module):
    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out, 3, padding=1)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return torch.cat([self.conv(x), y], 1)


class Either(nn.Module):
    """One of two blocks, with the same tensor beside; and a label that an `if` makes on both
    sides.

    Defaults: [4, 8, 8] -> [2, 8, 8]; 898 parameters; 56,320 multiply-adds.

    inc [4, 8, 8]; up, left [8, 8, 8]; head [2, 8, 8].
    """

    def __init__(self, joined: bool = True, thin: bool = False) -> None:
        super().__init__()
        self.inc = nn.Conv2d(4, 4, 3, padding=1)
        self.up = Stacked(4, 4) if joined else Summed(4, 4)
        in_channels = 8 if joined else 4
        self.left = (
            _kaiming_normal(
                nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
            )
            if thin
            else nn.Conv2d(in_channels, 8, 3, padding=1)
        )
        self.relu = nn.ReLU()
        self.head = nn.Conv2d(in_channels if thin else 8, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        inc = self.inc(x)
        left = self.left(self.up(inc, inc))
        return self.head(self.relu(left) + left)


class Maybe(nn.Module):
    deep: Final[bool]

    def __init__(self, in_channels: int, deep: bool) -> None:
        super().__init__()
        self.deep = deep
        self.extra = nn.Conv2d(in_channels, 4, 3, padding=1) if deep else nn.Identity()
        if deep:
            self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        extra = self.extra(x)
        return self.relu(extra) + extra if self.deep else extra


class Skipping(nn.Module):
    use: Final[bool]

    def __init__(self, in_channels: int, use: bool) -> None:
        super().__init__()
        self.use = use
        self.conv = nn.Conv2d(in_channels, 4, 3, padding=1)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        x = self.conv(x)
        if self.use:
            x = x + y
        return x


class Skips(nn.Module):
    """Tensors that exist, or are read, under a condition.

    [4, 8, 8] -> [4, 8, 8]; 592 parameters; 36,864 multiply-adds.

    a, b, stem, c, d [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Maybe(4, True)
        self.b = Maybe(4, False)
        self.stem = nn.Conv2d(4, 4, 3, padding=1)
        self.c = Skipping(4, True)
        self.d = Skipping(4, False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        stem = self.stem(self.b(x))
        x = self.c(stem, stem)
        return self.d(x, stem)


class Labelled(nn.Module):
    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out, 1)
        self.bn = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        out = self.bn(self.conv(x))
        return x + out


class Entered(nn.Module):
    """A label on what is there already.

    [3, 8, 8] -> [3, 8, 8]; 36 parameters; 1,152 multiply-adds.

    one, two [3, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.one = Labelled(3, 3)
        self.two = Labelled(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        here = self.one(x)
        x = self.two(here)
        return here + x
