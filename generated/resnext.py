# Generated from resnext.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: d73d33bf46b56c4c5ee372294b29f0c6d000859de3c91e550d11c0e1ba5cda70
"""Aggregated Residual Transformations for Deep Neural Networks (Xie et al., CVPR 2017).

ResNet with bottlenecks whose 3x3 convolutions are grouped: 32x4d means 32 groups that have 4
channels each in the first stage. The paper's Figure 3 shows two other forms of the same
function, without groups: 32 narrow paths that are summed, and 32 that are concatenated early.
The networks for CIFAR are those of the paper's text and of the authors' code; their published
errors belong to blocks that normalise before they convolve, as the code's documentation says.
"""

import torch
from torch import Tensor, nn

__all__ = [
    "ResNeXtCifar",
    "ResNet",
    "StageConcatenated",
    "StageGrouped",
    "StageSummed",
    "resnext101_32x4d",
    "resnext101_32x8d",
    "resnext101_64x4d",
    "resnext29_16x64d",
    "resnext29_8x64d",
    "resnext50_32x4d",
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


class Path(nn.Module):
    """One of the groups, by itself."""

    def __init__(self, in_channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(x)))


class LongPath(nn.Module):
    """A path of its own to all channels."""

    def __init__(self, in_channels: int, width: int, stride: int) -> None:
        super().__init__()
        path_width = width * 4 // 64
        self.path = Path(in_channels, path_width, stride)
        self.conv3 = nn.Conv2d(path_width, 4 * width, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv3(self.path(x))


class SummedPaths(nn.Module):
    def __init__(self, in_channels: int, width: int, stride: int) -> None:
        super().__init__()
        for i in range(32):
            self.add_module(f"{i}", LongPath(in_channels, width, stride))

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([branch(x) for branch in self.children()]).sum(0)


class Summed(nn.Module):
    """Figure 3(a). One normalisation follows the sum, for the paths together can have only one."""

    def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.paths = SummedPaths(in_channels, width, stride)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = projection(in_channels, 4 * width, stride=stride)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn3(self.paths(x)) + self.downsample(x))


class ConcatenatedPaths(nn.Module):
    def __init__(self, in_channels: int, width: int, stride: int) -> None:
        super().__init__()
        for i in range(32):
            self.add_module(f"{i}", Path(in_channels, width, stride))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.children()], 1)


class Concatenated(nn.Module):
    """Figure 3(b)."""

    def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        concatenated_paths_width = width * 4 // 64
        self.paths = ConcatenatedPaths(in_channels, concatenated_paths_width, stride)
        self.conv3 = nn.Conv2d(32 * concatenated_paths_width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = projection(in_channels, 4 * width, stride=stride)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn3(self.conv3(self.paths(x))) + self.downsample(x)
        return self.relu(x)


class StageGrouped(nn.Sequential):
    """The first stage of `resnext50_32x4d`.

    [64, 56, 56] -> [256, 56, 56]; 205,824 parameters; 634,224,640 multiply-adds.

    0, 1, 2 [256, 56, 56].
    """

    def __init__(self) -> None:
        super().__init__(
            Bottleneck(64, 64, groups=32, base=4),
            *(Bottleneck(256, 64, groups=32, base=4) for _ in range(2)),
        )
        self.apply(_init_weights)


class StageSummed(nn.Sequential):
    """The same, in the form of Figure 3(a).

    [64, 56, 56] -> [256, 56, 56]; 205,824 parameters; 634,224,640 multiply-adds.

    0, 1, 2 [256, 56, 56].
    """

    def __init__(self) -> None:
        super().__init__(Summed(64, 64), *(Summed(256, 64) for _ in range(2)))
        self.apply(_init_weights)


class StageConcatenated(nn.Sequential):
    """The same, in the form of Figure 3(b).

    [64, 56, 56] -> [256, 56, 56]; 205,824 parameters; 634,224,640 multiply-adds.

    0, 1, 2 [256, 56, 56].
    """

    def __init__(self) -> None:
        super().__init__(Concatenated(64, 64), *(Concatenated(256, 64) for _ in range(2)))
        self.apply(_init_weights)


class ResNeXtCifar(nn.Module):
    """For small images: 29 layers."""

    def __init__(self, in_channels: int, classes: int, groups: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 64, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = nn.Sequential(
            Bottleneck(64, 64, groups=groups),
            *(Bottleneck(256, 64, groups=groups) for _ in range(2)),
        )
        self.layer2 = nn.Sequential(
            Bottleneck(256, 128, stride=2, groups=groups),
            *(Bottleneck(512, 128, groups=groups) for _ in range(2)),
        )
        self.layer3 = nn.Sequential(
            Bottleneck(512, 256, stride=2, groups=groups),
            *(Bottleneck(1024, 256, groups=groups) for _ in range(2)),
        )
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(1024, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer1(x)
        x = self.layer2(x)
        x = torch.flatten(self.global_avgpool(self.layer3(x)), 1)
        return self.fc(x)


def resnext50_32x4d(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 25,028,904 parameters; 4,230,479,872 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(3, [3, 4, 6, 3], classes, groups=32, base=4)


def resnext101_32x4d(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 44,177,704 parameters; 7,969,996,800 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(3, [3, 4, 23, 3], classes, groups=32, base=4)


def resnext101_64x4d(classes: int = 1000) -> ResNet:
    """Defaults: [3, 224, 224] -> [1000]; 83,455,272 parameters; 15,460,270,080 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(3, [3, 4, 23, 3], classes, groups=64, base=4)


def resnext101_32x8d(classes: int = 1000) -> ResNet:
    """Not in the paper, but in torchvision.

    Defaults: [3, 224, 224] -> [1000]; 88,791,336 parameters; 16,414,015,488 multiply-adds.

    conv1, bn1 [64, 112, 112]; layer1 [256, 56, 56]; layer2 [512, 28, 28]; layer3 [1024, 14, 14];
    layer4 [2048, 7, 7]; fc [1000].
    """
    return ResNet(3, [3, 4, 23, 3], classes, groups=32, base=8)


def resnext29_8x64d(classes: int = 10) -> ResNeXtCifar:
    """Defaults: [3, 32, 32] -> [10]; 34,426,698 parameters; 5,387,266,048 multiply-adds.

    conv1, bn1 [64, 32, 32]; layer1 [256, 32, 32]; layer2 [512, 16, 16]; layer3 [1024, 8, 8]; fc
    [10].
    """
    return ResNeXtCifar(3, classes, 8)


def resnext29_16x64d(classes: int = 10) -> ResNeXtCifar:
    """Defaults: [3, 32, 32] -> [10]; 68,155,210 parameters; 10,688,866,304 multiply-adds.

    conv1, bn1 [64, 32, 32]; layer1 [256, 32, 32]; layer2 [512, 16, 16]; layer3 [1024, 8, 8]; fc
    [10].
    """
    return ResNeXtCifar(3, classes, 16)
