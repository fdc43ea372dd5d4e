# Generated from inception_v3.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 28e973e61b5cf8bf56d49b2d458e3f5f53f9509941b50359b1566507ff5097c7
"""Rethinking the Inception Architecture for Computer Vision (Szegedy et al., CVPR 2016):
Inception-v3.

The network as torchvision has it. The paper leaves most widths out, and three things in it are
not what was shipped: the stem of Table 1 has three 3x3 convolutions for a 1x1 and a 3x3
convolution and a pool; its five modules at 17x17 pixels are a reduction and four; and Figure 5
splits the 5x5 convolution, which was left whole. Keras has the same network without the gains of
normalisation, and its average pools do not count their padding.

The paper's "less than 25 million" parameters hold without the head, which exists in training
only and whose loss is to be added with a weight of 0.4. No form of the network has the
23,626,728 that the Xception paper counts.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

__all__ = ["Inception3", "Inception3Outputs", "inception_v3"]


def _trunc_normal(module: nn.Conv2d | nn.Linear, std: float) -> nn.Module:
    nn.init.trunc_normal_(module.weight, std=std, a=-2, b=2)
    return module


class Unit(nn.Module):
    """A convolution, a batch normalisation and a rectifier."""

    def __init__(
        self,
        in_channels: int,
        out: int,
        kernel: int | tuple[int, int],
        padding: int | tuple[int, int],
        stride: int = 1,
    ) -> None:
        super().__init__()
        self.conv = _trunc_normal(
            nn.Conv2d(in_channels, out, kernel, stride=stride, padding=padding, bias=False), std=0.1
        )
        self.bn = nn.BatchNorm2d(out, eps=0.001)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


class InceptionA(nn.Module):
    """At 35x35 pixels: windows of 5x5 and twice 3x3."""

    def __init__(self, in_channels: int, pool: int) -> None:
        super().__init__()
        self.branch1x1 = Unit(in_channels, 64, 1, padding=0)
        self.branch5x5_1 = Unit(in_channels, 48, 1, padding=0)
        self.branch5x5_2 = Unit(48, 64, 5, padding=2)
        self.branch3x3dbl_1 = Unit(in_channels, 64, 1, padding=0)
        self.branch3x3dbl_2 = Unit(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = Unit(96, 96, 3, padding=1)
        self.avgpool = nn.AvgPool2d(3, stride=1, padding=1)
        self.branch_pool = Unit(in_channels, pool, 1, padding=0)

    def forward(self, x: Tensor) -> Tensor:
        branch5x5_2 = self.branch5x5_2(self.branch5x5_1(x))
        branch3x3dbl_3 = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        branch_pool = self.branch_pool(self.avgpool(x))
        return torch.cat([self.branch1x1(x), branch5x5_2, branch3x3dbl_3, branch_pool], 1)


class InceptionB(nn.Module):
    """From 35x35 pixels to 17x17."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch3x3 = Unit(in_channels, 384, 3, padding=0, stride=2)
        self.branch3x3dbl_1 = Unit(in_channels, 64, 1, padding=0)
        self.branch3x3dbl_2 = Unit(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = Unit(96, 96, 3, padding=0, stride=2)
        self.maxpool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        branch3x3dbl_3 = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return torch.cat([self.branch3x3(x), branch3x3dbl_3, self.maxpool(x)], 1)


class InceptionC(nn.Module):
    """At 17x17 pixels: windows of 7x7, factorised into rows and columns, once and twice."""

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.branch1x1 = Unit(in_channels, 192, 1, padding=0)
        self.branch7x7_1 = Unit(in_channels, width, 1, padding=0)
        self.branch7x7_2 = Unit(width, width, (1, 7), padding=(0, 3))
        self.branch7x7_3 = Unit(width, 192, (7, 1), padding=(3, 0))
        self.branch7x7dbl_1 = Unit(in_channels, width, 1, padding=0)
        self.branch7x7dbl_2 = Unit(width, width, (7, 1), padding=(3, 0))
        self.branch7x7dbl_3 = Unit(width, width, (1, 7), padding=(0, 3))
        self.branch7x7dbl_4 = Unit(width, width, (7, 1), padding=(3, 0))
        self.branch7x7dbl_5 = Unit(width, 192, (1, 7), padding=(0, 3))
        self.avgpool = nn.AvgPool2d(3, stride=1, padding=1)
        self.branch_pool = Unit(in_channels, 192, 1, padding=0)

    def forward(self, x: Tensor) -> Tensor:
        out = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        branch7x7_3 = self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x)))
        branch7x7dbl_5 = self.branch7x7dbl_5(self.branch7x7dbl_4(out))
        branch_pool = self.branch_pool(self.avgpool(x))
        return torch.cat([self.branch1x1(x), branch7x7_3, branch7x7dbl_5, branch_pool], 1)


class InceptionD(nn.Module):
    """From 17x17 pixels to 8x8."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch3x3_1 = Unit(in_channels, 192, 1, padding=0)
        self.branch3x3_2 = Unit(192, 320, 3, padding=0, stride=2)
        self.branch7x7x3_1 = Unit(in_channels, 192, 1, padding=0)
        self.branch7x7x3_2 = Unit(192, 192, (1, 7), padding=(0, 3))
        self.branch7x7x3_3 = Unit(192, 192, (7, 1), padding=(3, 0))
        self.branch7x7x3_4 = Unit(192, 192, 3, padding=0, stride=2)
        self.maxpool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        out = self.branch7x7x3_3(self.branch7x7x3_2(self.branch7x7x3_1(x)))
        branch3x3_2 = self.branch3x3_2(self.branch3x3_1(x))
        return torch.cat([branch3x3_2, self.branch7x7x3_4(out), self.maxpool(x)], 1)


class InceptionE(nn.Module):
    """At 8x8 pixels: rows and columns side by side, which makes the most features."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch1x1 = Unit(in_channels, 320, 1, padding=0)
        self.branch3x3_1 = Unit(in_channels, 384, 1, padding=0)
        self.branch3x3_2a = Unit(384, 384, (1, 3), padding=(0, 1))
        self.branch3x3_2b = Unit(384, 384, (3, 1), padding=(1, 0))
        self.branch3x3dbl_1 = Unit(in_channels, 448, 1, padding=0)
        self.branch3x3dbl_2 = Unit(448, 384, 3, padding=1)
        self.branch3x3dbl_3a = Unit(384, 384, (1, 3), padding=(0, 1))
        self.branch3x3dbl_3b = Unit(384, 384, (3, 1), padding=(1, 0))
        self.avgpool = nn.AvgPool2d(3, stride=1, padding=1)
        self.branch_pool = Unit(in_channels, 192, 1, padding=0)

    def forward(self, x: Tensor) -> Tensor:
        out = self.branch3x3_1(x)
        y = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        branch3x3 = torch.cat([self.branch3x3_2a(out), self.branch3x3_2b(out)], 1)
        branch3x3dbl = torch.cat([self.branch3x3dbl_3a(y), self.branch3x3dbl_3b(y)], 1)
        branch_pool = self.branch_pool(self.avgpool(x))
        return torch.cat([self.branch1x1(x), branch3x3, branch3x3dbl, branch_pool], 1)


class Auxiliary(nn.Module):
    """A classifier halfway, on 17x17 pixels. Its last convolution is the paper's fully connected
    layer; that it is normalised too is what makes Inception-v3 of v2.
    """

    def __init__(self, in_channels: int, classes: int) -> None:
        super().__init__()
        self.avgpool = nn.AvgPool2d(5, stride=3)
        self.conv0 = Unit(in_channels, 128, 1, padding=0)
        self.conv1 = Unit(128, 768, 5, padding=0)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = _trunc_normal(nn.Linear(768, classes), std=0.001)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(x)
        x = self.conv0(x)
        x = torch.flatten(self.global_avgpool(self.conv1(x)), 1)
        return self.fc(x)


class Inception3Outputs(NamedTuple):
    """What `Inception3` gives in training."""

    output: Tensor
    AuxLogits: Tensor | None


class Inception3(nn.Module):
    """Three sizes of maps, each with modules of its own. v2 and v3 differ in the head alone."""

    def __init__(self, in_channels: int, classes: int) -> None:
        super().__init__()
        self.Conv2d_1a_3x3 = Unit(in_channels, 32, 3, padding=0, stride=2)
        self.Conv2d_2a_3x3 = Unit(32, 32, 3, padding=0)
        self.Conv2d_2b_3x3 = Unit(32, 64, 3, padding=1)
        self.maxpool = nn.MaxPool2d(3, stride=2)
        self.Conv2d_3b_1x1 = Unit(64, 80, 1, padding=0)
        self.Conv2d_4a_3x3 = Unit(80, 192, 3, padding=0)
        self.maxpool2 = nn.MaxPool2d(3, stride=2)
        self.Mixed_5b = InceptionA(192, 32)
        self.Mixed_5c = InceptionA(256, 64)
        self.Mixed_5d = InceptionA(288, 64)
        self.Mixed_6a = InceptionB(288)
        self.Mixed_6b = InceptionC(768, 128)
        self.Mixed_6c = InceptionC(768, 160)
        self.Mixed_6d = InceptionC(768, 160)
        self.Mixed_6e = InceptionC(768, 192)
        self.AuxLogits = Auxiliary(768, classes)
        self.Mixed_7a = InceptionD(768)
        self.Mixed_7b = InceptionE(1280)
        self.Mixed_7c = InceptionE(2048)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout()
        self.fc = _trunc_normal(nn.Linear(2048, classes), std=0.1)

    def forward(self, x: Tensor) -> Tensor | Inception3Outputs:
        x = self.Conv2d_1a_3x3(x)
        x = self.Conv2d_2a_3x3(x)
        x = self.maxpool(self.Conv2d_2b_3x3(x))
        x = self.Conv2d_3b_1x1(x)
        x = self.maxpool2(self.Conv2d_4a_3x3(x))
        x = self.Mixed_5b(x)
        x = self.Mixed_5c(x)
        x = self.Mixed_5d(x)
        x = self.Mixed_6a(x)
        x = self.Mixed_6b(x)
        x = self.Mixed_6c(x)
        x = self.Mixed_6d(x)
        x = self.Mixed_6e(x)
        AuxLogits: Tensor | None = None
        if self.training:
            AuxLogits = self.AuxLogits(x)
        x = self.Mixed_7a(x)
        x = self.Mixed_7b(x)
        x = torch.flatten(self.global_avgpool(self.Mixed_7c(x)), 1)
        x = self.fc(self.dropout(x))
        if self.training:
            return Inception3Outputs(x, AuxLogits)
        return x


def inception_v3(classes: int = 1000) -> Inception3:
    """Defaults: [3, 299, 299] -> [1000]; 27,161,264 parameters (23,834,568 without what exists in
    training alone); 5,713,216,096 multiply-adds.

    Conv2d_1a_3x3 [32, 149, 149]; Conv2d_2a_3x3 [32, 147, 147]; Conv2d_2b_3x3 [64, 147, 147];
    Conv2d_3b_1x1 [80, 73, 73]; Conv2d_4a_3x3 [192, 71, 71]; Mixed_5b [256, 35, 35]; Mixed_5c,
    Mixed_5d [288, 35, 35]; Mixed_6a, Mixed_6b, Mixed_6c, Mixed_6d, Mixed_6e [768, 17, 17];
    AuxLogits [1000]; Mixed_7a [1280, 8, 8]; Mixed_7b, Mixed_7c [2048, 8, 8]; fc [1000].
    """
    return Inception3(3, classes)
