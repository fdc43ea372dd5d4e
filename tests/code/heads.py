"""Heads that exist in training alone: in the network, and in a block that it calls."""

from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

__all__ = ["Heads", "HeadsOutputs", "Optional", "OptionalOutputs"]


class Head(nn.Module):
    def __init__(self, in_channels: int, classes: int) -> None:
        super().__init__()
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(in_channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(torch.flatten(self.global_avgpool(x), 1))


class Stage(nn.Module):
    has_early: Final[bool]

    def __init__(self, in_channels: int, width: int, classes: int, side: bool = False) -> None:
        super().__init__()
        self.has_early = side
        self.conv = nn.Conv2d(in_channels, width, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        if side:
            self.early = Head(width, classes)
        self.bn = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        x = self.relu(self.conv(x))
        early: Tensor | None = None
        if self.has_early:
            if self.training:
                early = self.early(x)
        return self.bn(x), early


class HeadsOutputs(NamedTuple):
    """What `Heads` gives in training."""

    output: Tensor
    early: Tensor | None
    late: Tensor | None


class Heads(nn.Module):
    """Defaults: [3, 16, 16] -> [10]; 1,950 parameters (1,610 without what exists in training
    alone); 350,368 multiply-adds.

    s1 [8, 16, 16]; s2 [16, 16, 16]; late, head [10].
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.s1 = Stage(3, 8, classes)
        self.s2 = Stage(8, 16, classes, side=True)
        self.late = Head(16, classes)
        self.head = Head(16, classes)

    def forward(self, x: Tensor) -> Tensor | HeadsOutputs:
        x, _ = self.s1(x)
        x, early = self.s2(x)
        late: Tensor | None = None
        if self.training:
            late = self.late(x)
        x = self.head(x)
        if self.training:
            return HeadsOutputs(x, early, late)
        return x


class OptionalOutputs(NamedTuple):
    """What `Optional` gives in training."""

    output: Tensor
    side: Tensor | None


class Optional(nn.Module):
    """A head that a parameter leaves out: then its result is None.

    Defaults: [3, 16, 16] -> [10]; 404 parameters (314 without what exists in training alone);
    55,376 multiply-adds.

    conv [8, 16, 16]; side, head [10].
    """

    has_side: Final[bool]

    def __init__(self, classes: int = 10, early: bool = True) -> None:
        super().__init__()
        self.has_side = early
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        if early:
            self.side = Head(8, classes)
        self.head = Head(8, classes)

    def forward(self, x: Tensor) -> Tensor | OptionalOutputs:
        x = self.conv(x)
        side: Tensor | None = None
        if self.has_side:
            if self.training:
                side = self.side(x)
        x = self.head(x)
        if self.training:
            return OptionalOutputs(x, side)
        return x
