# Generated from resnet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 94209d73ba260fdd2848c4b59551afd05141211f83404657941c7179c37b25a4
"""Deep Residual Learning for Image Recognition (He et al., CVPR 2016).

`resnet50` and its kin are torchvision's, with the paper's option B for shortcuts and the stride
in the 3x3 convolution of a bottleneck; in `resnet50_paper` and its kin the first one strides, as
in the paper and in the authors' models. The letters are the paper's options A and C.

The blocks `basic` and `bottleneck`, the shortcut `projection` and the function `stage` are in
the prelude.
"""

import torch
from torch import Tensor, nn

__all__ = ["ResNet", "resnet50_a"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


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
        self.downsample = zero_padding(in_channels, 4 * width, stride=stride)

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
            Bottleneck(64, 64), *(Bottleneck(256, 64) for _ in range(depths[0] - 1))
        )
        self.layer2 = nn.Sequential(
            Bottleneck(256, 128, stride=2), *(Bottleneck(512, 128) for _ in range(depths[1] - 1))
        )
        self.layer3 = nn.Sequential(
            Bottleneck(512, 256, stride=2), *(Bottleneck(1024, 256) for _ in range(depths[2] - 1))
        )
        self.layer4 = nn.Sequential(
            Bottleneck(1024, 512, stride=2), *(Bottleneck(2048, 512) for _ in range(depths[3] - 1))
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


def resnet50_a(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 22,780,456 parameters; 3,729,522,688 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(3, [3, 4, 6, 3], classes)
