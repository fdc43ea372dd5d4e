# Generated from wide_resnet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: c78fa0e89db059fc13aa151a86911d4dc531d9fd4deda55c0fb47434579ac0d2
"""Wide Residual Networks (Zagoruyko and Komodakis, BMVC 2016), for ImageNet.

ResNet with bottlenecks whose inner convolutions are twice as wide; what comes out of a block has
the width of ResNet's. torchvision's networks, with its keys.
"""

import torch
from torch import Tensor, nn

__all__ = ["ResNet", "wide_resnet101_2", "wide_resnet50_2"]


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
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = projection(in_channels, 4 * width, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        return self.relu(self.bn3(self.conv3(out)) + self.downsample(x))


class ResNet(nn.Module):
    """A stem, four stages of residual blocks, each with half the resolution of the one before and
    twice its width, and a linear classifier.
    """

    def __init__(self, in_channels: int, depths: list[int], classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = nn.Sequential(
            Bottleneck(64, 64, base=128),
            *(Bottleneck(256, 64, base=128) for _ in range(depths[0] - 1)),
        )
        self.layer2 = nn.Sequential(
            Bottleneck(256, 128, stride=2, base=128),
            *(Bottleneck(512, 128, base=128) for _ in range(depths[1] - 1)),
        )
        self.layer3 = nn.Sequential(
            Bottleneck(512, 256, stride=2, base=128),
            *(Bottleneck(1024, 256, base=128) for _ in range(depths[2] - 1)),
        )
        self.layer4 = nn.Sequential(
            Bottleneck(1024, 512, stride=2, base=128),
            *(Bottleneck(2048, 512, base=128) for _ in range(depths[3] - 1)),
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


def wide_resnet50_2(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 68,883,240 parameters; 11,398,021,120 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(3, [3, 4, 6, 3], classes)


def wide_resnet101_2(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 126,886,696 parameters; 22,753,050,624 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(3, [3, 4, 23, 3], classes)
