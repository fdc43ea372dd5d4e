"""Blocks that are given lists of layers of several lengths and kinds: their callers make the
layers.
"""

from torch import Tensor, nn

__all__ = ["Labelled", "Looped", "Nested", "Plain", "Within"]


class Unit(nn.Module):
    def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.add_module("0", nn.Conv2d(in_channels, width, 3, stride=stride, padding=1))
        self.add_module("1", nn.BatchNorm2d(width))
        self.add_module("2", nn.ReLU(inplace=True))
        self.add_module("3", nn.Conv2d(width, width, 3, padding=1))
        self.add_module("4", nn.Conv2d(in_channels, width, 1, stride=stride))
        self.add_module("5", nn.ReLU(inplace=True))

    def forward(self, x: Tensor) -> Tensor:
        conv, bn, relu, conv2, conv3, relu2 = self.children()
        out = relu(bn(conv(x)))
        return relu2(conv2(out) + conv3(x))


class Group(nn.Sequential):
    def __init__(self, *layers: nn.Module) -> None:
        super().__init__(*layers)


class Tail(nn.Module):
    def __init__(
        self, in_channels: int, width: int, body_channels: int, *layers: nn.Module, last: int = 0
    ) -> None:
        super().__init__()
        self.pre = nn.Conv2d(in_channels, width, 1)
        self.body = nn.Sequential(*layers)
        self.norm = nn.BatchNorm2d(body_channels)
        self.last = nn.Conv2d(4, last, 1) if last > 0 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        x = self.pre(x)
        return self.last(self.norm(self.body(x)))


class Behind(nn.Sequential):
    def __init__(self, in_channels: int, *layers: nn.Module, width: int = 8) -> None:
        super().__init__(nn.Conv2d(in_channels, width, 3, padding=1), *layers, nn.ReLU())


class Plain(nn.Module):
    """Defaults: [3, 32, 32] -> [10]; 18,914 parameters; 5,357,648 multiply-adds.

    stem [16, 16, 16]; group [8, 16, 16]; head [10].
    """

    def __init__(self, w: int = 8) -> None:
        super().__init__()
        self.stem = Group(Unit(3, w), Unit(w, 2 * w, stride=2))
        self.group = Group(
            Unit(2 * w, 2 * w),
            nn.ReLU(),
            Unit(2 * w, 3 * w),
            nn.Conv2d(3 * w, w, 1),
            nn.BatchNorm2d(w),
        )
        self.head = Group(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(w, 10))

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = self.group(x)
        return self.head(x)


class Within(nn.Sequential):
    """Defaults: [3, 32, 32] -> [8, 32, 32]; 13,268 parameters; 13,078,528 multiply-adds.

    0 [8, 32, 32]; 1 [16, 32, 32]; 2 [4, 32, 32]; 3, 4 [8, 32, 32].
    """

    def __init__(self, w: int = 8, n: int = 3) -> None:
        super().__init__(
            Tail(3, 12, w, Unit(12, w), nn.ReLU()),
            Tail(w, w, 4, Unit(w, w), Unit(w, 2 * w), Unit(2 * w, 4), last=16),
            Tail(16, 4, 4, *(Unit(4, 4) for _ in range(n)), nn.ReLU()),
            Behind(4, Unit(8, w), nn.BatchNorm2d(w)),
            Behind(w, nn.BatchNorm2d(2 * w), nn.BatchNorm2d(2 * w), Unit(2 * w, w), width=2 * w),
        )


class Looped(nn.Module):
    """Defaults: [3, 32, 32] -> [24, 4, 4]; 81,504 parameters; 20,232,192 multiply-adds.

    group [8, 32, 32]; group2 [16, 32, 32]; group3 [24, 32, 32]; stage0 [8, 16, 16]; stage1
    [16, 8, 8]; stage2 [24, 4, 4].
    """

    def __init__(self, widths: tuple[int, int, int] = (8, 16, 24)) -> None:
        super().__init__()
        self.group = Group(Unit(3, widths[0]), nn.ReLU())
        self.group2 = Group(Unit(widths[0], widths[1]), nn.ReLU())
        self.group3 = Group(Unit(widths[1], widths[2]), nn.ReLU())
        width = 2 * widths[0]
        self.stage0 = Group(
            Unit(widths[-1], widths[0]),
            Unit(widths[0], width, stride=2),
            nn.Conv2d(width, widths[0], 1),
        )
        unit_width = 2 * widths[1]
        self.stage1 = Group(
            Unit(widths[0], widths[1]),
            Unit(widths[1], unit_width, stride=2),
            nn.Conv2d(unit_width, widths[1], 1),
        )
        unit_width2 = 2 * widths[2]
        self.stage2 = Group(
            Unit(widths[1], widths[2]),
            Unit(widths[2], unit_width2, stride=2),
            nn.Conv2d(unit_width2, widths[2], 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.group(x)
        x = self.group2(x)
        x = self.group3(x)
        x = self.stage0(x)
        x = self.stage1(x)
        return self.stage2(x)


class Nested(nn.Sequential):
    """Defaults: [3, 32, 32] -> [8, 32, 32]; 10,200 parameters; 10,141,696 multiply-adds.

    0, 1 [8, 32, 32].
    """

    def __init__(self, w: int = 8, deep: bool = True) -> None:
        super().__init__(
            Group(Group(Unit(3, w), Unit(w, w)), Group(Unit(w, 2 * w), nn.ReLU(), Unit(2 * w, w))),
            Group(
                Unit(w, w) if deep else nn.Conv2d(w, w, 3, padding=1), Unit(w, w), nn.BatchNorm2d(w)
            ),
        )


class Named(nn.Module):
    """Layers that have names stay in their block, which is a class for every list."""

    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(in_channels, out, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.first(x))


class Named2(nn.Module):
    """Layers that have names stay in their block, which is a class for every list."""

    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out, 3, padding=1)
        self.first = nn.Conv2d(out, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.first(self.conv(x))


class Labelled(nn.Sequential):
    """Defaults: [3, 8, 8] -> [4, 8, 8]; 280 parameters; 17,152 multiply-adds.

    0, 1 [4, 8, 8].
    """

    def __init__(self, w: int = 4) -> None:
        super().__init__(Named(3, w), Named2(w, w))
