"""The networks of functions.arch."""

import math
from collections.abc import Sequence
from itertools import accumulate

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Ends", "Net"]


class DropPath(nn.Module):
    """Drops a whole sample, or the whole batch, with probability `p` while training."""

    def __init__(self, p: float, mode: str = "row") -> None:
        super().__init__()
        self.p = p
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        count = x.size(0) if self.mode == "row" else 1
        kept = F.dropout(x.new_ones([count]), self.p)
        return (x.transpose(0, -1) * kept).transpose(0, -1)


class Unit(nn.Module):
    def __init__(self, in_channels: int, out: int, stride: int, p: float) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(in_channels, out, 3, stride=stride, padding=1)
        self.bn1 = nn.BatchNorm2d(out)
        self.drop_path = DropPath(p)

    def forward(self, x: Tensor) -> Tensor:
        return self.drop_path(self.bn1(self.c1(x)))


class Stages(nn.Module):
    """Stochastic depth that grows with every block of every stage."""

    def __init__(self, in_channels: int, depths: list[int], widths: list[int], drop: float) -> None:
        super().__init__()
        total = sum(depths)
        layers: list[nn.Module] = []
        channels = in_channels
        for j in range(depths[0]):
            layers.append(
                Unit(
                    channels, widths[0], 2 if j == 0 else 1, p=drop * (sum(depths[:0]) + j) / total
                )
            )
            channels = widths[0]
        self.layer0 = nn.Sequential(*layers)
        layers = []
        for j in range(depths[1]):
            layers.append(
                Unit(
                    channels, widths[1], 2 if j == 0 else 1, p=drop * (sum(depths[:1]) + j) / total
                )
            )
            channels = widths[1]
        self.layer1 = nn.Sequential(*layers)
        layers = []
        for j in range(depths[2]):
            layers.append(
                Unit(
                    channels, widths[2], 2 if j == 0 else 1, p=drop * (sum(depths[:2]) + j) / total
                )
            )
            channels = widths[2]
        self.layer2 = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer0(x)
        x = self.layer1(x)
        return self.layer2(x)


class Net(nn.Module):
    """Defaults: [3, 32, 32] -> [5]; 7,445 parameters; 331,896 multiply-adds.

    stages [24, 4, 4]; fc [5].
    """

    def __init__(self, widths: tuple[int, int, int] = (8, 16, 24), drop: float = 0.2) -> None:
        super().__init__()
        self.stages = Stages(3, [1, 2, 1], list(widths), drop=drop)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(widths[2], round(math.log(widths[-1]) / math.log(2)))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.flatten(self.global_avgpool(self.stages(x)), 1)
        return self.fc(x)


class Ends(nn.Sequential):
    """Defaults: [3, 8, 8] -> [8, 8, 8]; 1,048 parameters; 62,976 multiply-adds.

    0 [8, 8, 8]; 1, 2 [24, 8, 8]; 3 [8, 8, 8].
    """

    def __init__(self, depths: Sequence[int] = (1, 2), tail: Sequence[int] = (16, 24, 8)) -> None:
        layers: list[nn.Module] = []
        channels = 3
        for end in accumulate(depths):
            layers.append(nn.Conv2d(channels, 8 * end, 1))
            channels = 8 * end
        for w in tail[1:]:
            layers.append(nn.Conv2d(channels, w, 1))
            channels = w
        super().__init__(*layers)
