# Generated from resnet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 0a6d677744fb764859b8b629336d0099213ed2ec4361c5f74c7fc8f63b32c0e4
"""Deep Residual Learning for Image Recognition (He et al., CVPR 2016).

`resnet50` and its kin are torchvision's, with the paper's option B for shortcuts and the stride
in the 3x3 convolution of a bottleneck; in `resnet50_paper` and its kin the first one strides, as
in the paper and in the authors' models. The letters are the paper's options A and C.

The blocks `basic` and `bottleneck`, the shortcut `projection` and the function `stage` are in
the prelude.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

__all__ = [
    "ResNet",
    "resnet101",
    "resnet101_paper",
    "resnet152",
    "resnet152_paper",
    "resnet18",
    "resnet34",
    "resnet34_a",
    "resnet34_c",
    "resnet50",
    "resnet50_a",
    "resnet50_c",
    "resnet50_paper",
]


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

    def __init__(
        self,
        in_channels: int,
        width: int,
        stride: int = 1,
        shortcut: Callable[..., nn.Module] = projection,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = shortcut(in_channels, out=width, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(out)) + self.downsample(x))


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
        shortcut: Callable[..., nn.Module] = projection,
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
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = shortcut(in_channels, out=4 * width, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        return self.relu(self.bn3(self.conv3(out)) + self.downsample(x))


def zero_padding(in_channels: int, out: int, stride: int = 1, window: int = 1) -> nn.Module:
    """Option A: every other pixel, or the means of windows, and zeros for the channels that are not
    there. It has no weights.
    """
    if stride > 1 or in_channels != out:
        return nn.Sequential(
            nn.AvgPool2d(window, stride=stride), nn.ZeroPad3d((0, 0, 0, 0, 0, out - in_channels))
        )
    return nn.Identity()


class FullProjection(nn.Sequential):
    """Option C: a convolution around every block."""

    def __init__(self, in_channels: int, out: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out, 1, stride=stride, bias=False), nn.BatchNorm2d(out)
        )


class ResNet(nn.Module):
    """A stem, four stages of residual blocks, each with half the resolution of the one before and
    twice its width, and a linear classifier.
    """

    def __init__(
        self,
        in_channels: int,
        body: Callable[..., nn.Module],
        depths: list[int],
        classes: int,
        expansion: int,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = nn.Sequential(
            body(64, width=64), *(body(64 * expansion, width=64) for _ in range(depths[0] - 1))
        )
        self.layer2 = nn.Sequential(
            body(64 * expansion, width=128, stride=2),
            *(body(128 * expansion, width=128) for _ in range(depths[1] - 1)),
        )
        self.layer3 = nn.Sequential(
            body(128 * expansion, width=256, stride=2),
            *(body(256 * expansion, width=256) for _ in range(depths[2] - 1)),
        )
        self.layer4 = nn.Sequential(
            body(256 * expansion, width=512, stride=2),
            *(body(512 * expansion, width=512) for _ in range(depths[3] - 1)),
        )
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512 * expansion, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.maxpool(x)
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = torch.flatten(self.global_avgpool(self.layer4(x)), 1)
        return self.fc(x)


def resnet18(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 11,689,512 parameters; 1,814,073,344 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [64, 56, 56]; layer2 [128, 28, 28]; layer3 [256, 14, 14];
    layer4 [512, 7, 7]; fc [1000].
    """
    return ResNet(3, Basic, [2, 2, 2, 2], classes=classes, expansion=1)


def resnet34(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 21,797,672 parameters; 3,663,761,408 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [64, 56, 56]; layer2 [128, 28, 28]; layer3 [256, 14, 14];
    layer4 [512, 7, 7]; fc [1000].
    """
    return ResNet(3, Basic, [3, 4, 6, 3], classes=classes, expansion=1)


def resnet50(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 25,557,032 parameters; 4,089,184,256 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(3, Bottleneck, [3, 4, 6, 3], classes=classes, expansion=4)


def resnet101(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 44,549,160 parameters; 7,801,405,440 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(3, Bottleneck, [3, 4, 23, 3], classes=classes, expansion=4)


def resnet152(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 60,192,808 parameters; 11,513,626,624 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(3, Bottleneck, [3, 8, 36, 3], classes=classes, expansion=4)


def resnet50_paper(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 25,557,032 parameters; 3,857,973,248 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(3, partial(Bottleneck, early=True), [3, 4, 6, 3], classes=classes, expansion=4)


def resnet101_paper(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 44,549,160 parameters; 7,570,194,432 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(3, partial(Bottleneck, early=True), [3, 4, 23, 3], classes=classes, expansion=4)


def resnet152_paper(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 60,192,808 parameters; 11,282,415,616 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(3, partial(Bottleneck, early=True), [3, 8, 36, 3], classes=classes, expansion=4)


def resnet34_a(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 21,623,848 parameters; 3,644,493,824 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [64, 56, 56]; layer2 [128, 28, 28]; layer3 [256, 14, 14];
    layer4 [512, 7, 7]; fc [1000].
    """
    return ResNet(
        3, partial(Basic, shortcut=zero_padding), [3, 4, 6, 3], classes=classes, expansion=1
    )


def resnet34_c(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 22,716,840 parameters; 3,830,747,136 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [64, 56, 56]; layer2 [128, 28, 28]; layer3 [256, 14, 14];
    layer4 [512, 7, 7]; fc [1000].
    """
    return ResNet(
        3, partial(Basic, shortcut=FullProjection), [3, 4, 6, 3], classes=classes, expansion=1
    )


def resnet50_a(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 22,780,456 parameters; 3,729,522,688 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(
        3, partial(Bottleneck, shortcut=zero_padding), [3, 4, 6, 3], classes=classes, expansion=4
    )


def resnet50_c(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 40,128,552 parameters; 6,555,435,008 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(
        3, partial(Bottleneck, shortcut=FullProjection), [3, 4, 6, 3], classes=classes, expansion=4
    )
