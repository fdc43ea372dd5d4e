# Generated from lenet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 04084628b5cc786cab2fc2edc20c78f6dca2106978288e65d9d20ceac5768d42
"""Gradient-Based Learning Applied to Document Recognition (LeCun et al., Proceedings of the IEEE,
1998).
"""

import torch
from torch import Tensor, nn

__all__ = ["LeNet5", "LeNet5Modern"]


class Scale(nn.Module):
    """Multiplies by a fixed number."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: Tensor) -> Tensor:
        return x * self.value


class Affine(nn.Module):
    """A learned gain and bias for every channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        shape = [-1] + [1] * (x.dim() - 2)
        return x * self.weight.view(shape) + self.bias.view(shape)


class RBF(nn.Module):
    """Squared distances to fixed codes: code i repeats the binary digits of i, as 1 and -1."""

    codes: Tensor

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        digits = max(1, (out_features - 1).bit_length())
        places = torch.arange(in_features) % digits
        bits = torch.arange(out_features).unsqueeze(1) >> places & 1
        self.register_buffer("codes", 2.0 * bits - 1.0)

    def forward(self, x: Tensor) -> Tensor:
        return (x.unsqueeze(1) - self.codes).square().sum(2)


class Subsample(nn.Sequential):
    """Sums of 2x2 pixels, with one gain and one bias for every map to learn."""

    def __init__(self, in_channels: int) -> None:
        super().__init__(
            nn.AvgPool2d(2), Scale(4), Affine(in_channels), Scale(2 / 3), nn.Tanh(), Scale(1.7159)
        )


class SparseConv(nn.Module):
    """The paper's Table I. The six maps lie in a ring: six of the 16 results see three neighbours,
    six see four, three see two pairs that lie opposite, and one sees all.
    """

    def __init__(self, kernel: int) -> None:
        super().__init__()
        self.triples = nn.Conv2d(18, 6, kernel, groups=6)
        self.quadruples = nn.Conv2d(24, 6, kernel, groups=6)
        self.pairs = nn.Conv2d(12, 3, kernel, groups=3)
        self.all = nn.Conv2d(6, 1, kernel)

    def forward(self, x: Tensor) -> Tensor:
        ring = torch.cat([x, x], 1)
        triples = self.triples(
            torch.cat(
                [ring[:, :3], ring[:, 1:4], ring[:, 2:5], ring[:, 3:6], ring[:, 4:7], ring[:, 5:8]],
                1,
            )
        )
        quadruples = self.quadruples(
            torch.cat(
                [ring[:, :4], ring[:, 1:5], ring[:, 2:6], ring[:, 3:7], ring[:, 4:8], ring[:, 5:9]],
                1,
            )
        )
        pairs = self.pairs(
            torch.cat(
                [ring[:, :2], ring[:, 3:5], ring[:, 1:3], ring[:, 4:6], ring[:, 2:4], ring[:, 5:7]],
                1,
            )
        )
        all = self.all(ring[:, :6])
        return torch.cat([triples, quadruples, pairs, all], 1)


class LeNet5(nn.Module):
    """LeNet-5 of 1998. Its results are distances: the smallest one names the class. The paper's
    codes are drawn bitmaps of the characters; here a fixed pattern of the same size stands in
    for them.

    Defaults: [1, 32, 32] -> [10]; 60,000 parameters; 325,680 multiply-adds.

    c1 [6, 28, 28]; s2 [6, 14, 14]; c3 [16, 10, 10]; s4 [16, 5, 5]; c5 [120, 1, 1]; f6 [84];
    output [10].
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 5)
        self.tanh = nn.Tanh()
        self.s2 = Subsample(6)
        self.c3 = SparseConv(5)
        self.tanh2 = nn.Tanh()
        self.s4 = Subsample(16)
        self.c5 = nn.Conv2d(16, 120, 5)
        self.tanh3 = nn.Tanh()
        self.f6 = nn.Linear(120, 84)
        self.tanh4 = nn.Tanh()
        self.output = RBF(84, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.tanh(self.c1(x) * (2 / 3))
        x = x * 1.7159
        x = self.s2(x)
        x = self.tanh2(self.c3(x) * (2 / 3))
        x = x * 1.7159
        x = self.c5(self.s4(x)) * (2 / 3)
        x = torch.flatten(self.tanh3(x) * 1.7159, 1)
        x = self.tanh4(self.f6(x) * (2 / 3))
        return self.output(x * 1.7159)


class LeNet5Modern(nn.Module):
    """What is called LeNet-5 today: dense convolutions, rectifiers, plain pooling, a linear
    output.

    Defaults: [1, 32, 32] -> [10]; 61,706 parameters; 416,520 multiply-adds.

    conv1 [6, 28, 28]; conv2 [16, 10, 10]; fc1 [120]; fc2 [84]; fc3 [10].
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.relu2 = nn.ReLU(inplace=True)
        self.maxpool2 = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.relu3 = nn.ReLU(inplace=True)
        self.fc2 = nn.Linear(120, 84)
        self.relu4 = nn.ReLU(inplace=True)
        self.fc3 = nn.Linear(84, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.conv1(x))
        x = self.relu2(self.conv2(self.maxpool(x)))
        x = self.fc1(torch.flatten(self.maxpool2(x), 1))
        x = self.relu4(self.fc2(self.relu3(x)))
        return self.fc3(x)
