"""Branches that end in a function bear the name of their module, and long calls do not nest."""

import torch
from torch import Tensor, nn

__all__ = ["N"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


class Fire(nn.Module):
    def __init__(self, in_channels: int, squeeze: int, expand: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(in_channels, squeeze, 1)
        self.relu = nn.ReLU(inplace=True)
        self.expand1x1 = nn.Conv2d(squeeze, expand, 1)
        self.expand3x3 = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.squeeze(x))
        return torch.cat([self.relu(self.expand1x1(x)), self.relu(self.expand3x3(x))], 1)


class N(nn.Module):
    """Defaults: [3, 32, 32] -> [10]; 6,252 parameters; 983,024 multiply-adds.

    conv1 [8, 32, 32]; conv2 [8, 15, 15]; fire [8, 7, 7]; fc [10].
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 5, padding=2)
        self.relu = nn.ReLU(inplace=True)
        self.lrn = nn.LocalResponseNorm(5, alpha=0.0005, k=2.0)
        self.maxpool = nn.MaxPool2d(3, stride=2)
        self.conv2 = nn.Conv2d(8, 8, 5, padding=2)
        self.relu2 = nn.ReLU(inplace=True)
        self.lrn2 = nn.LocalResponseNorm(5, alpha=0.0005, k=2.0)
        self.maxpool2 = nn.MaxPool2d(3, stride=2)
        self.fire = Fire(8, 2, 4)
        self.fc = nn.Linear(8 * 7 * 7, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.conv1(x))
        x = self.conv2(self.maxpool(self.lrn(x)))
        x = self.maxpool2(self.lrn2(self.relu2(x)))
        return self.fc(torch.flatten(self.fire(x), 1))
