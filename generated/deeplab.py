# Generated from deeplab.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: aef12418229c5ae81e46b39edd0e0572bb73540a8d3ccb321ca54db1dc91fba8
"""Rethinking Atrous Convolution for Semantic Image Segmentation (Chen et al., 2017): DeepLabv3, on
ResNets and on MobileNetV3.

Convolutions of several dilations, and the mean of the whole image, see objects of several sizes.
torchvision's networks, with its keys.
"""

from typing import Final, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "DeepLab",
    "DeepLabOutputs",
    "DeepLabV3MobileNetV3Large",
    "DeepLabV3MobileNetV3LargeOutputs",
    "deeplabv3_resnet101",
    "deeplabv3_resnet50",
]


def _kaiming_normal(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


def divisible(v: float, by: int) -> int:
    """The multiple of `by` next to `v`, but no less than nine tenths of it."""
    n = max(by, int(v + by / 2) // by * by)
    return n + by if n < 0.9 * v else n


def projection(in_channels: int, out: int, stride: int = 1) -> nn.Module:
    """The identity where it fits, else a strided 1x1 convolution: ResNet's option B."""
    if stride > 1 or in_channels != out:
        return nn.Sequential(
            _kaiming_normal(nn.Conv2d(in_channels, out, 1, stride=stride, bias=False)),
            nn.BatchNorm2d(out),
        )
    return nn.Identity()


class SE(nn.Module):
    """Squeeze-and-excitation (Hu et al., CVPR 2018): weigh the channels by what the whole image
    shows.
    """

    def __init__(self, in_channels: int, squeeze: int) -> None:
        super().__init__()
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = _kaiming_normal(nn.Conv2d(in_channels, squeeze, 1))
        self.relu = nn.ReLU(inplace=True)
        self.fc2 = _kaiming_normal(nn.Conv2d(squeeze, in_channels, 1))
        self.hardsigmoid = nn.Hardsigmoid(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.fc1(self.global_avgpool(x)))
        return x * self.hardsigmoid(self.fc2(out))


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


class Narrow(nn.Sequential):
    """The linear bottleneck: no nonlinearity."""

    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__(
            _kaiming_normal(nn.Conv2d(in_channels, out, 1, bias=False)),
            nn.BatchNorm2d(out, eps=0.001, momentum=0.01),
        )


class Unit(nn.Sequential):
    def __init__(
        self,
        in_channels: int,
        out: int,
        kernel: int,
        activation: str,
        stride: int = 1,
        groups: int = 1,
        dilation: int = 1,
    ) -> None:
        super().__init__(
            _kaiming_normal(
                nn.Conv2d(
                    in_channels,
                    out,
                    kernel,
                    stride=stride,
                    padding=dilation * (kernel // 2),
                    dilation=dilation,
                    groups=groups,
                    bias=False,
                )
            ),
            nn.BatchNorm2d(out, eps=0.001, momentum=0.01),
            nn.Hardswish(inplace=True) if activation == "HS" else nn.ReLU(inplace=True),
        )


class InvertedResidual(nn.Module):
    use_residual: Final[bool]

    def __init__(
        self,
        in_channels: int,
        out: int,
        expand: float,
        kernel: int,
        squeeze: bool,
        activation: str,
        stride: int,
        dilation: int = 1,
    ) -> None:
        super().__init__()
        wide = divisible(expand * in_channels, 8)
        self.use_residual = stride == 1 and in_channels == out
        layers: list[nn.Module] = []
        if wide != in_channels:
            layers.append(Unit(in_channels, wide, 1, activation=activation))
        layers.append(
            Unit(
                wide,
                wide,
                kernel,
                activation=activation,
                stride=stride if dilation == 1 else 1,
                groups=wide,
                dilation=dilation,
            )
        )
        if squeeze:
            layers.append(SE(wide, divisible(wide / 4, 8)))
        layers.append(Narrow(wide, out))
        self.block = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        out = self.block(x)
        return out + x if self.use_residual else out


class Atrous(nn.Sequential):
    def __init__(self, in_channels: int, out: int, kernel: int = 1, dilation: int = 1) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out,
                kernel,
                padding=dilation * (kernel // 2),
                dilation=dilation,
                bias=False,
            ),
            nn.BatchNorm2d(out),
            nn.ReLU(inplace=True),
        )


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling."""

    def __init__(self, in_channels: int, out: int, rates: list[int]) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            [
                Atrous(in_channels, out),
                Atrous(in_channels, out, kernel=3, dilation=rates[0]),
                Atrous(in_channels, out, kernel=3, dilation=rates[1]),
                Atrous(in_channels, out, kernel=3, dilation=rates[2]),
                nn.Sequential(
                    nn.AdaptiveAvgPool2d(1),
                    nn.Conv2d(in_channels, out, 1, bias=False),
                    nn.BatchNorm2d(out),
                    nn.ReLU(inplace=True),
                ),
            ]
        )
        self.project = nn.Sequential(
            nn.Conv2d(5 * out, out, 1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(inplace=True),
            nn.Dropout(),
        )

    def forward(self, x: Tensor) -> Tensor:
        out = F.interpolate(self.convs[4](x), size=x.shape[2:], mode="bilinear")
        y = torch.cat(
            [self.convs[0](x), self.convs[1](x), self.convs[2](x), self.convs[3](x), out], 1
        )
        return self.project(y)


class DeepLabHead(nn.Sequential):
    def __init__(self, in_channels: int, classes: int) -> None:
        super().__init__(
            ASPP(in_channels, 256, [12, 24, 36]),
            nn.Conv2d(256, 256, 3, padding=1, bias=False),
            nn.BatchNorm2d(256),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, classes, 1),
        )


class DeepLabOutputs(NamedTuple):
    """What `DeepLab` gives."""

    out: Tensor
    aux: Tensor


class DeepLab(nn.Module):
    def __init__(self, classes: int, depths: list[int]) -> None:
        super().__init__()
        self.backbone = ResNet(depths)
        self.classifier = DeepLabHead(2048, classes)
        self.aux_classifier = FCNHead(1024, classes)

    def forward(self, x: Tensor) -> DeepLabOutputs:
        c4, c5 = self.backbone(x)
        classifier = self.classifier(c5)
        aux_classifier = self.aux_classifier(c4)
        out = F.interpolate(classifier, size=x.shape[2:], mode="bilinear")
        aux = F.interpolate(aux_classifier, size=x.shape[2:], mode="bilinear")
        return DeepLabOutputs(out, aux)


class DeepLabV3MobileNetV3LargeOutputs(NamedTuple):
    """What `DeepLabV3MobileNetV3Large` gives."""

    out: Tensor
    aux: Tensor


class DeepLabV3MobileNetV3Large(nn.Module):
    """Defaults: [3, h, w] -> out [21, h, w] and aux [21, h, w] for h >= 1 and w >= 1; 11,029,328
    parameters; 1,752,960 + 1,856 * ((h + 1) // 2) * ((w + 1) // 2) + 43,290 * ((h + 7) //
    8) * ((w + 7) // 8) + 7,944 * ((h + 3) // 4) * ((w + 3) // 4) + 9,190,152 * ((h + 15) //
    16) * ((w + 15) // 16) multiply-adds.

    backbone.0, backbone.1 [16, (h + 1) // 2, (w + 1) // 2]; backbone.2, backbone.3
    [24, (h + 3) // 4, (w + 3) // 4]; backbone.4, backbone.5, backbone.6
    [40, (h + 7) // 8, (w + 7) // 8]; backbone.7, backbone.8, backbone.9, backbone.10
    [80, (h + 15) // 16, (w + 15) // 16]; backbone.11, backbone.12
    [112, (h + 15) // 16, (w + 15) // 16]; backbone.13, backbone.14, backbone.15
    [160, (h + 15) // 16, (w + 15) // 16]; backbone.16 [960, (h + 15) // 16, (w + 15) // 16];
    classifier [21, (h + 15) // 16, (w + 15) // 16]; aux_classifier
    [21, (h + 7) // 8, (w + 7) // 8]; out, aux [21, h, w].
    """

    def __init__(self, classes: int = 21) -> None:
        super().__init__()
        self.backbone = nn.ModuleList(
            [
                Unit(3, 16, 3, activation="HS", stride=2),
                InvertedResidual(16, 16, 1.0, kernel=3, squeeze=False, activation="RE", stride=1),
                InvertedResidual(16, 24, 4.0, kernel=3, squeeze=False, activation="RE", stride=2),
                InvertedResidual(24, 24, 3.0, kernel=3, squeeze=False, activation="RE", stride=1),
                InvertedResidual(24, 40, 3.0, kernel=5, squeeze=True, activation="RE", stride=2),
                InvertedResidual(40, 40, 3.0, kernel=5, squeeze=True, activation="RE", stride=1),
                InvertedResidual(40, 40, 3.0, kernel=5, squeeze=True, activation="RE", stride=1),
                InvertedResidual(40, 80, 6.0, kernel=3, squeeze=False, activation="HS", stride=2),
                InvertedResidual(
                    80, 80, 200 / 80, kernel=3, squeeze=False, activation="HS", stride=1
                ),
                InvertedResidual(
                    80, 80, 184 / 80, kernel=3, squeeze=False, activation="HS", stride=1
                ),
                InvertedResidual(
                    80, 80, 184 / 80, kernel=3, squeeze=False, activation="HS", stride=1
                ),
                InvertedResidual(80, 112, 6.0, kernel=3, squeeze=True, activation="HS", stride=1),
                InvertedResidual(112, 112, 6.0, kernel=3, squeeze=True, activation="HS", stride=1),
                InvertedResidual(
                    112, 160, 6.0, kernel=5, squeeze=True, activation="HS", stride=2, dilation=2
                ),
                InvertedResidual(
                    160, 160, 6.0, kernel=5, squeeze=True, activation="HS", stride=1, dilation=2
                ),
                InvertedResidual(
                    160, 160, 6.0, kernel=5, squeeze=True, activation="HS", stride=1, dilation=2
                ),
                Unit(160, 960, 1, activation="HS"),
            ]
        )
        self.classifier = DeepLabHead(960, classes)
        self.aux_classifier = FCNHead(40, classes)

    def forward(self, x: Tensor) -> DeepLabV3MobileNetV3LargeOutputs:
        y = self.backbone[0](x)
        y = self.backbone[1](y)
        y = self.backbone[2](y)
        y = self.backbone[3](y)
        c3 = self.backbone[4](y)
        y = self.backbone[5](c3)
        y = self.backbone[6](y)
        y = self.backbone[7](y)
        y = self.backbone[8](y)
        y = self.backbone[9](y)
        y = self.backbone[10](y)
        y = self.backbone[11](y)
        y = self.backbone[12](y)
        y = self.backbone[13](y)
        y = self.backbone[14](y)
        y = self.backbone[15](y)
        y = self.backbone[16](y)
        classifier = self.classifier(y)
        aux_classifier = self.aux_classifier(c3)
        out = F.interpolate(classifier, size=x.shape[2:], mode="bilinear")
        aux = F.interpolate(aux_classifier, size=x.shape[2:], mode="bilinear")
        return DeepLabV3MobileNetV3LargeOutputs(out, aux)


def deeplabv3_resnet50(classes: int = 21) -> DeepLab:
    """Defaults: [3, h, w] -> out [21, h, w] and aux [21, h, w] for h >= 1 and w >= 1; 42,004,074
    parameters; 245,760 * ((h + 3) // 4) * ((w + 3) // 4) + 41,167,360 * ((h + 7) // 8) * ((w +
    7) // 8) + 524,288 + 9,408 * ((h + 1) // 2) * ((w + 1) // 2) multiply-adds.

    backbone (c4 [1024, (h + 7) // 8, (w + 7) // 8], c5 [2048, (h + 7) // 8, (w + 7) // 8]);
    classifier, aux_classifier [21, (h + 7) // 8, (w + 7) // 8]; out, aux [21, h, w].
    """
    return DeepLab(classes, [3, 4, 6, 3])


def deeplabv3_resnet101(classes: int = 21) -> DeepLab:
    """Defaults: [3, h, w] -> out [21, h, w] and aux [21, h, w] for h >= 1 and w >= 1; 60,996,202
    parameters; 245,760 * ((h + 3) // 4) * ((w + 3) // 4) + 524,288 + 60,107,264 * ((h + 7) //
    8) * ((w + 7) // 8) + 9,408 * ((h + 1) // 2) * ((w + 1) // 2) multiply-adds.

    backbone (c4 [1024, (h + 7) // 8, (w + 7) // 8], c5 [2048, (h + 7) // 8, (w + 7) // 8]);
    classifier, aux_classifier [21, (h + 7) // 8, (w + 7) // 8]; out, aux [21, h, w].
    """
    return DeepLab(classes, [3, 4, 23, 3])
