# Generated from alexnet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 812cd94d4e85291db5ad14751427c4ae917c1a5d76593884084a550dfed0f42c
"""ImageNet Classification with Deep Convolutional Neural Networks (Krizhevsky et al., NIPS
2012).

`alexnet_2012` is the paper's network in one column, its two towers written as groups, and
`alexnet_two_towers` keeps them apart, one for each of the two GPUs. They differ in one point:
the normalisation of one column reaches across the border between the towers. The paper does not
say which it is; each GPU had only its own tower at hand. Images have 227 pixels, because the
paper's 224 do not give the 55 of its first layer.

`alexnet` is torchvision's, the single tower of One Weird Trick for Parallelizing Convolutional
Neural Networks (Krizhevsky, 2014): narrower, with neither groups nor normalisation, and with
dropout before the linear layers instead of after them.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

__all__ = ["AlexNet", "AlexNet2012", "AlexNetTwoTowers"]


def _normal(module: nn.Conv2d | nn.Linear) -> nn.Module:
    nn.init.normal_(module.weight, std=0.01)
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


def _normal_with_bias(module: nn.Conv2d | nn.Linear) -> nn.Module:
    nn.init.normal_(module.weight, std=0.01)
    if module.bias is not None:
        nn.init.constant_(module.bias, 1)
    return module


class AlexNet(nn.Module):
    """Defaults: [3, 224, 224] -> [1000]; 61,100,840 parameters; 714,188,480 multiply-adds.

    features [256, 6, 6]; classifier [1000].
    """

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(64, 192, 5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(192, 384, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
        )
        self.adaptive_avgpool = nn.AdaptiveAvgPool2d(6)
        self.classifier = nn.Sequential(
            nn.Dropout(),
            nn.Linear(256 * 6 * 6, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = torch.flatten(self.adaptive_avgpool(self.features(x)), 1)
        return self.classifier(x)


class Early(nn.Module):
    """The layers before the towers exchange their maps: one tower, or several as groups."""

    def __init__(self, in_channels: int, towers: int = 1) -> None:
        super().__init__()
        self.conv1 = _normal(nn.Conv2d(in_channels, 48 * towers, 11, stride=4))
        self.relu = nn.ReLU(inplace=True)
        self.lrn = nn.LocalResponseNorm(5, alpha=0.0005, k=2.0)
        self.maxpool = nn.MaxPool2d(3, stride=2)
        self.conv2 = _normal_with_bias(
            nn.Conv2d(48 * towers, 128 * towers, 5, padding=2, groups=towers)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.conv1(x))
        x = self.conv2(self.maxpool(self.lrn(x)))
        return self.maxpool(self.lrn(self.relu(x)))


class Late(nn.Module):
    """The layers after it. The first of them sees the maps of all towers."""

    def __init__(self, in_channels: int, towers: int = 1) -> None:
        super().__init__()
        self.conv3 = _normal(nn.Conv2d(in_channels, 192 * towers, 3, padding=1))
        self.relu = nn.ReLU(inplace=True)
        self.conv4 = _normal_with_bias(
            nn.Conv2d(192 * towers, 192 * towers, 3, padding=1, groups=towers)
        )
        self.conv5 = _normal_with_bias(
            nn.Conv2d(192 * towers, 128 * towers, 3, padding=1, groups=towers)
        )
        self.maxpool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.conv3(x))
        x = self.relu(self.conv4(x))
        x = self.relu(self.conv5(x))
        return self.maxpool(x)


class Hidden(nn.Sequential):
    """A linear layer, of which dropout leaves a half in training."""

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__(
            _normal_with_bias(nn.Linear(in_channels, width)), nn.ReLU(inplace=True), nn.Dropout()
        )


class AlexNet2012(nn.Module):
    """Defaults: [3, 227, 227] -> [1000]; 60,965,224 parameters; 724,406,816 multiply-adds.

    early [256, 13, 13]; late [256, 6, 6]; fc6, fc7 [4096]; fc8 [1000].
    """

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.early = Early(3, towers=2)
        self.late = Late(256, towers=2)
        self.fc6 = Hidden(256 * 6 * 6, 4096)
        self.fc7 = Hidden(4096, 4096)
        self.fc8 = _normal(nn.Linear(4096, classes))

    def forward(self, x: Tensor) -> Tensor:
        x = self.early(x)
        x = torch.flatten(self.late(x), 1)
        x = self.fc6(x)
        return self.fc8(self.fc7(x))


class Both(nn.Module):
    """Two of a kind, which see the same and go on with the results of both."""

    def __init__(self, in_channels: int, tower: Callable[..., nn.Module]) -> None:
        super().__init__()
        self.tower1 = tower(in_channels)
        self.tower2 = tower(in_channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.tower1(x), self.tower2(x)], 1)


class AlexNetTwoTowers(nn.Module):
    """Defaults: [3, 227, 227] -> [1000]; 60,965,224 parameters; 724,406,816 multiply-adds.

    early [256, 13, 13]; late [256, 6, 6]; fc6, fc7 [4096]; fc8 [1000].
    """

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.early = Both(3, Early)
        self.late = Both(256, Late)
        self.fc6 = Both(256 * 6 * 6, partial(Hidden, width=2048))
        self.fc7 = Both(4096, partial(Hidden, width=2048))
        self.fc8 = _normal(nn.Linear(4096, classes))

    def forward(self, x: Tensor) -> Tensor:
        x = self.early(x)
        x = torch.flatten(self.late(x), 1)
        x = self.fc6(x)
        return self.fc8(self.fc7(x))
