# Generated from senet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 19dee4acb528d9aabfab199dec89bc003c9da48b25d7677afdd61f3718069755
"""Squeeze-and-Excitation Networks (Hu et al., CVPR 2018).

`legacy_seresnet50` and its kin are the authors' released networks, under timm's names: the first
convolution of a bottleneck strides, the pool of the stem rounds up, and the two linear layers of
a squeeze (here 1x1 convolutions, as in timm) have biases. In the paper's comparisons they have
none. `seresnet50` and `seresnext50_32x4d` are timm's own, which are ResNets with attention, and
start the last gain of every block at 0. Biases start as in timm: it leaves them to PyTorch.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

__all__ = [
    "BNGoogLeNet",
    "ResNet",
    "SENet",
    "legacy_senet154",
    "legacy_seresnet101",
    "legacy_seresnet152",
    "legacy_seresnet50",
    "legacy_seresnext50_32x4d",
    "se_bn_inception",
    "seresnet50",
    "seresnet50_3x3",
    "seresnet50_identity",
    "seresnet50_post",
    "seresnet50_pre",
    "seresnext50_32x4d",
]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def _kaiming_normal(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return module


def _constant(module: nn.BatchNorm2d, gain: float) -> nn.Module:
    nn.init.constant_(module.weight, gain)
    return module


def _trunc_normal(module: nn.Conv2d | nn.Linear) -> nn.Module:
    nn.init.trunc_normal_(module.weight, std=0.1, a=-2, b=2)
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


def projection(in_channels: int, out: int, stride: int = 1) -> nn.Module:
    """The identity where it fits, else a strided 1x1 convolution: ResNet's option B."""
    if stride > 1 or in_channels != out:
        return nn.Sequential(
            nn.Conv2d(in_channels, out, 1, stride=stride, bias=False), nn.BatchNorm2d(out)
        )
    return nn.Identity()


class Bottleneck(nn.Module):
    """The block of ResNet-50 and deeper: 1x1, 3x3 and 1x1 convolutions and a shortcut. The 3x3 one
    strides, as in most implementations, or `early` the first, as in the paper. `groups` and
    `base`, the width of a group where `width` is 64, make it ResNeXt's (Xie et al., CVPR 2017).
    """

    def __init__(
        self,
        in_channels: int,
        width: int,
        stride: int = 1,
        groups: int = 1,
        base: int = 64,
        early: bool = False,
    ) -> None:
        super().__init__()
        mid = width * base // 64 * groups
        self.conv1 = nn.Conv2d(in_channels, mid, 1, stride=stride if early else 1, bias=False)
        self.bn1 = nn.BatchNorm2d(mid)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(
            mid, mid, 3, stride=1 if early else stride, padding=1, groups=groups, bias=False
        )
        self.bn2 = nn.BatchNorm2d(mid)
        self.conv3 = nn.Conv2d(mid, 4 * width, 1, bias=False)
        self.bn3 = _constant(nn.BatchNorm2d(4 * width), gain=0)
        self.se = SE(4 * width)
        self.downsample = projection(in_channels, 4 * width, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        x = self.se(self.bn3(self.conv3(out))) + self.downsample(x)
        return self.relu(x)


class SE(nn.Module):
    """Squeeze-and-excitation (Hu et al., CVPR 2018): weigh the channels by what the whole image
    shows.
    """

    def __init__(self, in_channels: int, reduction: int = 16) -> None:
        super().__init__()
        squeeze = in_channels // reduction
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = _kaiming_normal(nn.Conv2d(in_channels, squeeze, 1))
        self.relu = nn.ReLU(inplace=True)
        self.fc2 = _kaiming_normal(nn.Conv2d(squeeze, in_channels, 1))
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.fc1(self.global_avgpool(x)))
        return x * self.sigmoid(self.fc2(out))


class InceptionV3Unit(nn.Module):
    """A convolution, a batch normalisation and a rectifier."""

    def __init__(self, in_channels: int, out: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = _trunc_normal(
            nn.Conv2d(in_channels, out, kernel, stride=stride, padding=kernel // 2, bias=False)
        )
        self.bn = nn.BatchNorm2d(out, eps=0.001)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


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
        self.branch1 = InceptionV3Unit(in_channels, c1, 1)
        self.branch2 = nn.Sequential(
            InceptionV3Unit(in_channels, c3_reduce, 1), InceptionV3Unit(c3_reduce, c3, 3)
        )
        self.branch3 = nn.Sequential(
            InceptionV3Unit(in_channels, double_reduce, 1),
            InceptionV3Unit(double_reduce, double, 3),
            InceptionV3Unit(double, double, 3),
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1)
            if strongest
            else nn.AvgPool2d(3, stride=1, padding=1),
            InceptionV3Unit(in_channels, pooled, 1),
        )
        self.se = SE(c1 + c3 + double + pooled)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)
        return self.se(x)


class Reduction(nn.Module):
    """A module that halves the resolution, and passes on what it reads beside what it makes."""

    def __init__(
        self, in_channels: int, c3_reduce: int, c3: int, double_reduce: int, double: int
    ) -> None:
        super().__init__()
        self.branch1 = nn.Sequential(
            InceptionV3Unit(in_channels, c3_reduce, 1), InceptionV3Unit(c3_reduce, c3, 3, stride=2)
        )
        self.branch2 = nn.Sequential(
            InceptionV3Unit(in_channels, double_reduce, 1),
            InceptionV3Unit(double_reduce, double, 3),
            InceptionV3Unit(double, double, 3, stride=2),
        )
        self.maxpool = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.se = SE(c3 + double + in_channels)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.branch1(x), self.branch2(x), self.maxpool(x)], 1)
        return self.se(x)


class BNGoogLeNet(nn.Module):
    """GoogLeNet with these modules; `pooled` is how wide the branch with the pool is in 4c and
    4d.
    """

    def __init__(self, in_channels: int, classes: int, pooled: int) -> None:
        super().__init__()
        self.conv1 = InceptionV3Unit(in_channels, 64, 7, stride=2)
        self.maxpool = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv2 = InceptionV3Unit(64, 64, 1)
        self.conv3 = InceptionV3Unit(64, 192, 3)
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
        self.fc = _trunc_normal(nn.Linear(1024, classes))

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


class ResNet(nn.Module):
    """A stem, four stages of residual blocks, each with half the resolution of the one before and
    twice its width, and a linear classifier.
    """

    def __init__(
        self, in_channels: int, depths: list[int], classes: int, groups: int, base: int
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = nn.Sequential(
            Bottleneck(64, 64, groups=groups, base=base),
            *(Bottleneck(256, 64, groups=groups, base=base) for _ in range(depths[0] - 1)),
        )
        self.layer2 = nn.Sequential(
            Bottleneck(256, 128, stride=2, groups=groups, base=base),
            *(Bottleneck(512, 128, groups=groups, base=base) for _ in range(depths[1] - 1)),
        )
        self.layer3 = nn.Sequential(
            Bottleneck(512, 256, stride=2, groups=groups, base=base),
            *(Bottleneck(1024, 256, groups=groups, base=base) for _ in range(depths[2] - 1)),
        )
        self.layer4 = nn.Sequential(
            Bottleneck(1024, 512, stride=2, groups=groups, base=base),
            *(Bottleneck(2048, 512, groups=groups, base=base) for _ in range(depths[3] - 1)),
        )
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(2048, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.maxpool(x)
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = torch.flatten(self.global_avgpool(self.layer4(x)), 1)
        return self.fc(x)


class Unit(nn.Module):
    """A bottleneck whose first and second convolution are `narrow` and `wide` times the width, with
    `attention` in one of the places that the paper's Figure 5 and Table 14 compare.
    """

    def __init__(
        self,
        in_channels: int,
        width: int,
        stride: int = 1,
        narrow: int = 1,
        wide: int = 1,
        groups: int = 1,
        early: bool = False,
        shortcut: Callable[..., nn.Module] = projection,
        place: str = "standard",
    ) -> None:
        super().__init__()
        self.pre = SE(in_channels) if place == "pre" else nn.Identity()
        self.conv1 = nn.Conv2d(
            in_channels, narrow * width, 1, stride=stride if early else 1, bias=False
        )
        self.bn1 = nn.BatchNorm2d(narrow * width)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(
            narrow * width,
            wide * width,
            3,
            stride=1 if early else stride,
            padding=1,
            groups=groups,
            bias=False,
        )
        self.bn2 = nn.BatchNorm2d(wide * width)
        self.inner = SE(wide * width) if place == "3x3" else nn.Identity()
        self.conv3 = nn.Conv2d(wide * width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.se_module = SE(4 * width) if place == "standard" else nn.Identity()
        self.downsample = shortcut(in_channels, out=4 * width, stride=stride)
        self.identity = SE(4 * width) if place == "identity" else nn.Identity()
        self.post = SE(4 * width) if place == "post" else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        out = self.bn1(self.conv1(self.pre(x)))
        out = self.bn2(self.conv2(self.relu(out)))
        out = self.conv3(self.inner(self.relu(out)))
        x = self.relu(self.se_module(self.bn3(out)) + self.identity(self.downsample(x)))
        return self.post(x)


class Stem(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, ceil_mode=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        return self.maxpool(x)


class SENet(nn.Module):
    def __init__(
        self,
        in_channels: int,
        body: Callable[..., nn.Module],
        depths: list[int],
        classes: int,
        stem_channels: int,
        stem: Callable[..., nn.Module] = Stem,
        drop: float = 0.0,
    ) -> None:
        super().__init__()
        self.layer0 = stem(in_channels)
        self.layer1 = nn.Sequential(
            body(stem_channels, width=64), *(body(256, width=64) for _ in range(depths[0] - 1))
        )
        self.layer2 = nn.Sequential(
            body(256, width=128, stride=2), *(body(512, width=128) for _ in range(depths[1] - 1))
        )
        self.layer3 = nn.Sequential(
            body(512, width=256, stride=2), *(body(1024, width=256) for _ in range(depths[2] - 1))
        )
        self.layer4 = nn.Sequential(
            body(1024, width=512, stride=2), *(body(2048, width=512) for _ in range(depths[3] - 1))
        )
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(drop) if drop > 0 else nn.Identity()
        self.last_linear = nn.Linear(2048, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer0(x)
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = torch.flatten(self.global_avgpool(self.layer4(x)), 1)
        return self.last_linear(self.dropout(x))


class DeepStem(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 64, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(64, 64, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(64)
        self.conv3 = nn.Conv2d(64, 128, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(128)
        self.maxpool = nn.MaxPool2d(3, stride=2, ceil_mode=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        x = self.relu(self.bn3(self.conv3(x)))
        return self.maxpool(x)


def large_projection(in_channels: int, out: int, stride: int = 1) -> nn.Module:
    """Where it strides, it sees all pixels."""
    kernel = 3 if stride > 1 else 1
    if stride > 1 or in_channels != out:
        return nn.Sequential(
            nn.Conv2d(in_channels, out, kernel, stride=stride, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(out),
        )
    return nn.Identity()


def seresnet50(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 28,088,024 parameters; 4,091,699,200 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(3, [3, 4, 6, 3], classes, groups=1, base=64)


def seresnext50_32x4d(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 27,559,896 parameters; 4,232,994,816 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(3, [3, 4, 6, 3], classes, groups=32, base=4)


def legacy_seresnet50(classes: int = 1000) -> SENet:
    """Defaults: [3, 224, 224] -> [1000]; 28,088,024 parameters; 3,860,488,192 multiply-adds.

    layer0 [64, 56, 56]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; last_linear [1000].
    """
    return SENet(3, partial(Unit, early=True), [3, 4, 6, 3], classes=classes, stem_channels=64)


def legacy_seresnet101(classes: int = 1000) -> SENet:
    """Defaults: [3, 224, 224] -> [1000]; 49,326,872 parameters; 7,574,937,600 multiply-adds.

    layer0 [64, 56, 56]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; last_linear [1000].
    """
    return SENet(3, partial(Unit, early=True), [3, 4, 23, 3], classes=classes, stem_channels=64)


def legacy_seresnet152(classes: int = 1000) -> SENet:
    """Defaults: [3, 224, 224] -> [1000]; 66,821,848 parameters; 11,288,993,792 multiply-adds.

    layer0 [64, 56, 56]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; last_linear [1000].
    """
    return SENet(3, partial(Unit, early=True), [3, 8, 36, 3], classes=classes, stem_channels=64)


def legacy_seresnext50_32x4d(classes: int = 1000) -> SENet:
    """Defaults: [3, 224, 224] -> [1000]; 27,559,896 parameters; 4,232,994,816 multiply-adds.

    layer0 [64, 56, 56]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; last_linear [1000].
    """
    return SENet(
        3,
        partial(Unit, narrow=2, wide=2, groups=32),
        [3, 4, 6, 3],
        classes=classes,
        stem_channels=64,
    )


def seresnet50_pre(classes: int = 1000) -> SENet:
    """Before the convolutions of the branch.

    Defaults: [3, 224, 224] -> [1000]; 27,562,140 parameters; 3,859,964,416 multiply-adds.

    layer0 [64, 56, 56]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; last_linear [1000].
    """
    return SENet(
        3, partial(Unit, early=True, place="pre"), [3, 4, 6, 3], classes=classes, stem_channels=64
    )


def seresnet50_post(classes: int = 1000) -> SENet:
    """After the sum and its rectifier.

    Defaults: [3, 224, 224] -> [1000]; 28,088,024 parameters; 3,860,488,192 multiply-adds.

    layer0 [64, 56, 56]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; last_linear [1000].
    """
    return SENet(
        3, partial(Unit, early=True, place="post"), [3, 4, 6, 3], classes=classes, stem_channels=64
    )


def seresnet50_identity(classes: int = 1000) -> SENet:
    """On the shortcut.

    Defaults: [3, 224, 224] -> [1000]; 28,088,024 parameters; 3,860,488,192 multiply-adds.

    layer0 [64, 56, 56]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; last_linear [1000].
    """
    return SENet(
        3,
        partial(Unit, early=True, place="identity"),
        [3, 4, 6, 3],
        classes=classes,
        stem_channels=64,
    )


def seresnet50_3x3(classes: int = 1000) -> SENet:
    """After the 3x3 convolution, where there are fewer channels.

    Defaults: [3, 224, 224] -> [1000]; 25,718,228 parameters; 3,858,130,432 multiply-adds.

    layer0 [64, 56, 56]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; last_linear [1000].
    """
    return SENet(
        3, partial(Unit, early=True, place="3x3"), [3, 4, 6, 3], classes=classes, stem_channels=64
    )


def legacy_senet154(classes: int = 1000) -> SENet:
    """Defaults: [3, 224, 224] -> [1000]; 115,088,984 parameters; 20,688,363,520 multiply-adds.

    layer0 [128, 56, 56]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; last_linear [1000].
    """
    return SENet(
        3,
        partial(Unit, narrow=2, wide=4, groups=64, shortcut=large_projection),
        [3, 8, 36, 3],
        classes=classes,
        stem_channels=128,
        stem=DeepStem,
        drop=0.2,
    )


def se_bn_inception(classes: int = 1000) -> BNGoogLeNet:
    """BN-Inception (Ioffe and Szegedy, ICML 2015) with every module recalibrated as a whole.

    Defaults: [3, 224, 224] -> [1000]; 11,931,622 parameters; 2,033,239,424 multiply-adds.

    conv1 [64, 112, 112]; conv2 [64, 56, 56]; conv3 [192, 56, 56]; inception3a [256, 28, 28];
    inception3b [320, 28, 28]; inception3c, inception4a, inception4b [576, 14, 14]; inception4c,
    inception4d [608, 14, 14]; inception4e [1056, 7, 7]; inception5a, inception5b [1024, 7, 7];
    fc [1000].
    """
    return BNGoogLeNet(3, classes, 128)
