# Generated from googlenet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: d0aa201e83541151de47b7787a0e4dd91778ee45e047fa0e91954b29cd915063
"""Going Deeper with Convolutions (Szegedy et al., CVPR 2015).

`googlenet_paper` is the paper's network and `googlenet` torchvision's, which differs: it
normalises batches instead of channels, looks through 3x3 windows where the paper has 5x5, and
has other pools and other dropout at its end and in its heads. Both heads exist in training only,
where their losses are to be added with a weight of 0.3.

Of the paper's Table 1 the widths are used. Its parameters cannot be reproduced: they add up to
6.8 million where the widths give 7.0, and its first row, of 2.7 thousand parameters and 34
million operations, is that of a separable 7x7 convolution, of which the text knows nothing. What
the paper leaves open is as in the model that Caffe ships: where channels are normalised, pools
that round up, and how weights start.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

__all__ = ["InceptionV1", "InceptionV1Outputs", "googlenet", "googlenet_paper"]


def _trunc_normal(module: nn.Conv2d | nn.Linear) -> nn.Module:
    nn.init.trunc_normal_(module.weight, std=0.01, a=-2, b=2)
    return module


def _xavier_uniform(module: nn.Conv2d) -> nn.Module:
    nn.init.xavier_uniform_(module.weight)
    if module.bias is not None:
        nn.init.constant_(module.bias, 0.2)
    return module


class Normalized(nn.Module):
    """torchvision's unit: a convolution, a batch normalisation and a rectifier."""

    def __init__(self, in_channels: int, out: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = _trunc_normal(
            nn.Conv2d(in_channels, out, kernel, stride=stride, padding=kernel // 2, bias=False)
        )
        self.bn = nn.BatchNorm2d(out, eps=0.001)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


class Plain(nn.Sequential):
    """The paper's unit: a convolution and a rectifier."""

    def __init__(self, in_channels: int, out: int, kernel: int, stride: int = 1) -> None:
        super().__init__(
            _xavier_uniform(
                nn.Conv2d(in_channels, out, kernel, stride=stride, padding=kernel // 2)
            ),
            nn.ReLU(inplace=True),
        )


class Inception(nn.Module):
    """Points, small windows, large windows and the strongest of the neighbours, side by side;
    narrow 1x1 convolutions before the windows keep them cheap.
    """

    def __init__(
        self,
        in_channels: int,
        c1: int,
        c3_reduce: int,
        c3: int,
        c5_reduce: int,
        c5: int,
        pool: int,
        unit: Callable[..., nn.Module],
        large: int,
    ) -> None:
        super().__init__()
        self.branch1 = unit(in_channels, out=c1, kernel=1)
        self.branch2 = nn.Sequential(
            unit(in_channels, out=c3_reduce, kernel=1), unit(c3_reduce, out=c3, kernel=3)
        )
        self.branch3 = nn.Sequential(
            unit(in_channels, out=c5_reduce, kernel=1), unit(c5_reduce, out=c5, kernel=large)
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1), unit(in_channels, out=pool, kernel=1)
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class Head(nn.Module):
    """A classifier halfway, whose loss reaches the first layers on a shorter way."""

    def __init__(
        self, in_channels: int, classes: int, unit: Callable[..., nn.Module], paper: bool
    ) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(5, stride=3) if paper else nn.AdaptiveAvgPool2d(4)
        self.conv = unit(in_channels, out=128, kernel=1)
        self.fc1 = _trunc_normal(nn.Linear(128 * 4 * 4, 1024))
        self.relu = nn.ReLU(inplace=True)
        self.dropout = nn.Dropout(0.7)
        self.fc2 = _trunc_normal(nn.Linear(1024, classes))

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(x)
        x = self.fc1(torch.flatten(self.conv(x), 1))
        return self.fc2(self.dropout(self.relu(x)))


class InceptionV1Outputs(NamedTuple):
    """What `InceptionV1` gives in training."""

    output: Tensor
    aux1: Tensor | None
    aux2: Tensor | None


class InceptionV1(nn.Module):
    """The paper's network, or torchvision's."""

    def __init__(
        self, in_channels: int, classes: int, unit: Callable[..., nn.Module], paper: bool
    ) -> None:
        super().__init__()
        large = 5 if paper else 3
        last_pool = 3 if paper else 2
        rate = 0.4 if paper else 0.2
        self.conv1 = unit(in_channels, out=64, kernel=7, stride=2)
        self.maxpool = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.lrn = nn.LocalResponseNorm(5) if paper else nn.Identity()
        self.conv2 = unit(64, out=64, kernel=1)
        self.conv3 = unit(64, out=192, kernel=3)
        self.lrn2 = nn.LocalResponseNorm(5) if paper else nn.Identity()
        self.maxpool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception3a = Inception(
            192, 64, 96, c3=128, c5_reduce=16, c5=32, pool=32, unit=unit, large=large
        )
        self.inception3b = Inception(
            256, 128, 128, c3=192, c5_reduce=32, c5=96, pool=64, unit=unit, large=large
        )
        self.maxpool3 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception4a = Inception(
            480, 192, 96, c3=208, c5_reduce=16, c5=48, pool=64, unit=unit, large=large
        )
        self.aux1 = Head(512, classes, unit, paper=paper)
        self.inception4b = Inception(
            512, 160, 112, c3=224, c5_reduce=24, c5=64, pool=64, unit=unit, large=large
        )
        self.inception4c = Inception(
            512, 128, 128, c3=256, c5_reduce=24, c5=64, pool=64, unit=unit, large=large
        )
        self.inception4d = Inception(
            512, 112, 144, c3=288, c5_reduce=32, c5=64, pool=64, unit=unit, large=large
        )
        self.aux2 = Head(528, classes, unit, paper=paper)
        self.inception4e = Inception(
            528, 256, 160, c3=320, c5_reduce=32, c5=128, pool=128, unit=unit, large=large
        )
        self.maxpool4 = nn.MaxPool2d(last_pool, stride=2, ceil_mode=True)
        self.inception5a = Inception(
            832, 256, 160, c3=320, c5_reduce=32, c5=128, pool=128, unit=unit, large=large
        )
        self.inception5b = Inception(
            832, 384, 192, c3=384, c5_reduce=48, c5=128, pool=128, unit=unit, large=large
        )
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(rate)
        self.fc = _trunc_normal(nn.Linear(1024, classes))

    def forward(self, x: Tensor) -> Tensor | InceptionV1Outputs:
        x = self.lrn(self.maxpool(self.conv1(x)))
        x = self.conv2(x)
        x = self.maxpool2(self.lrn2(self.conv3(x)))
        x = self.inception3a(x)
        x = self.maxpool3(self.inception3b(x))
        x = self.inception4a(x)
        aux1: Tensor | None = None
        if self.training:
            aux1 = self.aux1(x)
        x = self.inception4b(x)
        x = self.inception4c(x)
        x = self.inception4d(x)
        aux2: Tensor | None = None
        if self.training:
            aux2 = self.aux2(x)
        x = self.maxpool4(self.inception4e(x))
        x = self.inception5a(x)
        x = torch.flatten(self.global_avgpool(self.inception5b(x)), 1)
        x = self.fc(self.dropout(x))
        if self.training:
            return InceptionV1Outputs(x, aux1, aux2)
        return x


def googlenet(classes: int = 1000) -> InceptionV1:
    """Defaults: [3, 224, 224] -> [1000]; 13,004,888 parameters (6,624,904 without what exists in
    training alone); 1,498,376,192 multiply-adds.

    conv1 [64, 112, 112]; conv2 [64, 56, 56]; conv3 [192, 56, 56]; inception3a [256, 28, 28];
    inception3b [480, 28, 28]; inception4a [512, 14, 14]; aux1 [1000]; inception4b, inception4c
    [512, 14, 14]; inception4d [528, 14, 14]; aux2 [1000]; inception4e [832, 14, 14]; inception5a
    [832, 7, 7]; inception5b [1024, 7, 7]; fc [1000].
    """
    return InceptionV1(3, classes, Normalized, paper=False)


def googlenet_paper(classes: int = 1000) -> InceptionV1:
    """Defaults: [3, 224, 224] -> [1000]; 13,378,280 parameters (6,998,552 without what exists in
    training alone); 1,582,671,872 multiply-adds.

    conv1 [64, 112, 112]; conv2 [64, 56, 56]; conv3 [192, 56, 56]; inception3a [256, 28, 28];
    inception3b [480, 28, 28]; inception4a [512, 14, 14]; aux1 [1000]; inception4b, inception4c
    [512, 14, 14]; inception4d [528, 14, 14]; aux2 [1000]; inception4e [832, 14, 14]; inception5a
    [832, 7, 7]; inception5b [1024, 7, 7]; fc [1000].
    """
    return InceptionV1(3, classes, Plain, paper=True)
