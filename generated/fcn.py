# Generated from fcn.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: ac205130039fb05fb4fdaf1c6145074d502c7665ced473abece719c732a6371b
"""Fully Convolutional Networks for Semantic Segmentation (Long et al., CVPR 2015), on ResNets.

In the last two stages of the ResNet, convolutions are dilated instead of strided, so that
features keep an eighth of the image's size (Yu et al., CVPR 2017). A second head on the stage
before the last helps training. torchvision's networks, with its keys.
"""

from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["FCN", "FCNOutputs", "fcn_resnet101", "fcn_resnet50"]


def _kaiming_normal(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return module


def projection(in_channels: int, out: int, stride: int = 1) -> nn.Module:
    """The identity where it fits, else a strided 1x1 convolution: ResNet's option B."""
    if stride > 1 or in_channels != out:
        return nn.Sequential(
            _kaiming_normal(nn.Conv2d(in_channels, out, 1, stride=stride, bias=False)),
            nn.BatchNorm2d(out),
        )
    return nn.Identity()


class Bottleneck(nn.Module):
    def __init__(self, in_channels: int, width: int, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        self.conv1 = _kaiming_normal(nn.Conv2d(in_channels, width, 1, bias=False))
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = _kaiming_normal(
            nn.Conv2d(
                width, width, 3, stride=stride, padding=dilation, dilation=dilation, bias=False
            )
        )
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = _kaiming_normal(nn.Conv2d(width, 4 * width, 1, bias=False))
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = projection(in_channels, 4 * width, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        return self.relu(self.bn3(self.conv3(out)) + self.downsample(x))


class ResNet(nn.Module):
    """A ResNet without its classifier."""

    def __init__(self, depths: list[int]) -> None:
        super().__init__()
        self.conv1 = _kaiming_normal(nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False))
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = nn.Sequential(
            Bottleneck(64, 64), *(Bottleneck(256, 64) for _ in range(depths[0] - 1))
        )
        self.layer2 = nn.Sequential(
            Bottleneck(256, 128, stride=2), *(Bottleneck(512, 128) for _ in range(depths[1] - 1))
        )
        self.layer3 = nn.Sequential(
            Bottleneck(512, 256), *(Bottleneck(1024, 256, dilation=2) for _ in range(depths[2] - 1))
        )
        self.layer4 = nn.Sequential(
            Bottleneck(1024, 512, dilation=2),
            *(Bottleneck(2048, 512, dilation=4) for _ in range(depths[3] - 1)),
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.maxpool(x)
        x = self.layer1(x)
        x = self.layer2(x)
        layer3 = self.layer3(x)
        layer4 = self.layer4(layer3)
        return layer3, layer4


class FCNHead(nn.Sequential):
    def __init__(self, in_channels: int, classes: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, in_channels // 4, 3, padding=1, bias=False),
            nn.BatchNorm2d(in_channels // 4),
            nn.ReLU(inplace=True),
            nn.Dropout(0.1),
            nn.Conv2d(in_channels // 4, classes, 1),
        )


class FCNOutputs(NamedTuple):
    """What `FCN` gives."""

    out: Tensor
    aux: Tensor


class FCN(nn.Module):
    """Classes for every pixel, by the main head and by one that helps training."""

    def __init__(self, depths: list[int], classes: int) -> None:
        super().__init__()
        self.backbone = ResNet(depths)
        self.classifier = FCNHead(2048, classes)
        self.aux_classifier = FCNHead(1024, classes)

    def forward(self, x: Tensor) -> FCNOutputs:
        c4, c5 = self.backbone(x)
        classifier = self.classifier(c5)
        aux_classifier = self.aux_classifier(c4)
        out = F.interpolate(classifier, size=x.shape[2:], mode="bilinear")
        aux = F.interpolate(aux_classifier, size=x.shape[2:], mode="bilinear")
        return FCNOutputs(out, aux)


def fcn_resnet50(classes: int = 21) -> FCN:
    """Defaults: [3, h, w] -> out [21, h, w] and aux [21, h, w] for h >= 1 and w >= 1; 35,322,218
    parameters; 245,760 * ((h + 3) // 4) * ((w + 3) // 4) + 35,012,352 * ((h + 7) // 8) * ((w +
    7) // 8) + 9,408 * ((h + 1) // 2) * ((w + 1) // 2) multiply-adds.

    backbone (c4 [1024, (h + 7) // 8, (w + 7) // 8], c5 [2048, (h + 7) // 8, (w + 7) // 8]);
    classifier, aux_classifier [21, (h + 7) // 8, (w + 7) // 8]; out, aux [21, h, w].
    """
    return FCN([3, 4, 6, 3], classes)


def fcn_resnet101(classes: int = 21) -> FCN:
    """Defaults: [3, h, w] -> out [21, h, w] and aux [21, h, w] for h >= 1 and w >= 1; 54,314,346
    parameters; 245,760 * ((h + 3) // 4) * ((w + 3) // 4) + 53,952,256 * ((h + 7) // 8) * ((w +
    7) // 8) + 9,408 * ((h + 1) // 2) * ((w + 1) // 2) multiply-adds.

    backbone (c4 [1024, (h + 7) // 8, (w + 7) // 8], c5 [2048, (h + 7) // 8, (w + 7) // 8]);
    classifier, aux_classifier [21, (h + 7) // 8, (w + 7) // 8]; out, aux [21, h, w].
    """
    return FCN([3, 4, 23, 3], classes)
