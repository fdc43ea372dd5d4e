# Generated from inception_v2.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 27d617edda57d4d7c83e26b906b7f3490035dd0287b1a29839cb943c32a97e35
"""Two networks that are both called Inception-v2.

`bn_inception` is that of Batch Normalization: Accelerating Deep Network Training by Reducing
Internal Covariate Shift (Ioffe and Szegedy, ICML 2015). Its Figure 5 contradicts itself: it has
576 maps after the modules 4c and 4d and 1024 after 4e, where the branches that it lists make
608, 608 and 1056. Caffe's models follow the branches (and give every convolution a bias, which
its normalisation makes idle); so does `bn_inception`. `bn_inception_slim` is TensorFlow's: it
follows the sums, with narrower pools in 4c and 4d, and has the separable first convolution of
the paper's appendix. Neither has the paper's 13.6 million parameters, nor does any other
reading.

`inception_v2` is that of Rethinking the Inception Architecture for Computer Vision (Szegedy et
al., CVPR 2016), whose v3 is this with a head that is normalised throughout. (The paper names a
factorised first convolution as another difference, but shows v2 with it.) What its Table 1 shows
of v2 was never shipped; inception_v3.arch says more.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

__all__ = [
    "BNGoogLeNet",
    "Inception3",
    "Inception3Outputs",
    "bn_inception",
    "bn_inception_slim",
    "inception_v2",
]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.trunc_normal_(module.weight, std=0.1, a=-2, b=2)
    elif isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.1, a=-2, b=2)
        nn.init.zeros_(module.bias)


def _trunc_normal(module: nn.Conv2d | nn.Linear, std: float) -> nn.Module:
    nn.init.trunc_normal_(module.weight, std=std, a=-2, b=2)
    return module


def _trunc_normal_zero_bias(module: nn.Conv2d, std: float) -> nn.Module:
    nn.init.trunc_normal_(module.weight, std=std, a=-2, b=2)
    if module.bias is not None:
        nn.init.zeros_(module.bias)
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
        self.conv1 = Plain(128, 768, 5, pad=0)
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


class SeparableUnit(nn.Module):
    """A unit whose filters see one channel each, eight of them to a channel, before points mix
    them.
    """

    def __init__(self, in_channels: int, out: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            in_channels,
            8 * in_channels,
            kernel,
            stride=stride,
            padding=kernel // 2,
            groups=in_channels,
            bias=False,
        )
        self.pointwise = Unit(8 * in_channels, out, 1, padding=0)

    def forward(self, x: Tensor) -> Tensor:
        x = self.depthwise(x)
        return self.pointwise(x)


class Cell(nn.Module):
    """GoogLeNet's module with two 3x3 convolutions for its 5x5."""

    def __init__(
        self,
        in_channels: int,
        c1: int,
        c3_reduce: int,
        c3: int,
        double_reduce: int,
        double: int,
        pooled: int,
        strongest: bool = False,
    ) -> None:
        super().__init__()
        self.branch1 = Unit(in_channels, c1, 1, padding=0)
        self.branch2 = nn.Sequential(
            Unit(in_channels, c3_reduce, 1, padding=0), Unit(c3_reduce, c3, 3, padding=1)
        )
        self.branch3 = nn.Sequential(
            Unit(in_channels, double_reduce, 1, padding=0),
            Unit(double_reduce, double, 3, padding=1),
            Unit(double, double, 3, padding=1),
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1)
            if strongest
            else nn.AvgPool2d(3, stride=1, padding=1),
            Unit(in_channels, pooled, 1, padding=0),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class Reduction(nn.Module):
    """A module that halves the resolution, and passes on what it reads beside what it makes."""

    def __init__(
        self, in_channels: int, c3_reduce: int, c3: int, double_reduce: int, double: int
    ) -> None:
        super().__init__()
        self.branch1 = nn.Sequential(
            Unit(in_channels, c3_reduce, 1, padding=0), Unit(c3_reduce, c3, 3, padding=1, stride=2)
        )
        self.branch2 = nn.Sequential(
            Unit(in_channels, double_reduce, 1, padding=0),
            Unit(double_reduce, double, 3, padding=1),
            Unit(double, double, 3, padding=1, stride=2),
        )
        self.maxpool = nn.MaxPool2d(3, stride=2, ceil_mode=True)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch1(x), self.branch2(x), self.maxpool(x)], 1)


class BNGoogLeNet(nn.Module):
    """GoogLeNet with these modules; `pooled` is how wide the branch with the pool is in 4c and
    4d.
    """

    def __init__(
        self, in_channels: int, classes: int, pooled: int, separable: bool = False
    ) -> None:
        super().__init__()
        self.conv1 = (
            SeparableUnit(in_channels, 64, 7, stride=2)
            if separable
            else Unit(in_channels, 64, 7, padding=3, stride=2)
        )
        self.maxpool = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv2 = Unit(64, 64, 1, padding=0)
        self.conv3 = Unit(64, 192, 3, padding=1)
        self.maxpool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception3a = Cell(192, 64, 64, c3=64, double_reduce=64, double=96, pooled=32)
        self.inception3b = Cell(256, 64, 64, c3=96, double_reduce=64, double=96, pooled=64)
        self.inception3c = Reduction(320, 128, 160, double_reduce=64, double=96)
        self.inception4a = Cell(576, 224, 64, c3=96, double_reduce=96, double=128, pooled=128)
        self.inception4b = Cell(576, 192, 96, c3=128, double_reduce=96, double=128, pooled=128)
        self.inception4c = Cell(576, 160, 128, c3=160, double_reduce=128, double=160, pooled=pooled)
        self.inception4d = Cell(
            480 + pooled, 96, 128, c3=192, double_reduce=160, double=192, pooled=pooled
        )
        self.inception4e = Reduction(480 + pooled, 128, 192, double_reduce=192, double=256)
        self.inception5a = Cell(
            928 + pooled, 352, 192, c3=320, double_reduce=160, double=224, pooled=128
        )
        self.inception5b = Cell(
            1024, 352, 192, c3=320, double_reduce=192, double=224, pooled=128, strongest=True
        )
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(1024, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.conv1(x))
        x = self.conv2(x)
        x = self.maxpool2(self.conv3(x))
        x = self.inception3a(x)
        x = self.inception3b(x)
        x = self.inception3c(x)
        x = self.inception4a(x)
        x = self.inception4b(x)
        x = self.inception4c(x)
        x = self.inception4d(x)
        x = self.inception4e(x)
        x = self.inception5a(x)
        x = torch.flatten(self.global_avgpool(self.inception5b(x)), 1)
        return self.fc(x)


class Plain(nn.Sequential):
    """A convolution and a rectifier."""

    def __init__(self, in_channels: int, out: int, kernel: int, pad: int) -> None:
        super().__init__(
            _trunc_normal_zero_bias(nn.Conv2d(in_channels, out, kernel, padding=pad), std=0.1),
            nn.ReLU(inplace=True),
        )


def bn_inception(classes: int = 1000) -> BNGoogLeNet:
    """Defaults: [3, 224, 224] -> [1000]; 11,285,224 parameters; 2,032,600,064 multiply-adds.

    conv1 [64, 112, 112]; conv2 [64, 56, 56]; conv3 [192, 56, 56]; inception3a [256, 28, 28];
    inception3b [320, 28, 28]; inception3c, inception4a, inception4b [576, 14, 14]; inception4c,
    inception4d [608, 14, 14]; inception4e [1056, 7, 7]; inception5a, inception5b [1024, 7, 7];
    fc [1000].
    """
    return BNGoogLeNet(3, classes, 128)


def bn_inception_slim(classes: int = 1000) -> BNGoogLeNet:
    """Defaults: [3, 224, 224] -> [1000]; 11,188,288 parameters; 1,934,857,216 multiply-adds.

    conv1 [64, 112, 112]; conv2 [64, 56, 56]; conv3 [192, 56, 56]; inception3a [256, 28, 28];
    inception3b [320, 28, 28]; inception3c, inception4a, inception4b, inception4c, inception4d
    [576, 14, 14]; inception4e, inception5a, inception5b [1024, 7, 7]; fc [1000].
    """
    return BNGoogLeNet(3, classes, 96, separable=True)


def inception_v2(classes: int = 1000) -> Inception3:
    """Defaults: [3, 299, 299] -> [1000]; 27,160,496 parameters (23,834,568 without what exists in
    training alone); 5,713,216,096 multiply-adds.

    Conv2d_1a_3x3 [32, 149, 149]; Conv2d_2a_3x3 [32, 147, 147]; Conv2d_2b_3x3 [64, 147, 147];
    Conv2d_3b_1x1 [80, 73, 73]; Conv2d_4a_3x3 [192, 71, 71]; Mixed_5b [256, 35, 35]; Mixed_5c,
    Mixed_5d [288, 35, 35]; Mixed_6a, Mixed_6b, Mixed_6c, Mixed_6d, Mixed_6e [768, 17, 17];
    AuxLogits [1000]; Mixed_7a [1280, 8, 8]; Mixed_7b, Mixed_7c [2048, 8, 8]; fc [1000].
    """
    return Inception3(3, classes)
