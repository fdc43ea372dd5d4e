# Generated from resnet_cifar.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: f49433b2d92a4a9488b7003161e556866301f4593fa620b2df3c0e92b1282bec
"""The networks for CIFAR of Deep Residual Learning (He et al., CVPR 2016), and Deep Networks with
Stochastic Depth (Huang et al., ECCV 2016).

The paper pads shortcuts with zeros (option A); the `_b` networks project them. Stochastic depth
skips residual branches at random while training, the more of them the deeper they lie. Its
authors gate a whole batch, as here, and scale what a branch gives by its chance to survive when
they test; `drop_path` divides by it while training, as torchvision does, which is the same in
expectation. Their code does not run a branch that is skipped, so that its normalisation learns
nothing from that batch; here it does. Their convolutions have biases that the normalisation
undoes; these have none.
"""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "ResNet",
    "StochasticDepth",
    "resnet110",
    "resnet110_b",
    "resnet110_stochastic_depth",
    "resnet20",
    "resnet20_b",
    "resnet32",
    "resnet44",
    "resnet56",
    "resnet56_b",
]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


class DropPath(nn.Module):
    """Drops a whole sample, or the whole batch, with probability `p` while training."""

    def __init__(self, p: float, mode: str = "row") -> None:
        super().__init__()
        self.p = p
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        count = x.size(0) if self.mode == "row" else 1
        kept = F.dropout(x.new_ones([count]), self.p)
        return (x.transpose(0, -1) * kept).transpose(0, -1)


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
    """6 n + 2 layers."""

    def __init__(
        self, in_channels: int, n: int, classes: int, body: Callable[..., nn.Module]
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = nn.Sequential(body(16, width=16), *(body(16, width=16) for _ in range(n - 1)))
        self.layer2 = nn.Sequential(
            body(16, width=32, stride=2), *(body(32, width=32) for _ in range(n - 1))
        )
        self.layer3 = nn.Sequential(
            body(32, width=64, stride=2), *(body(64, width=64) for _ in range(n - 1))
        )
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(64, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer1(x)
        x = self.layer2(x)
        x = torch.flatten(self.global_avgpool(self.layer3(x)), 1)
        return self.fc(x)


class Dropped(nn.Module):
    """`basic`, with a branch that is left out with probability `p`."""

    def __init__(self, in_channels: int, width: int, p: float, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.drop_path = DropPath(p, mode="batch")
        self.downsample = zero_padding(in_channels, width, stride=stride, window=2)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        x = self.drop_path(self.bn2(self.conv2(out))) + self.downsample(x)
        return self.relu(x)


class DroppedStage(nn.Sequential):
    """n blocks after `before` others; each is dropped a `step` more often than the one before
    it.
    """

    def __init__(
        self, in_channels: int, n: int, width: int, before: int, step: float, stride: int = 1
    ) -> None:
        super().__init__(
            Dropped(in_channels, width, step * (before + 1), stride=stride),
            *(Dropped(width, width, step * (before + i)) for i in range(2, n + 1)),
        )


class StochasticDepth(nn.Module):
    """The chance to survive falls in a line, from 1 to `survival` for the last of all blocks."""

    def __init__(self, in_channels: int, n: int, classes: int, survival: float) -> None:
        super().__init__()
        step = (1 - survival) / (3 * n)
        self.conv1 = nn.Conv2d(in_channels, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = DroppedStage(16, n, 16, before=0, step=step)
        self.layer2 = DroppedStage(16, n, 32, before=n, step=step, stride=2)
        self.layer3 = DroppedStage(32, n, 64, before=2 * n, step=step, stride=2)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(64, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer1(x)
        x = self.layer2(x)
        x = torch.flatten(self.global_avgpool(self.layer3(x)), 1)
        return self.fc(x)


def resnet20(classes: int = 10) -> ResNet:
    """Defaults: [3, 32, 32] -> [10]; 269,722 parameters; 40,551,040 multiply-adds.

    conv1, bn1, layer1 [16, 32, 32]; layer2 [32, 16, 16]; layer3 [64, 8, 8]; fc [10].
    """
    return ResNet(3, 3, classes, body=partial(Basic, shortcut=zero_padding))


def resnet32(classes: int = 10) -> ResNet:
    """Defaults: [3, 32, 32] -> [10]; 464,154 parameters; 68,862,592 multiply-adds.

    conv1, bn1, layer1 [16, 32, 32]; layer2 [32, 16, 16]; layer3 [64, 8, 8]; fc [10].
    """
    return ResNet(3, 5, classes, body=partial(Basic, shortcut=zero_padding))


def resnet44(classes: int = 10) -> ResNet:
    """Defaults: [3, 32, 32] -> [10]; 658,586 parameters; 97,174,144 multiply-adds.

    conv1, bn1, layer1 [16, 32, 32]; layer2 [32, 16, 16]; layer3 [64, 8, 8]; fc [10].
    """
    return ResNet(3, 7, classes, body=partial(Basic, shortcut=zero_padding))


def resnet56(classes: int = 10) -> ResNet:
    """Defaults: [3, 32, 32] -> [10]; 853,018 parameters; 125,485,696 multiply-adds.

    conv1, bn1, layer1 [16, 32, 32]; layer2 [32, 16, 16]; layer3 [64, 8, 8]; fc [10].
    """
    return ResNet(3, 9, classes, body=partial(Basic, shortcut=zero_padding))


def resnet110(classes: int = 10) -> ResNet:
    """Defaults: [3, 32, 32] -> [10]; 1,727,962 parameters; 252,887,680 multiply-adds.

    conv1, bn1, layer1 [16, 32, 32]; layer2 [32, 16, 16]; layer3 [64, 8, 8]; fc [10].
    """
    return ResNet(3, 18, classes, body=partial(Basic, shortcut=zero_padding))


def resnet20_b(classes: int = 10) -> ResNet:
    """Defaults: [3, 32, 32] -> [10]; 272,474 parameters; 40,813,184 multiply-adds.

    conv1, bn1, layer1 [16, 32, 32]; layer2 [32, 16, 16]; layer3 [64, 8, 8]; fc [10].
    """
    return ResNet(3, 3, classes, body=Basic)


def resnet56_b(classes: int = 10) -> ResNet:
    """Defaults: [3, 32, 32] -> [10]; 855,770 parameters; 125,747,840 multiply-adds.

    conv1, bn1, layer1 [16, 32, 32]; layer2 [32, 16, 16]; layer3 [64, 8, 8]; fc [10].
    """
    return ResNet(3, 9, classes, body=Basic)


def resnet110_b(classes: int = 10) -> ResNet:
    """Defaults: [3, 32, 32] -> [10]; 1,730,714 parameters; 253,149,824 multiply-adds.

    conv1, bn1, layer1 [16, 32, 32]; layer2 [32, 16, 16]; layer3 [64, 8, 8]; fc [10].
    """
    return ResNet(3, 18, classes, body=Basic)


def resnet110_stochastic_depth(classes: int = 10, survival: float = 0.5) -> StochasticDepth:
    """Defaults: [3, 32, 32] -> [10]; 1,727,962 parameters; 252,887,680 multiply-adds.

    conv1, bn1, layer1 [16, 32, 32]; layer2 [32, 16, 16]; layer3 [64, 8, 8]; fc [10].
    """
    return StochasticDepth(3, 18, classes, survival=survival)
