"""Gains and biases that start in ways of their own, some where a parameter says so."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["Alike", "Chosen", "Gains", "Unlike"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)


def _constant(module: nn.BatchNorm2d, gain: float) -> nn.Module:
    nn.init.constant_(module.weight, gain)
    return module


def _constant_with_bias(module: nn.BatchNorm2d, gain: float) -> nn.Module:
    nn.init.constant_(module.weight, gain)
    nn.init.constant_(module.bias, 0.5)
    return module


def _kaiming_normal(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return module


def _normal(module: nn.Conv2d, std: float) -> nn.Module:
    nn.init.normal_(module.weight, std=std)
    return module


class Unit(nn.Module):
    def __init__(self, in_channels: int, out: int, gain_init: float = 1.0) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=False)
        self.norm2 = _constant(nn.BatchNorm2d(out), gain=gain_init)
        self.last = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.norm1(self.conv1(x)))
        x = self.relu(self.norm2(self.conv2(out)) + x)
        return self.last(x)


class Unit2(nn.Module):
    def __init__(self, in_channels: int, out: int, gain: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out)
        self.last = _constant_with_bias(nn.BatchNorm2d(out), gain=gain)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.norm1(self.conv1(x)))
        x = self.relu(self.norm2(self.conv2(out)) + x)
        return self.last(x)


class Gains(nn.Module):
    """One function starts all convolutions; some normalisations start in other ways than the
    rest.

    Defaults: [8, 16, 16] -> [10]; 4,890 parameters; 1,179,728 multiply-adds.

    a, b, c, d [8, 16, 16]; fc [10].
    """

    def __init__(self, classes: int = 10, gain: float = 0.0) -> None:
        super().__init__()
        self.a = Unit(8, 8, gain_init=gain)
        self.b = Unit(8, 8)
        self.c = Unit2(8, 8, 1)
        self.d = Unit2(8, 8, 0)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        x = self.b(x)
        x = self.c(x)
        x = torch.flatten(self.global_avgpool(self.d(x)), 1)
        return self.fc(x)


class Plain(nn.Module):
    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.conv = _kaiming_normal(nn.Conv2d(in_channels, out, 3, padding=1, bias=False))
        self.norm = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))


class Other(nn.Module):
    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.conv = _normal(nn.Conv2d(in_channels, out, 3, padding=1, bias=False), std=0.1)
        self.norm = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))


class Doubled(nn.Module):
    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv2(self.norm1(self.conv1(x)))
        return self.norm2(x)


class Alike(nn.Module):
    """One function starts all convolutions, though another network has two ways.

    [8, 8, 8] -> [8, 8, 8]; 1,776 parameters; 110,592 multiply-adds.

    a, b [8, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Plain(8, 8)
        self.b = Doubled(8, 8)
        self.relu = nn.ReLU()
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.relu(self.b(x))


class Unlike(nn.Module):
    """Each convolution is started where it is made, in the blocks of this network.

    [8, 8, 8] -> [8, 8, 8]; 1,184 parameters; 73,728 multiply-adds.

    a, b [8, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Plain(8, 8)
        self.b = Other(8, 8)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.relu(self.b(x))


class Chosen(nn.Sequential):
    """A number of a start that a condition chooses which no default meets.

    Defaults: [4, 8, 8] -> [8, 8, 8]; 672 parameters; 43,008 multiply-adds.

    0, 1, 2 [8, 8, 8].
    """

    def __init__(self, a: int = 8, e: int = 8, widths: Sequence[int] = (8,)) -> None:
        super().__init__(
            _kaiming_normal(nn.Conv2d(4, widths[0], 1, bias=False)),
            _normal(
                nn.Conv2d(widths[0], a, 3, padding=1, bias=False),
                std=0.1 if (a == e or a != 12) or len(widths) > 1 else 0.2,
            ),
            _kaiming_normal(nn.Conv2d(a, e, 1, bias=False)),
        )
