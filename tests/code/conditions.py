"""An `if` that a parameter of the network decides, in every place where one can stand."""

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Residual(nn.Module):
    when: Final[bool]

    def __init__(self, in_channels: int, when: bool) -> None:
        super().__init__()
        self.when = when
        self.conv = nn.Sequential(nn.Conv2d(in_channels, 16, 3, padding=1), nn.BatchNorm2d(16))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.when else self.conv(x)


class Gate(nn.Module):
    def __init__(self, in_channels: int, c1: int, c2: int, open: bool = True) -> None:
        super().__init__()
        self.left = nn.Conv2d(in_channels, c1, 1)
        self.right = nn.Conv2d(in_channels, c1, 3 if open else 1, padding=1 if open else 0)
        self.deep = nn.Conv2d(c1, c2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.deep(self.left(x) + self.right(x)), inplace=True)


class Chosen(nn.Module):
    """[3, 8, 8] -> [10]; 8,818 parameters; 534,336 multiply-adds.

    conv1, conv2 [8, 8, 8]; conv3, residual [16, 8, 8]; gate [32, 8, 8]; fc [10].
    """

    has_conv2: Final[bool]

    def __init__(self, classes: int = 10, deep: bool = True, wide: bool = False) -> None:
        super().__init__()
        self.has_conv2 = deep
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        if self.has_conv2:
            self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
        self.conv3 = nn.Conv2d(8, 16, 3 if wide else 1, padding=1 if wide else 0)
        self.residual = Residual(16, deep and not wide)
        self.gate = Gate(16, 16, 32, open=wide)
        self.fc = nn.Linear(32, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        if self.has_conv2:
            x = F.relu(self.conv2(x), inplace=True)
        x = self.conv3(x)
        x = self.residual(x)
        x = torch.flatten(F.adaptive_avg_pool2d(self.gate(x), 1), 1)
        return self.fc(x)


class Numbered(nn.Sequential):
    """The same in a sequence without names.

    [3, 8, 8] -> [8, 4, 4]; 808 parameters; 50,688 multiply-adds.

    0, 1 [8, 8, 8].
    """

    def __init__(self, deep: bool = True) -> None:
        layers: list[nn.Module] = [nn.Conv2d(3, 8, 3, padding=1)]
        if deep:
            layers += [nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(inplace=True)]
        if deep:
            layers.append(nn.MaxPool2d(2))
        else:
            layers.append(nn.AvgPool2d(2))
        layers.append(nn.ReLU(inplace=True))
        super().__init__(*layers)
