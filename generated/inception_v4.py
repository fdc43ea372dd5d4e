# Generated from inception_v4.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 428cb58e22a2f289a2979514a923ab8c4d44b16ce45b27cd358f817437d03506
"""Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning (Szegedy et
al., AAAI 2017): Inception-v4.

The network as in timm, which follows its authors' TensorFlow code. The paper's figures have some
of the rows and columns in the other order, which no count can tell. (The authors' code also
trains a head after the last of the seven modules; the paper does not show it.)
"""

import torch
from torch import Tensor, nn

__all__ = ["InceptionV4"]


class Unit(nn.Module):
    """A convolution, a batch normalisation with a large epsilon, and a rectifier."""

    def __init__(
        self,
        in_channels: int,
        out: int,
        kernel: int | tuple[int, int],
        padding: int | tuple[int, int],
        stride: int = 1,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out, kernel, stride=stride, padding=padding, bias=False)
        self.bn = nn.BatchNorm2d(out, eps=0.001)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


class ReductionA(nn.Module):
    """From 35x35 pixels to 17x17 in Inception-v4 and Inception-ResNet. The paper calls these widths
    n, k, l and m.
    """

    def __init__(self, in_channels: int, direct: int, narrow: int, middle: int, wide: int) -> None:
        super().__init__()
        self.branch0 = Unit(in_channels, direct, 3, padding=0, stride=2)
        self.branch1 = nn.Sequential(
            Unit(in_channels, narrow, 1, padding=0),
            Unit(narrow, middle, 3, padding=1),
            Unit(middle, wide, 3, padding=0, stride=2),
        )
        self.maxpool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch0(x), self.branch1(x), self.maxpool(x)], 1)


class Stem3a(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.maxpool = nn.MaxPool2d(3, stride=2)
        self.conv = Unit(in_channels, 96, 3, padding=0, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.maxpool(x), self.conv(x)], 1)


class Stem5a(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv = Unit(in_channels, 192, 3, padding=0, stride=2)
        self.maxpool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.conv(x), self.maxpool(x)], 1)


class Stem4a(nn.Module):
    """The same windows of 3x3 after points, and after windows of 7x7 too."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch0 = nn.Sequential(
            Unit(in_channels, 64, 1, padding=0), Unit(64, 96, 3, padding=0)
        )
        self.branch1 = nn.Sequential(
            Unit(in_channels, 64, 1, padding=0),
            Unit(64, 64, (1, 7), padding=(0, 3)),
            Unit(64, 64, (7, 1), padding=(3, 0)),
            Unit(64, 96, 3, padding=0),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch0(x), self.branch1(x)], 1)


class InceptionA(nn.Module):
    """At 35x35 pixels."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch0 = Unit(in_channels, 96, 1, padding=0)
        self.branch1 = nn.Sequential(
            Unit(in_channels, 64, 1, padding=0), Unit(64, 96, 3, padding=1)
        )
        self.branch2 = nn.Sequential(
            Unit(in_channels, 64, 1, padding=0),
            Unit(64, 96, 3, padding=1),
            Unit(96, 96, 3, padding=1),
        )
        self.branch3 = nn.Sequential(
            nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False),
            Unit(in_channels, 96, 1, padding=0),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch0(x), self.branch1(x), self.branch2(x), self.branch3(x)], 1)


class InceptionB(nn.Module):
    """At 17x17 pixels: windows of 7x7, factorised into rows and columns, once and twice."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch0 = Unit(in_channels, 384, 1, padding=0)
        self.branch1 = nn.Sequential(
            Unit(in_channels, 192, 1, padding=0),
            Unit(192, 224, (1, 7), padding=(0, 3)),
            Unit(224, 256, (7, 1), padding=(3, 0)),
        )
        self.branch2 = nn.Sequential(
            Unit(in_channels, 192, 1, padding=0),
            Unit(192, 192, (7, 1), padding=(3, 0)),
            Unit(192, 224, (1, 7), padding=(0, 3)),
            Unit(224, 224, (7, 1), padding=(3, 0)),
            Unit(224, 256, (1, 7), padding=(0, 3)),
        )
        self.branch3 = nn.Sequential(
            nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False),
            Unit(in_channels, 128, 1, padding=0),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch0(x), self.branch1(x), self.branch2(x), self.branch3(x)], 1)


class ReductionB(nn.Module):
    """From 17x17 pixels to 8x8."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch0 = nn.Sequential(
            Unit(in_channels, 192, 1, padding=0), Unit(192, 192, 3, padding=0, stride=2)
        )
        self.branch1 = nn.Sequential(
            Unit(in_channels, 256, 1, padding=0),
            Unit(256, 256, (1, 7), padding=(0, 3)),
            Unit(256, 320, (7, 1), padding=(3, 0)),
            Unit(320, 320, 3, padding=0, stride=2),
        )
        self.maxpool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch0(x), self.branch1(x), self.maxpool(x)], 1)


class InceptionC(nn.Module):
    """At 8x8 pixels: rows and columns side by side, which makes the most features."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch0 = Unit(in_channels, 256, 1, padding=0)
        self.branch1_0 = Unit(in_channels, 384, 1, padding=0)
        self.branch1_1a = Unit(384, 256, (1, 3), padding=(0, 1))
        self.branch1_1b = Unit(384, 256, (3, 1), padding=(1, 0))
        self.branch2_0 = Unit(in_channels, 384, 1, padding=0)
        self.branch2_1 = Unit(384, 448, (3, 1), padding=(1, 0))
        self.branch2_2 = Unit(448, 512, (1, 3), padding=(0, 1))
        self.branch2_3a = Unit(512, 256, (1, 3), padding=(0, 1))
        self.branch2_3b = Unit(512, 256, (3, 1), padding=(1, 0))
        self.branch3 = nn.Sequential(
            nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False),
            Unit(in_channels, 256, 1, padding=0),
        )

    def forward(self, x: Tensor) -> Tensor:
        out = self.branch1_0(x)
        y = self.branch2_2(self.branch2_1(self.branch2_0(x)))
        branch1 = torch.cat([self.branch1_1a(out), self.branch1_1b(out)], 1)
        branch2 = torch.cat([self.branch2_3a(y), self.branch2_3b(y)], 1)
        return torch.cat([self.branch0(x), branch1, branch2, self.branch3(x)], 1)


class InceptionV4(nn.Module):
    """Defaults: [3, 299, 299] -> [1000]; 42,679,816 parameters; 12,253,974,624 multiply-adds.

    features [1536, 8, 8]; last_linear [1000].
    """

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            Unit(3, 32, 3, padding=0, stride=2),
            Unit(32, 32, 3, padding=0),
            Unit(32, 64, 3, padding=1),
            Stem3a(64),
            Stem4a(160),
            Stem5a(192),
            *(InceptionA(384) for _ in range(4)),
            ReductionA(384, 384, 192, middle=224, wide=256),
            *(InceptionB(1024) for _ in range(7)),
            ReductionB(1024),
            *(InceptionC(1536) for _ in range(3)),
        )
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.2)
        self.last_linear = nn.Linear(1536, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.flatten(self.global_avgpool(self.features(x)), 1)
        return self.last_linear(self.dropout(x))
