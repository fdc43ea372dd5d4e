# Generated from inception_resnet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: eac459876513d8e0ae71276288eba3603aecfa24b6906a655fffdc41b9616b7b
"""Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning (Szegedy et
al., AAAI 2017): the residual networks.

`inception_resnet_v2` is the network that the authors shipped, as in timm. It is not the one that
their paper draws, `inception_resnet_v2_paper`: that has the stem of Inception-v4, half as many
modules, and no convolution before the classifier. (The figures also have convolutions with 1154
and 2048 filters where only 1152 and 2144 can be added.) The paper says that the network costs
about as much as Inception-v4, and the SENet paper counts 11.75 thousand million multiply-adds.
That holds for neither.

`inception_resnet_v1` exists in the paper alone. `inception_resnet_v1_facenet` is what FaceNet's
best known implementation made of it, with a sixth module at the end, here with a classifier.
"""

from typing import Final

import torch
from torch import Tensor, nn

__all__ = [
    "InceptionResNet1",
    "InceptionResNetV2",
    "InceptionResNetV2Paper",
    "inception_resnet_v1",
    "inception_resnet_v1_facenet",
]


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


class InceptionResNetA(nn.Module):
    """At 35x35 pixels. What a module adds is scaled down; without that, networks of more than a
    thousand channels were unstable.
    """

    def __init__(self, in_channels: int, middle: int, wide: int) -> None:
        super().__init__()
        self.branch0 = Unit(in_channels, 32, 1, padding=0)
        self.branch1 = nn.Sequential(
            Unit(in_channels, 32, 1, padding=0), Unit(32, 32, 3, padding=1)
        )
        self.branch2 = nn.Sequential(
            Unit(in_channels, 32, 1, padding=0),
            Unit(32, middle, 3, padding=1),
            Unit(middle, wide, 3, padding=1),
        )
        self.conv2d = nn.Conv2d(64 + wide, in_channels, 1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv2d(torch.cat([self.branch0(x), self.branch1(x), self.branch2(x)], 1))
        return self.relu(x + out * 0.17)


class InceptionResNetB(nn.Module):
    """At 17x17 pixels: windows of 7x7, factorised into rows and columns."""

    def __init__(self, in_channels: int, middle: int, wide: int) -> None:
        super().__init__()
        self.branch0 = Unit(in_channels, wide, 1, padding=0)
        self.branch1 = nn.Sequential(
            Unit(in_channels, 128, 1, padding=0),
            Unit(128, middle, (1, 7), padding=(0, 3)),
            Unit(middle, wide, (7, 1), padding=(3, 0)),
        )
        self.conv2d = nn.Conv2d(2 * wide, in_channels, 1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv2d(torch.cat([self.branch0(x), self.branch1(x)], 1))
        return self.relu(x + out * 0.1)


class InceptionResNetC(nn.Module):
    """At 8x8 pixels: windows of 3x3, factorised. The last one is neither scaled nor rectified."""

    inner: Final[bool]

    def __init__(self, in_channels: int, middle: int, wide: int, inner: bool = True) -> None:
        super().__init__()
        self.inner = inner
        self.branch0 = Unit(in_channels, 192, 1, padding=0)
        self.branch1 = nn.Sequential(
            Unit(in_channels, 192, 1, padding=0),
            Unit(192, middle, (1, 3), padding=(0, 1)),
            Unit(middle, wide, (3, 1), padding=(1, 0)),
        )
        self.conv2d = nn.Conv2d(192 + wide, in_channels, 1)
        self.relu = nn.ReLU(inplace=True) if inner else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv2d(torch.cat([self.branch0(x), self.branch1(x)], 1))
        if self.inner:
            out = out * 0.2
        return self.relu(x + out)


class ReductionB(nn.Module):
    """From 17x17 pixels to 8x8."""

    def __init__(self, in_channels: int, middle: int, wide: int) -> None:
        super().__init__()
        self.branch0 = nn.Sequential(
            Unit(in_channels, 256, 1, padding=0), Unit(256, 384, 3, padding=0, stride=2)
        )
        self.branch1 = nn.Sequential(
            Unit(in_channels, 256, 1, padding=0), Unit(256, middle, 3, padding=0, stride=2)
        )
        self.branch2 = nn.Sequential(
            Unit(in_channels, 256, 1, padding=0),
            Unit(256, middle, 3, padding=1),
            Unit(middle, wide, 3, padding=0, stride=2),
        )
        self.maxpool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch0(x), self.branch1(x), self.branch2(x), self.maxpool(x)], 1)


class Mixed5b(nn.Module):
    """Points, windows of 5x5 and 3x3, and means of neighbours, as in Inception-v3."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch0 = Unit(in_channels, 96, 1, padding=0)
        self.branch1 = nn.Sequential(
            Unit(in_channels, 48, 1, padding=0), Unit(48, 64, 5, padding=2)
        )
        self.branch2 = nn.Sequential(
            Unit(in_channels, 64, 1, padding=0),
            Unit(64, 96, 3, padding=1),
            Unit(96, 96, 3, padding=1),
        )
        self.branch3 = nn.Sequential(
            nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False),
            Unit(in_channels, 64, 1, padding=0),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch0(x), self.branch1(x), self.branch2(x), self.branch3(x)], 1)


class InceptionResNetV2(nn.Module):
    """Defaults: [3, 299, 299] -> [1000]; 55,843,464 parameters; 13,155,794,016 multiply-adds.

    conv2d_1a [32, 149, 149]; conv2d_2a [32, 147, 147]; conv2d_2b [64, 147, 147]; conv2d_3b
    [80, 73, 73]; conv2d_4a [192, 71, 71]; mixed_5b, repeat [320, 35, 35]; mixed_6a, repeat_1
    [1088, 17, 17]; mixed_7a, repeat_2, block8 [2080, 8, 8]; conv2d_7b [1536, 8, 8]; classif
    [1000].
    """

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv2d_1a = Unit(3, 32, 3, padding=0, stride=2)
        self.conv2d_2a = Unit(32, 32, 3, padding=0)
        self.conv2d_2b = Unit(32, 64, 3, padding=1)
        self.maxpool = nn.MaxPool2d(3, stride=2)
        self.conv2d_3b = Unit(64, 80, 1, padding=0)
        self.conv2d_4a = Unit(80, 192, 3, padding=0)
        self.maxpool2 = nn.MaxPool2d(3, stride=2)
        self.mixed_5b = Mixed5b(192)
        self.repeat = nn.Sequential(*(InceptionResNetA(320, 48, 64) for _ in range(10)))
        self.mixed_6a = ReductionA(320, 384, 256, middle=256, wide=384)
        self.repeat_1 = nn.Sequential(*(InceptionResNetB(1088, 160, 192) for _ in range(20)))
        self.mixed_7a = ReductionB(1088, 288, 320)
        self.repeat_2 = nn.Sequential(*(InceptionResNetC(2080, 224, 256) for _ in range(9)))
        self.block8 = InceptionResNetC(2080, 224, 256, inner=False)
        self.conv2d_7b = Unit(2080, 1536, 1, padding=0)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.2)
        self.classif = nn.Linear(1536, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv2d_1a(x)
        x = self.conv2d_2a(x)
        x = self.maxpool(self.conv2d_2b(x))
        x = self.conv2d_3b(x)
        x = self.maxpool2(self.conv2d_4a(x))
        x = self.mixed_5b(x)
        x = self.repeat(x)
        x = self.mixed_6a(x)
        x = self.repeat_1(x)
        x = self.mixed_7a(x)
        x = self.repeat_2(x)
        x = self.block8(x)
        x = torch.flatten(self.global_avgpool(self.conv2d_7b(x)), 1)
        return self.classif(self.dropout(x))


class InceptionResNetV2Paper(nn.Module):
    """Defaults: [3, 299, 299] -> [1000]; 32,433,928 parameters; 9,257,953,632 multiply-adds.

    stem, repeat [384, 35, 35]; mixed_6a, repeat_1 [1152, 17, 17]; mixed_7a, repeat_2
    [2144, 8, 8]; classif [1000].
    """

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            Unit(3, 32, 3, padding=0, stride=2),
            Unit(32, 32, 3, padding=0),
            Unit(32, 64, 3, padding=1),
            Stem3a(64),
            Stem4a(160),
            Stem5a(192),
        )
        self.repeat = nn.Sequential(*(InceptionResNetA(384, 48, 64) for _ in range(5)))
        self.mixed_6a = ReductionA(384, 384, 256, middle=256, wide=384)
        self.repeat_1 = nn.Sequential(*(InceptionResNetB(1152, 160, 192) for _ in range(10)))
        self.mixed_7a = ReductionB(1152, 288, 320)
        self.repeat_2 = nn.Sequential(*(InceptionResNetC(2144, 224, 256) for _ in range(5)))
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.2)
        self.classif = nn.Linear(2144, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = self.repeat(x)
        x = self.mixed_6a(x)
        x = self.repeat_1(x)
        x = self.mixed_7a(x)
        x = torch.flatten(self.global_avgpool(self.repeat_2(x)), 1)
        return self.classif(self.dropout(x))


class InceptionResNet1(nn.Module):
    """v1, as the paper has it, or with a last module that is neither scaled nor rectified."""

    def __init__(self, in_channels: int, classes: int, sixth: bool = False) -> None:
        super().__init__()
        self.conv2d_1a = Unit(in_channels, 32, 3, padding=0, stride=2)
        self.conv2d_2a = Unit(32, 32, 3, padding=0)
        self.conv2d_2b = Unit(32, 64, 3, padding=1)
        self.maxpool = nn.MaxPool2d(3, stride=2)
        self.conv2d_3b = Unit(64, 80, 1, padding=0)
        self.conv2d_4a = Unit(80, 192, 3, padding=0)
        self.conv2d_4b = Unit(192, 256, 3, padding=0, stride=2)
        self.repeat = nn.Sequential(*(InceptionResNetA(256, 32, 32) for _ in range(5)))
        self.mixed_6a = ReductionA(256, 384, 192, middle=192, wide=256)
        self.repeat_1 = nn.Sequential(*(InceptionResNetB(896, 128, 128) for _ in range(10)))
        self.mixed_7a = ReductionB(896, 256, 256)
        self.repeat_2 = nn.Sequential(*(InceptionResNetC(1792, 192, 192) for _ in range(5)))
        self.block8 = InceptionResNetC(1792, 192, 192, inner=False) if sixth else nn.Identity()
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.2)
        self.classif = nn.Linear(1792, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv2d_1a(x)
        x = self.conv2d_2a(x)
        x = self.maxpool(self.conv2d_2b(x))
        x = self.conv2d_3b(x)
        x = self.conv2d_4a(x)
        x = self.conv2d_4b(x)
        x = self.repeat(x)
        x = self.mixed_6a(x)
        x = self.repeat_1(x)
        x = self.mixed_7a(x)
        x = self.repeat_2(x)
        x = torch.flatten(self.global_avgpool(self.block8(x)), 1)
        return self.classif(self.dropout(x))


def inception_resnet_v1(classes: int = 1000) -> InceptionResNet1:
    """Defaults: [3, 299, 299] -> [1000]; 22,756,328 parameters; 6,206,361,696 multiply-adds.

    conv2d_1a [32, 149, 149]; conv2d_2a [32, 147, 147]; conv2d_2b [64, 147, 147]; conv2d_3b
    [80, 73, 73]; conv2d_4a [192, 71, 71]; conv2d_4b, repeat [256, 35, 35]; mixed_6a, repeat_1
    [896, 17, 17]; mixed_7a, repeat_2 [1792, 8, 8]; classif [1000].
    """
    return InceptionResNet1(3, classes)


def inception_resnet_v1_facenet(classes: int = 1000) -> InceptionResNet1:
    """Defaults: [3, 299, 299] -> [1000]; 24,357,096 parameters; 6,308,597,856 multiply-adds.

    conv2d_1a [32, 149, 149]; conv2d_2a [32, 147, 147]; conv2d_2b [64, 147, 147]; conv2d_3b
    [80, 73, 73]; conv2d_4a [192, 71, 71]; conv2d_4b, repeat [256, 35, 35]; mixed_6a, repeat_1
    [896, 17, 17]; mixed_7a, repeat_2, block8 [1792, 8, 8]; classif [1000].
    """
    return InceptionResNet1(3, classes, sixth=True)
