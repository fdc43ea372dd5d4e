# Generated from siamese.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: c1f2819072d90e85b6bd691c695f7154ebed0742c7f35b0fd242509352cc5598
"""Siamese Neural Networks for One-shot Image Recognition (Koch et al., Deep Learning Workshop of
ICML 2015).
"""

import torch
from torch import Tensor, nn

__all__ = ["Siamese"]


class Embed(nn.Module):
    """The paper's Figure 4: what maps a drawn character to 4,096 features between 0 and 1."""

    def __init__(self, in_channels: int, features: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 64, 10)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(64, 128, 7)
        self.conv3 = nn.Conv2d(128, 128, 4)
        self.conv4 = nn.Conv2d(128, 256, 4)
        self.fc = nn.Linear(256 * 6 * 6, features)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.conv1(x))
        x = self.relu(self.conv2(self.maxpool(x)))
        x = self.relu(self.conv3(self.maxpool(x)))
        x = self.relu(self.conv4(self.maxpool(x)))
        return self.sigmoid(self.fc(torch.flatten(x, 1)))


class Siamese(nn.Module):
    """Whether two drawings are the same character: both are embedded by one set of weights. The
    result is a logit, whose sigmoid is the paper's probability.

    Defaults: [1, 105, 105] and [1, 105, 105] -> [1]; 38,951,745 parameters; 1,817,251,840
    multiply-adds.

    embed [4096]; out [1].
    """

    def __init__(self, features: int = 4096) -> None:
        super().__init__()
        self.embed = Embed(1, features)
        self.relu = nn.ReLU()
        self.relu2 = nn.ReLU(inplace=True)
        self.out = nn.Linear(features, 1)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        x = self.embed(a) + self.embed(b) * -1
        return self.out(self.relu(x) + self.relu2(x * -1))
