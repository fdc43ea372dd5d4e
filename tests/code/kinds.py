"""Modules of different kinds, each with a start of its own."""

import torch
from torch import Tensor, nn

__all__ = ["Alike", "Features", "Unlike"]


def _init_alike_weights(module: nn.Module) -> None:
    if isinstance(module, nn.BatchNorm2d):
        nn.init.zeros_(module.weight)


def _init_unlike_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)


def _init_features_weights(module: nn.Module) -> None:
    if isinstance(module, nn.BatchNorm2d):
        nn.init.zeros_(module.weight)
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm1d):
        nn.init.constant_(module.weight, 0.5)


def _constant(module: nn.BatchNorm2d, gain: float) -> nn.Module:
    nn.init.constant_(module.weight, gain)
    return module


class Gate(nn.Module):
    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, width, 1)
        self.bn = _constant(nn.BatchNorm2d(width), gain=0)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(x))


class Alike(nn.Module):
    """All normalisations start alike: one function does it.

    [3, 8, 8] -> [8, 8, 8]; 136 parameters; 5,632 multiply-adds.

    a, b [8, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Gate(3, 8)
        self.b = Gate(8, 8)
        self.apply(_init_alike_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.b(x)


class Unlike(nn.Module):
    """The function of another network must leave these normalisations alone.

    Defaults: [3, 8, 8] -> [10]; 226 parameters; 5,712 multiply-adds.

    a, b, bn [8, 8, 8]; fc [10].
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.a = Gate(3, 8)
        self.b = nn.Conv2d(8, 8, 1)
        self.bn = nn.BatchNorm2d(8)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, classes)
        self.apply(_init_unlike_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn(self.b(self.a(x)))
        return self.fc(torch.flatten(self.global_avgpool(x), 1))


class Features(nn.Module):
    """A normalisation of features starts in another way than those of maps.

    Defaults: [3, 8, 8] -> [10]; 394 parameters; 1,824 multiply-adds.

    a [8, 8, 8]; fc1, norm [16]; fc2 [10].
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.a = Gate(3, 8)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Linear(8, 16)
        self.norm = nn.BatchNorm1d(16)
        self.fc2 = nn.Linear(16, classes)
        self.apply(_init_features_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.flatten(self.global_avgpool(self.a(x)), 1)
        return self.fc2(self.norm(self.fc1(x)))
