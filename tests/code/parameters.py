"""Whatever the parameters of a network decide, their code decides too."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Listed", "Nested", "Stages", "Strings", "Unrolled", "Widths", "Zeros", "three", "two"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def projection(in_channels: int, out: int, stride: int = 1) -> nn.Module:
    """The identity where it fits, else a strided 1x1 convolution: ResNet's option B."""
    if stride > 1 or in_channels != out:
        return nn.Sequential(
            nn.Conv2d(in_channels, out, 1, stride=stride, bias=False), nn.BatchNorm2d(out)
        )
    return nn.Identity()


class Basic(nn.Module):
    """The block of ResNet-18 and 34: two 3x3 convolutions and a shortcut."""

    def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = projection(in_channels, width, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(out)) + self.downsample(x))


class Stages(nn.Module):
    """Defaults: [3, 8, 8] -> [16, 4, 4]; 4,544 parameters; 109,568 multiply-adds.

    layer1 [8, 8, 8]; layer2 [16, 4, 4].
    """

    def __init__(self, depths: Sequence[int] = (1, 1)) -> None:
        super().__init__()
        self.layer1 = nn.Sequential(Basic(3, 8), *(Basic(8, 8) for _ in range(depths[0] - 1)))
        self.layer2 = nn.Sequential(
            Basic(8, 16, stride=2), *(Basic(16, 16) for _ in range(depths[1] - 1))
        )
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer1(x)
        return self.layer2(x)


class Unit(nn.Module):
    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out, 3, padding=1)
        self.bn = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


class Features(nn.Sequential):
    def __init__(self, in_channels: int, widths: list[int]) -> None:
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        channels = in_channels
        for i, width in enumerate(widths):
            layers[f"stage{i}"] = Unit(channels, width)
            channels = width
        super().__init__(layers)


class Listed(nn.Module):
    """Defaults: [3, 8, 8] -> [5, 8, 8]; 1,525 parameters; 92,672 multiply-adds.

    features [16, 8, 8]; head [5, 8, 8].
    """

    def __init__(self, widths: Sequence[int] = (8, 16)) -> None:
        super().__init__()
        self.features = Features(3, list(widths))
        self.head = nn.Conv2d(widths[-1], 5, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x))


class Unrolled(nn.Sequential):
    """The classes of an unrolled loop are as many as the list is long.

    Defaults: [3, 8, 8] -> [5, 8, 8]; 1,709 parameters; 104,192 multiply-adds.

    stem [4, 8, 8]; stage0 [8, 8, 8]; stage1 [16, 8, 8]; head [5, 8, 8].
    """

    def __init__(self, widths: Sequence[int] = (8, 16)) -> None:
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        layers["stem"] = nn.Conv2d(3, 4, 3, padding=1)
        channels = 4
        for i, width in enumerate(widths):
            layers[f"stage{i}"] = Unit(channels, width)
            channels = width
        layers["head"] = nn.Conv2d(channels, 5, 1)
        super().__init__(layers)


class Zeros(nn.Module):
    """Defaults: [3, 8, 8] -> [2, 8, 8]; 122 parameters; 7,424 multiply-adds.

    stem, body [4, 8, 8]; head [2, 8, 8].
    """

    def __init__(self, drop: float = 0.0, n: int = 0) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.dropout = nn.Dropout(drop) if drop > 0 else nn.Identity()
        self.body = nn.Sequential(*(nn.Conv2d(4, 4, 3, padding=1) for _ in range(n)))
        self.head = nn.Conv2d(4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.dropout(self.stem(x))
        return self.head(self.body(x))


class Strings(nn.Module):
    """Defaults: [3, 8, 8] -> [8, 16, 16]; 224 parameters; 13,824 multiply-adds.

    conv [8, 8, 8].
    """

    def __init__(self, act: str = "relu", mode: str = "nearest") -> None:
        super().__init__()
        self.mode = "bilinear" if mode == "linear" else mode
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.activation = nn.ReLU(inplace=True) if act == "relu" else nn.SiLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return F.interpolate(self.activation(self.conv(x)), scale_factor=2.0, mode=self.mode)


class Nested(nn.Module):
    """Defaults: [3, 16, 16] -> [1, 16, 16]; 265 parameters; 65,536 multiply-adds.

    conv1, conv2 [4, 16, 16]; head [1, 16, 16].
    """

    has_conv2: Final[bool]

    def __init__(self, depth: int = 2, norm: bool = False) -> None:
        super().__init__()
        self.has_conv2 = depth > 1
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1)
        if self.has_conv2:
            self.conv2 = nn.Conv2d(4, 4, 3, padding=1)
            self.bn2 = nn.BatchNorm2d(4) if norm else nn.Identity()
            self.conv3 = nn.Conv2d(4, 8, 3, padding=1) if depth > 2 else nn.Identity()
        self.head = nn.Conv2d((8 if depth > 2 else 4) if depth > 1 else 4, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        if self.has_conv2:
            x = self.conv3(self.bn2(self.conv2(x)))
        return self.head(x)


class Widths(nn.Sequential):
    def __init__(self, in_channels: int, rows: list[int], kernel: int) -> None:
        layers: list[nn.Module] = []
        channels = in_channels
        for width in rows:
            layers.append(nn.Conv2d(channels, width, kernel, padding=kernel // 2))
            channels = width
        super().__init__(*layers)


def two(kernel: int = 1) -> Widths:
    """What a `let` names is named in the code of a function too.

    Defaults: [3, 8, 8] -> [5, 8, 8]; 41 parameters; 2,048 multiply-adds.

    0 [4, 8, 8]; 1 [5, 8, 8].
    """
    rows = [4, 5]
    return Widths(3, rows, kernel)


def three(kernel: int = 1) -> Widths:
    """Defaults: [3, 8, 8] -> [6, 8, 8]; 77 parameters; 3,968 multiply-adds.

    0 [4, 8, 8]; 1 [5, 8, 8]; 2 [6, 8, 8].
    """
    rows = [4, 5, 6]
    return Widths(3, rows, kernel)
