"""Layers as arguments: blocks, ops, with arguments bound, chains and lists."""

from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

__all__ = ["Attended", "Nested", "Tower", "Tower2", "pooled", "towers"]


class Squeeze(nn.Module):
    def __init__(
        self, in_channels: int, r: int = 4, gate: Callable[..., nn.Module] = nn.Sigmoid
    ) -> None:
        super().__init__()
        self.add_module("0", nn.AdaptiveAvgPool2d(1))
        self.add_module("1", nn.Conv2d(in_channels, in_channels // r, 1))
        self.add_module("2", nn.ReLU(inplace=True))
        self.add_module("3", nn.Conv2d(in_channels // r, in_channels, 1))
        self.add_module("4", gate())

    def forward(self, x: Tensor) -> Tensor:
        global_avgpool, conv, relu, conv2, gate = self.children()
        out = relu(conv(global_avgpool(x)))
        return x * gate(conv2(out))


class Residual(nn.Module):
    def __init__(
        self,
        in_channels: int,
        width: int,
        kernel: int = 3,
        attention: Callable[..., nn.Module] = nn.Identity,
        activation: Callable[..., nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(in_channels, width, kernel, padding=kernel // 2),
            nn.BatchNorm2d(width),
            attention(width),
        )
        self.activation = activation(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.body(x)
        return self.activation(x)


class Attended(nn.Module):
    """Defaults: [3, 8, 8] -> [8, 8, 8]; 3,808 parameters; 226,944 multiply-adds.

    stem, a, b, c, d [8, 8, 8].
    """

    def __init__(self, w: int = 8) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, w, 3, padding=1)
        self.a = Residual(w, w)
        self.b = Residual(w, w, attention=Squeeze)
        self.c = Residual(w, w, kernel=5, attention=partial(Squeeze, r=2))
        self.d = Residual(
            w,
            w,
            attention=partial(Squeeze, gate=nn.Hardsigmoid),
            activation=partial(nn.LeakyReLU, 0.2),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = self.a(x)
        x = self.b(x)
        x = self.c(x)
        return self.d(x)


class Tower(nn.Sequential):
    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out, 3, padding=1),
            nn.BatchNorm2d(out),
            nn.Conv2d(out, 2 * out, 3, padding=1),
            nn.Conv2d(2 * out, 4, 1),
        )


class Tower2(nn.Sequential):
    def __init__(self, in_channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, 8, 3, padding=1), nn.MaxPool2d(2), nn.Conv2d(8, 4, 1)
        )


class Recursive(nn.Module):
    def __init__(self, in_channels: int, depth: int, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, width, 3, padding=1)
        self.below = Recursive(width, depth - 1, 2 * width) if depth > 0 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return self.below(x)


class Nested(nn.Module):
    """Defaults: [3, 8, 8] -> [16, 8, 8]; 1,576 parameters; 99,072 multiply-adds.

    top [16, 8, 8].
    """

    def __init__(self, depth: int = 2) -> None:
        super().__init__()
        self.top = Recursive(3, depth, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.top(x)


def towers(w: int = 8) -> Tower:
    """Defaults: [3, 16, 16] -> [4, 16, 16]; 1,476 parameters; 366,592 multiply-adds.

    0, 1 [8, 16, 16]; 2 [16, 16, 16]; 3 [4, 16, 16].
    """
    return Tower(3, w)


def pooled() -> Tower2:
    """[3, 16, 16] -> [4, 8, 8]; 260 parameters; 57,344 multiply-adds.

    0 [8, 16, 16]; 2 [4, 8, 8].
    """
    return Tower2(3)
