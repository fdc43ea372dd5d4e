"""Blocks that are passed on, with more bound to them on the way."""

from collections.abc import Callable
from functools import partial
from typing import Final

from torch import Tensor, nn

__all__ = [
    "Handed",
    "Listed",
    "Listed2",
    "Slow",
    "Widened",
    "hyperbolic",
    "logistic",
    "narrow",
    "others",
    "wide",
]


class Unit(nn.Sequential):
    def __init__(
        self, in_channels: int, out: int, act: Callable[..., nn.Module] = nn.ReLU6, stride: int = 1
    ) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out, 3, stride=stride, padding=1),
            nn.BatchNorm2d(out),
            act(inplace=True),
        )


class Other(nn.Sequential):
    def __init__(
        self, in_channels: int, out: int, act: Callable[..., nn.Module] = nn.ReLU6, stride: int = 1
    ) -> None:
        super().__init__(nn.Conv2d(in_channels, out, 1, stride=stride), act(inplace=True))


class Row(nn.Sequential):
    def __init__(
        self,
        in_channels: int,
        n: int,
        body: Callable[..., nn.Module],
        body_channels: int,
        stride: int = 1,
    ) -> None:
        super().__init__(
            body(in_channels, stride=stride), *(body(body_channels) for _ in range(n - 1))
        )


class Widened(nn.Module):
    def __init__(
        self,
        in_channels: int,
        body: Callable[..., nn.Module],
        width: int,
        act: Callable[..., nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        self.rows = nn.Sequential(
            Row(in_channels, 1, partial(body, out=8 * width), body_channels=1),
            Row(8 * width, 2, partial(body, out=16 * width), body_channels=16 * width, stride=2),
        )
        layers: list[nn.Module] = []
        channels = 16 * width
        for n in [8, 9]:
            layers.append(body(channels, out=n, act=act))
            channels = n
        self.last = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        x = self.rows(x)
        return self.last(x)


class Activated(nn.Sequential):
    def __init__(self, in_channels: int, out: int, act: Callable[..., nn.Module]) -> None:
        super().__init__(nn.Conv2d(in_channels, out, 1), act())


class Listed(nn.Sequential):
    def __init__(self, in_channels: int) -> None:
        super().__init__(Activated(in_channels, 4, nn.ReLU), Activated(4, 4, nn.Tanh))


class Listed2(nn.Sequential):
    def __init__(self, in_channels: int) -> None:
        super().__init__(Activated(in_channels, 4, nn.ReLU), Activated(4, 4, nn.Sigmoid))


class Finished(nn.Sequential):
    def __init__(self, in_channels: int, out: int, act: Callable[..., nn.Module]) -> None:
        super().__init__(nn.Conv2d(in_channels, out, 1), act(out))


class Held(nn.Sequential):
    def __init__(
        self, in_channels: int, width: int, norm: Callable[..., nn.Module] = nn.BatchNorm2d
    ) -> None:
        super().__init__(
            nn.Conv2d(in_channels, width, 1), Finished(width, width, partial(norm, eps=0.001))
        )


class Slow(nn.Sequential):
    """An operator is passed on with one more argument, beside those that a caller has bound.

    [3, 8, 8] -> [4, 8, 8]; 92 parameters; 3,840 multiply-adds.

    0, 1 [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__(Held(3, 4), Held(4, 4, norm=partial(nn.BatchNorm2d, momentum=0.2)))


class Gated(nn.Module):
    """A layer that is handed in is made where it is used."""

    condition: Final[bool]

    def __init__(
        self,
        in_channels: int,
        width: int,
        wide: bool = True,
        act: Callable[..., nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        self.condition = not wide
        self.conv = nn.Conv2d(in_channels, width, 3, padding=1)
        if self.condition:
            self.act = act(inplace=True)
        else:
            self.global_avgpool = nn.AdaptiveAvgPool2d(1)
            self.hardsigmoid = nn.Hardsigmoid(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return self.act(x) if self.condition else x * self.hardsigmoid(self.global_avgpool(x))


class Handed(nn.Sequential):
    """Defaults: [3, h, w] -> [4, h, w] for h >= 1 and w >= 1; 1,100 parameters; 1,080 * h * w
    multiply-adds.

    0, 1 [8, h, w]; 2 [4, h, w].
    """

    def __init__(self, deep: bool = True) -> None:
        super().__init__(
            nn.Conv2d(3, 8, 3, padding=1), Gated(8, 8, wide=deep), Gated(8, 4, act=nn.ELU)
        )


def narrow() -> Widened:
    """[3, 8, 8] -> [9, 4, 4]; 5,643 parameters; 97,920 multiply-adds.

    rows [16, 4, 4]; last [9, 4, 4].
    """
    return Widened(3, Unit, 1)


def wide() -> Widened:
    """[3, 8, 8] -> [9, 4, 4]; 17,499 parameters; 296,064 multiply-adds.

    rows [32, 4, 4]; last [9, 4, 4].
    """
    return Widened(3, Unit, 2, act=nn.ReLU6)


def others() -> Widened:
    """[3, 8, 8] -> [9, 4, 4]; 665 parameters; 10,880 multiply-adds.

    rows [16, 4, 4]; last [9, 4, 4].
    """
    return Widened(3, Other, 1)


def hyperbolic() -> Listed:
    """Of a list of layers the code has each by itself.

    [3, 8, 8] -> [4, 8, 8]; 36 parameters; 1,792 multiply-adds.

    0, 1 [4, 8, 8].
    """
    return Listed(3)


def logistic() -> Listed2:
    """[3, 8, 8] -> [4, 8, 8]; 36 parameters; 1,792 multiply-adds.

    0, 1 [4, 8, 8].
    """
    return Listed2(3)
