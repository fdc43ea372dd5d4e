"""Loops: counted, over lists, with channels that change, and with a filter."""

from collections import OrderedDict
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "Branches",
    "Containers",
    "Counted",
    "Deciding",
    "Dropped",
    "Filtered",
    "Growing",
    "Listed",
    "Overtaken",
    "Summed",
    "Zipped",
]


class Dense(nn.Module):
    def __init__(self, in_channels: int, n: int, growth: int) -> None:
        super().__init__()
        channels = in_channels
        for i in range(n):
            self.add_module(f"{i}", nn.Conv2d(channels, growth, 3, padding=1))
            channels += growth

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.children():
            x = torch.cat([x, layer(x)], 1)
        return x


class Stage(nn.Sequential):
    def __init__(self, in_channels: int, n: int, width: int, stride: int = 1) -> None:
        layers: list[nn.Module] = [nn.Conv2d(in_channels, width, 3, stride=stride, padding=1)]
        for _ in range(n - 1):
            layers += [nn.Conv2d(width, width, 3, padding=1), nn.ReLU(inplace=True)]
        super().__init__(*layers)


class Counted(nn.Sequential):
    """Defaults: [3, 8, 8] -> [12, 8, 8]; 616 parameters; 37,632 multiply-adds.

    0 … 5 [4, 8, 8]; 7 [12, 8, 8].
    """

    def __init__(self, n: int = 3, w: int = 4) -> None:
        layers: list[nn.Module] = [nn.Conv2d(3, w, 3, padding=1)]
        for _ in range(n):
            layers += [nn.Conv2d(w, w, 3, padding=1), nn.ReLU(inplace=True)]
        layers.append(nn.Conv2d(w, w * n, 1))
        super().__init__(*layers)


class Growing(nn.Module):
    """Defaults: [3, 8, 8] -> [2, 8, 8]; 5,078 parameters; 322,560 multiply-adds.

    stem [8, 8, 8]; dense [20, 8, 8]; more [36, 8, 8]; head [2, 8, 8].
    """

    def __init__(self, n: int = 3, growth: int = 4) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.dense = Dense(8, n, growth)
        in_channels = 8 + n * growth
        self.more = Dense(in_channels, 2, 2 * growth)
        self.head = nn.Conv2d(in_channels + 4 * growth, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = self.dense(x)
        return self.head(self.more(x))


class Listed(nn.Module):
    """Defaults: [3, 16, 16] -> [12]; 17,908 parameters; 497,952 multiply-adds.

    features [24, 4, 4]; fc [12].
    """

    def __init__(self, widths: Sequence[int] = (8, 16, 24)) -> None:
        super().__init__()
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        channels = 3
        for i, w in enumerate(widths):
            layers[f"stage{i}"] = Stage(channels, i + 1, w, stride=min(i + 1, 2))
            channels = w
        self.features = nn.Sequential(layers)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, widths[2] // 2)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.flatten(self.global_avgpool(self.features(x)), 1)
        return self.fc(x)


class Filtered(nn.Sequential):
    """Defaults: [3, 8, 8] -> [40, 8, 8]; 1,248 parameters; 75,264 multiply-adds.

    0 [8, 8, 8]; 2 [24, 8, 8]; 4 [40, 8, 8].
    """

    def __init__(self, n: int = 6) -> None:
        layers: list[nn.Module] = []
        channels = 3
        for i in range(1, n):
            if i % 2 == 1:
                layers += [nn.Conv2d(channels, 8 * i, 1), nn.ReLU(inplace=True)]
                channels = 8 * i
        super().__init__(*layers)


class Branches(nn.Module):
    """The number of branches cannot vary in one class, so `n` is fixed in the code.

    Defaults: [3, 8, 8] -> [12, 8, 8]; 492 parameters; 29,952 multiply-adds.

    0, 1, 2 [4, 8, 8]; 3 [12, 8, 8].
    """

    def __init__(self, w: int = 4) -> None:
        super().__init__()
        self.add_module("0", nn.Conv2d(3, w, 3, padding=1))
        self.add_module("1", nn.Conv2d(3, w, 3, padding=1))
        self.add_module("2", nn.Conv2d(3, w, 3, padding=1))
        self.add_module("3", nn.Conv2d(3 * w, w * 3, 1))

    def forward(self, x: Tensor) -> Tensor:
        conv, conv2, conv3, conv4 = self.children()
        return conv4(torch.cat([conv(x), conv2(x), conv3(x)], 1))


class Twice(nn.Module):
    def __init__(self, in_channels: int, n: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = in_channels
        for _ in range(n):
            layers.append(nn.Conv2d(channels, 8, 3, padding=1))
            channels = 8
        self.left = nn.Sequential(*layers)
        layers = []
        for _ in range(n):
            layers += [nn.Conv2d(channels, 4, 3, padding=1), nn.ReLU(inplace=True)]
            channels = 4
        self.right = nn.Sequential(*layers)
        layers2: OrderedDict[str, nn.Module] = OrderedDict()
        for i in range(n):
            layers2[f"a{i}"] = nn.Conv2d(channels, 4, 1)
        self.named = nn.Sequential(layers2)
        self.c = nn.Conv2d(channels, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.left(x)
        x = self.right(x)
        x = self.named(x)
        return x + self.c(x)


class Containers(nn.Module):
    """[3, 8, 8] -> [4, 8, 8]; 3,440 parameters; 214,528 multiply-adds.

    a, b [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Twice(3, 2)
        self.b = Twice(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.b(x)


class NoisyBody(nn.Module):
    def __init__(self, n: int, in_channels: int) -> None:
        super().__init__()
        for i in range(n):
            self.add_module(f"conv{i}", nn.Conv2d(in_channels, 4, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.children():
            x = layer(x) + F.dropout(x, 0.1, training=self.training)
        return x


class Noisy(nn.Module):
    """A function in a loop over children, which must know whether the network is trained."""

    def __init__(self, in_channels: int, n: int) -> None:
        super().__init__()
        self.body = NoisyBody(n, in_channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x)


class Dropped(nn.Sequential):
    """Defaults: [4, 8, 8] -> [4, 8, 8]; 760 parameters; 47,104 multiply-adds.

    0, 1, 2 [4, 8, 8].
    """

    def __init__(self, n: int = 2) -> None:
        super().__init__(Noisy(4, n), Noisy(4, 3), nn.Conv2d(4, 4, 1))


class Overtaken(nn.Module):
    """Channels that change in two loops of one scope, and a layer between them that reads what they
    were.

    Defaults: [3, 8, 8] -> [12, 8, 8]; 1,374 parameters; 84,224 multiply-adds.

    stem [8, 8, 8]; body [12, 8, 8].
    """

    def __init__(self, width: int = 8, widths: Sequence[int] = (4, 8)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for v in widths:
            layers.append(nn.Conv2d(channels, v, 1))
            channels = v
        self.stem = nn.Sequential(*layers)
        layers2: OrderedDict[str, nn.Module] = OrderedDict()
        layers2["conv"] = nn.Conv2d(channels, width, 1)
        layers = []
        channels = width
        for v in widths:
            layers.append(nn.Conv2d(channels, v, 1))
            channels = v
        layers2["left"] = nn.Sequential(*layers)
        layers2["conv2"] = nn.Conv2d(channels, width, 1)
        layers = []
        channels = width
        for v in [6, 12]:
            layers.append(nn.Conv2d(channels, v, 3, padding=1))
            channels = v
        layers2["right"] = nn.Sequential(*layers)
        self.body = nn.Sequential(layers2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        return self.body(x)


class DecidingBody(nn.Module):
    def __init__(self, n: int, deep: bool) -> None:
        super().__init__()
        for i in range(n):
            if i == 0:
                self.add_module(f"{i}", nn.Conv2d(8, 8, 3, padding=1))
            elif deep:
                self.add_module(f"{i}", nn.Conv2d(8, 8, 1))
            else:
                self.add_module(f"{i}", nn.BatchNorm2d(8))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.children():
            x = x + layer(x)
        return x


class Deciding(nn.Module):
    """Sums whose layer the turn decides, and sums over lists of layers that differ.

    Defaults: [8, 8, 8] -> [8, 8, 8]; 728 parameters; 45,056 multiply-adds.

    body [8, 8, 8].
    """

    def __init__(self, n: int = 3, deep: bool = True) -> None:
        super().__init__()
        self.body = DecidingBody(n, deep)

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x)


class Grown(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.add_module("0", nn.Conv2d(in_channels, 4, 3, padding=1))
        self.add_module("1", nn.Conv2d(in_channels + 4, 4, 1))
        self.add_module("2", nn.Conv2d(in_channels + 8, in_channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        conv, conv2, conv3 = self.children()
        x = torch.cat([x, conv(x)], 1)
        return conv3(torch.cat([x, conv2(x)], 1))


class Grown2(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.add_module("0", nn.BatchNorm2d(in_channels))
        self.add_module("1", nn.Conv2d(2 * in_channels, in_channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        bn, conv = self.children()
        return conv(torch.cat([x, bn(x)], 1))


class Sums(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.add_module("0", nn.Conv2d(in_channels, 8, 3, padding=1))
        self.add_module("1", nn.BatchNorm2d(in_channels))

    def forward(self, x: Tensor) -> Tensor:
        conv, bn = self.children()
        x = x + conv(x)
        return x + bn(x)


class Sums2(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.add_module("0", nn.Conv2d(in_channels, 8, 1))

    def forward(self, x: Tensor) -> Tensor:
        (conv,) = self.children()
        return x + conv(x)


def sums() -> nn.Module:
    return nn.Identity()


class Summed(nn.Module):
    """[8, 8, 8] -> [8, 8, 8]; 1,304 parameters; 78,848 multiply-adds.

    a, b, c, d, e [8, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Sums(8)
        self.b = Sums2(8)
        self.c = sums()
        self.d = Grown(8)
        self.e = Grown2(8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        x = self.b(x)
        x = self.c(x)
        x = self.d(x)
        return self.e(x)


class Zipped(nn.Module):
    """The layer behind a loop reads the last items, of lists of one length or of two.

    Defaults: [3, 8, 8] -> [8, 8, 8]; 1,276 parameters; 79,360 multiply-adds.

    s0 [8, 8, 8]; s1 [12, 8, 8]; t0, conv [8, 8, 8].
    """

    def __init__(self, a: int = 8, b: int = 8) -> None:
        super().__init__()
        self.s0 = nn.Conv2d(3, a, 3, padding=1)
        self.s1 = nn.Conv2d(a, b + 4, 1)
        self.t0 = nn.Conv2d(b + 4, a, 3, padding=1)
        self.conv = nn.Conv2d(a, a, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.t0(self.s1(self.s0(x)))
        return self.conv(x)
