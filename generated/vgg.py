# Generated from vgg.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: dde7c9c81efb4a873165be7c57d60fca52b46c62c2493d0ceaa87318c973358e
"""Very Deep Convolutional Networks for Large-Scale Image Recognition (Simonyan and Zisserman, ICLR
2015).

The paper's configurations A, B, D and E, plain or with batch normalisation.
"""

import torch
from torch import Tensor, nn

__all__ = [
    "VGG",
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)


class VGG(nn.Module):
    """Five stages of 3x3 convolutions, each halved by a pool, and three linear layers."""

    def __init__(
        self, in_channels: int, depths: list[int], classes: int, batch_norm: bool = False
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = in_channels
        for n, width in zip(depths, [64, 128, 256, 512, 512]):
            for _ in range(n):
                layers.append(nn.Conv2d(channels, width, 3, padding=1))
                if batch_norm:
                    layers.append(nn.BatchNorm2d(width))
                layers.append(nn.ReLU(inplace=True))
                channels = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.adaptive_avgpool = nn.AdaptiveAvgPool2d(7)
        self.classifier = nn.Sequential(
            nn.Linear(channels * 7 * 7, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, classes),
        )
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.flatten(self.adaptive_avgpool(self.features(x)), 1)
        return self.classifier(x)


def vgg11(classes: int = 1000) -> VGG:
    """Defaults: [3, 224, 224] -> [1000]; 132,863,336 parameters; 7,609,090,048 multiply-adds.

    features [512, 7, 7]; classifier [1000].
    """
    return VGG(3, [1, 1, 2, 2, 2], classes)


def vgg13(classes: int = 1000) -> VGG:
    """Defaults: [3, 224, 224] -> [1000]; 133,047,848 parameters; 11,308,466,176 multiply-adds.

    features [512, 7, 7]; classifier [1000].
    """
    return VGG(3, [2, 2, 2, 2, 2], classes)


def vgg16(classes: int = 1000) -> VGG:
    """Defaults: [3, 224, 224] -> [1000]; 138,357,544 parameters; 15,470,264,320 multiply-adds.

    features [512, 7, 7]; classifier [1000].
    """
    return VGG(3, [2, 2, 3, 3, 3], classes)


def vgg19(classes: int = 1000) -> VGG:
    """Defaults: [3, 224, 224] -> [1000]; 143,667,240 parameters; 19,632,062,464 multiply-adds.

    features [512, 7, 7]; classifier [1000].
    """
    return VGG(3, [2, 2, 4, 4, 4], classes)


def vgg11_bn(classes: int = 1000) -> VGG:
    """Defaults: [3, 224, 224] -> [1000]; 132,868,840 parameters; 7,609,090,048 multiply-adds.

    features [512, 7, 7]; classifier [1000].
    """
    return VGG(3, [1, 1, 2, 2, 2], classes, batch_norm=True)


def vgg13_bn(classes: int = 1000) -> VGG:
    """Defaults: [3, 224, 224] -> [1000]; 133,053,736 parameters; 11,308,466,176 multiply-adds.

    features [512, 7, 7]; classifier [1000].
    """
    return VGG(3, [2, 2, 2, 2, 2], classes, batch_norm=True)


def vgg16_bn(classes: int = 1000) -> VGG:
    """Defaults: [3, 224, 224] -> [1000]; 138,365,992 parameters; 15,470,264,320 multiply-adds.

    features [512, 7, 7]; classifier [1000].
    """
    return VGG(3, [2, 2, 3, 3, 3], classes, batch_norm=True)


def vgg19_bn(classes: int = 1000) -> VGG:
    """Defaults: [3, 224, 224] -> [1000]; 143,678,248 parameters; 19,632,062,464 multiply-adds.

    features [512, 7, 7]; classifier [1000].
    """
    return VGG(3, [2, 2, 4, 4, 4], classes, batch_norm=True)
