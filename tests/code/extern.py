"""Classes of others: of one input and of two, in a block, in a loop, shared, and beside weights
that start as they are told.
"""

from typing import Final

import torch
from archdsl.testing.foreign import Blend, Mixed
from torch import Tensor, nn

__all__ = ["Foreign"]


def _kaiming_normal(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


class Unit(nn.Module):
    def __init__(self, in_channels: int, width: int, k: int = 1) -> None:
        super().__init__()
        self.conv = _kaiming_normal(nn.Conv2d(in_channels, width, 3, padding=1))
        self.relu = nn.ReLU(inplace=True)
        self.mixed = Mixed(width, width, k, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.conv(x))
        return self.mixed(x)


class Foreign(nn.Module):
    """Defaults: [3, 16, 16] -> [10]; unknown parameters; unknown multiply-adds.

    stem, fuse, both, after, layers [8, 16, 16]; fc [10].
    """

    condition: Final[bool]

    def __init__(self, width: int = 8, depth: int = 2, share: float = 0.25) -> None:
        super().__init__()
        self.condition = width > 4
        self.stem = Unit(3, width, k=3)
        self.both = Mixed(width, width, 1, bias=True)
        self.relu = nn.ReLU()
        self.after = _kaiming_normal(nn.Conv2d(width, width, 3, padding=1))
        self.fuse = Blend(share=share)
        self.layers = nn.Sequential(*(Unit(width, width) for _ in range(depth)))
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = self.fuse(self.relu(self.both(x)), self.after(x))
        if self.condition:
            x = self.both(x)
        x = torch.flatten(self.global_avgpool(self.layers(x)), 1)
        return self.fc(x)
