"""Blocks that call themselves and each other."""

from typing import Final

from torch import Tensor, nn

__all__ = ["Fractals", "Tree2", "Turns", "trees"]


class Even(nn.Module):
    def __init__(self, in_channels: int, k: int) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.conv = nn.Conv2d(in_channels, 4, 3, padding=1)
        self.rest = Odd(4, k - 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(self.relu(x))
        return self.rest(x)


class Odd(nn.Module):
    def __init__(self, in_channels: int, k: int) -> None:
        super().__init__()
        self.bn = nn.BatchNorm2d(in_channels)
        self.conv = nn.Conv2d(in_channels, 4, 1)
        self.rest = Even(4, k - 1) if k > 0 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(self.bn(x))
        return self.rest(x)


class Turns(nn.Module):
    """[4, 8, 8] -> [4, 8, 8]; 352 parameters; 20,480 multiply-adds.

    even [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.even = Even(4, 3)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.even(x))


class Leaf(nn.Module):
    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, width, 3, padding=1)
        self.bn = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


class Fractal(nn.Module):
    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, width, 3, padding=1)
        self.bn = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


class Fractal2(nn.Module):
    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.left = Leaf(in_channels, width)
        self.first = Fractal(in_channels, width)
        self.second = Fractal(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.left(x) + self.second(self.first(x))


class Fractal3(nn.Module):
    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.left = Leaf(in_channels, width)
        self.first = Fractal2(in_channels, width)
        self.second = Fractal2(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.left(x) + self.second(self.first(x))


class Fractals(nn.Module):
    """FractalNet: Larsson, Maire & Shakhnarovich 2016 (with a sum for the mean).

    [4, 8, 8] -> [2, 8, 8]; 3,354 parameters; 203,776 multiply-adds.

    fractal [8, 8, 8]; head [2, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.fractal = Fractal3(4, 8)
        self.head = nn.Conv2d(8, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.fractal(x))


class Tree(nn.Module):
    """Two calls in every call: a deeper tree decides nothing that a flat one does not."""

    has_left: Final[bool]

    def __init__(self, in_channels: int, width: int, depth: int) -> None:
        super().__init__()
        self.has_left = depth > 0
        self.conv = nn.Conv2d(in_channels, width, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        if self.has_left:
            self.left = Tree(width, width, depth - 1)
            self.right = Tree(width, width, depth - 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.conv(x))
        if self.has_left:
            x = self.left(x) + self.right(x)
        return x


class Tree2(nn.Module):
    """Two calls in every call: a deeper tree decides nothing that a flat one does not."""

    has_left: Final[bool]

    def __init__(self, in_channels: int, width: int, depth: int) -> None:
        super().__init__()
        self.has_left = depth > 0
        self.conv = nn.Conv2d(in_channels, width, 3, padding=1)
        self.bn = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        if self.has_left:
            self.left = Tree2(width, width, depth - 1)
            self.right = Tree(width, width, depth - 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn(self.conv(x)))
        if self.has_left:
            x = self.left(x) + self.right(x)
        return x


def trees(depth: int = 2, w: int = 4) -> Tree2:
    """Defaults: [4, 8, 8] -> [4, 8, 8]; 1,060 parameters; 64,512 multiply-adds.

    conv, bn, left, right [4, 8, 8].
    """
    return Tree2(4, w, depth)
