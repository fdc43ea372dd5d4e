"""Norms and activations as arguments, also with arguments of their own."""

from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

__all__ = ["Batch", "Grouped", "Leaky"]


class Unit(nn.Module):
    def __init__(
        self,
        in_channels: int,
        out: int,
        norm: Callable[..., nn.Module] = nn.BatchNorm2d,
        act: Callable[..., nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out, 3, padding=1, bias=False)
        self.bn = norm(out)
        self.act = act(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        x = self.bn(x)
        return self.act(x)


class Stack(nn.Module):
    def __init__(
        self, in_channels: int, width: int, norm: Callable[..., nn.Module] = nn.BatchNorm2d
    ) -> None:
        super().__init__()
        self.one = Unit(in_channels, width, norm=norm)
        self.two = Unit(width, width, norm=norm, act=nn.SiLU)

    def forward(self, x: Tensor) -> Tensor:
        x = self.one(x)
        return self.two(x)


class Batch(nn.Module):
    """Defaults: [3, 8, 8] -> [8, 8, 8]; 1,416 parameters; 87,552 multiply-adds.

    a, b [8, 8, 8].
    """

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.a = Stack(3, width)
        self.b = Unit(width, width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.b(x)


class Grouped(nn.Module):
    """Defaults: [3, 8, 8] -> [8, 8, 8]; 1,416 parameters; 87,552 multiply-adds.

    a, b [8, 8, 8].
    """

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.a = Stack(3, width, norm=partial(nn.GroupNorm, 4))
        self.b = Unit(width, width, norm=partial(nn.GroupNorm, 2))

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.b(x)


class Leaky(nn.Module):
    """Defaults: [3, 8, 8] -> [8, 8, 8]; 824 parameters; 50,688 multiply-adds.

    a, b [8, 8, 8].
    """

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.a = Unit(
            3, width, norm=partial(nn.BatchNorm2d, eps=0.001), act=partial(nn.LeakyReLU, 0.2)
        )
        self.b = Unit(width, width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.b(x)
