"""Layers of one list that follow each other are called in a loop; what two branches share, once."""

from typing import Final, NamedTuple

from torch import Tensor, nn

__all__ = ["Features", "FeaturesOutputs", "Sums"]


class Cell(nn.Module):
    def __init__(self, in_channels: int, out: int, kernel: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out, kernel, padding=kernel // 2)
        self.bn = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


class FeaturesOutputs(NamedTuple):
    """What `Features` gives."""

    low: Tensor
    high: Tensor


class Features(nn.Module):
    """[3, 16, 16] -> low [16, 16, 16] and high [64, 16, 16]; 16,916 parameters; 4,110,336
    multiply-adds.

    body.0, body.1 [8, 16, 16]; body.2 [12, 16, 16]; body.3, body.4, body.5 [16, 16, 16]; body.6
    [24, 16, 16]; body.7 [32, 16, 16]; body.8, body.9 [48, 16, 16]; body.10 [64, 16, 16].
    """

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.ModuleList(
            [
                nn.Conv2d(3, 8, 3, padding=1),
                Cell(8, 8),
                Cell(8, 12),
                Cell(12, 16),
                Cell(16, 16),
                Cell(16, 16),
                Cell(16, 24, kernel=1),
                Cell(24, 32, kernel=1),
                Cell(32, 48, kernel=1),
                Cell(48, 48, kernel=1),
                Cell(48, 64, kernel=1),
            ]
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> FeaturesOutputs:
        x = self.relu(self.body[0](x))
        for layer in self.body[1:5]:
            x = layer(x)
        c1 = self.body[5](x)
        x = self.body[6](c1)
        for layer in self.body[7:10]:
            x = layer(x)
        c2 = self.body[10](x)
        return FeaturesOutputs(c1, c2)


class Summed(nn.Module):
    """A sum, and one branch more where it fits."""

    has_own: Final[bool]

    def __init__(self, in_channels: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.has_own = stride == 1 and in_channels == out
        self.wide = nn.Conv2d(in_channels, out, 3, stride=stride, padding=1)
        self.narrow = nn.Conv2d(in_channels, out, 1, stride=stride)
        if self.has_own:
            self.own = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.wide(x) + self.narrow(x)
        x = out + self.own(x) if self.has_own else out
        return self.relu(x)


class Sums(nn.Module):
    """[8, 16, 16] -> [16, 8, 8]; 1,984 parameters; 245,760 multiply-adds.

    first [8, 16, 16]; second [16, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.first = Summed(8, 8)
        self.second = Summed(8, 16, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        return self.second(x)
