# Generated from densenet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: f038497caf371d757811db93b4758a46e598f5229fb5217118d7d3579eb7d890
"""Densely Connected Convolutional Networks (Huang et al., CVPR 2017).

The paper's networks for ImageNet, as torchvision ships them, and for CIFAR: plain, and of the
form BC, with bottlenecks of four times the growth and transitions that halve the channels. Where
images are not augmented, the paper drops a fifth of what each convolution but the first gives:
`drop=0.2`. Plain networks begin with 16 channels, as their published sizes want; the authors'
code begins with twice the growth.
"""

import math
from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import Tensor, nn

__all__ = [
    "DenseNet",
    "densenet121",
    "densenet161",
    "densenet169",
    "densenet201",
    "densenet264",
    "densenet_bc_cifar",
    "densenet_cifar",
]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")
    elif isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)


class DenseLayer(nn.Module):
    """`growth` new channels from all that there are."""

    def __init__(self, in_channels: int, growth: int, drop: float = 0.0) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(in_channels, 4 * growth, 1, bias=False)
        self.dropout = nn.Dropout(drop) if drop > 0 else nn.Identity()
        self.norm2 = nn.BatchNorm2d(4 * growth)
        self.conv2 = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm1(x))
        x = self.norm2(self.dropout(self.conv1(x)))
        return self.dropout(self.conv2(self.relu(x)))


class PlainLayer(nn.Module):
    """The same without a bottleneck."""

    def __init__(self, in_channels: int, growth: int, drop: float = 0.0) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(in_channels, growth, 3, padding=1, bias=False)
        self.dropout = nn.Dropout(drop) if drop > 0 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm1(x))
        return self.dropout(self.conv1(x))


class DenseBlock(nn.Module):
    """Every layer reads what all the layers before it made."""

    def __init__(
        self,
        in_channels: int,
        n: int,
        growth: int,
        body: Callable[..., nn.Module],
        drop: float = 0.0,
    ) -> None:
        super().__init__()
        channels = in_channels
        for i in range(1, n + 1):
            self.add_module(f"denselayer{i}", body(channels, growth=growth, drop=drop))
            channels += growth

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.children():
            x = torch.cat([x, layer(x)], 1)
        return x


class Transition(nn.Module):
    """A part of the channels at half the resolution."""

    def __init__(self, in_channels: int, part: float, drop: float) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(in_channels, math.floor(in_channels * part), 1, bias=False)
        self.dropout = nn.Dropout(drop) if drop > 0 else nn.Identity()
        self.avgpool = nn.AvgPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm(x))
        return self.avgpool(self.dropout(self.conv(x)))


class DenseNet(nn.Module):
    """Small images keep their resolution in the stem."""

    def __init__(
        self,
        in_channels: int,
        depths: list[int],
        classes: int,
        stem: int = 64,
        growth: int = 32,
        body: Callable[..., nn.Module] = DenseLayer,
        part: float = 0.5,
        drop: float = 0.0,
        small_images: bool = False,
    ) -> None:
        super().__init__()
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        if small_images:
            layers["conv0"] = nn.Conv2d(in_channels, stem, 3, padding=1, bias=False)
        else:
            layers["conv0"] = nn.Conv2d(in_channels, stem, 7, stride=2, padding=3, bias=False)
            layers["norm0"] = nn.BatchNorm2d(stem)
            layers["relu"] = nn.ReLU(inplace=True)
            layers["maxpool"] = nn.MaxPool2d(3, stride=2, padding=1)
        channels = stem
        for i, n in enumerate(depths, 1):
            layers[f"denseblock{i}"] = DenseBlock(channels, n, growth, body=body, drop=drop)
            channels += n * growth
            if i < len(depths):
                layers[f"transition{i}"] = Transition(channels, part, drop)
                channels = math.floor(channels * part)
            else:
                layers["norm5"] = nn.BatchNorm2d(channels)
        self.features = nn.Sequential(layers)
        self.relu = nn.ReLU(inplace=True)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(channels, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.features(x))
        return self.classifier(torch.flatten(self.global_avgpool(x), 1))


def densenet121(classes: int = 1000) -> DenseNet:
    """Defaults: [3, 224, 224] -> [1000]; 7,978,856 parameters; 2,834,161,664 multiply-adds.

    features [1024, 7, 7]; classifier [1000].
    """
    return DenseNet(3, [6, 12, 24, 16], classes)


def densenet161(classes: int = 1000) -> DenseNet:
    """Defaults: [3, 224, 224] -> [1000]; 28,681,000 parameters; 7,727,907,072 multiply-adds.

    features [2208, 7, 7]; classifier [1000].
    """
    return DenseNet(3, [6, 12, 36, 24], classes, stem=96, growth=48)


def densenet169(classes: int = 1000) -> DenseNet:
    """Defaults: [3, 224, 224] -> [1000]; 14,149,480 parameters; 3,359,843,328 multiply-adds.

    features [1664, 7, 7]; classifier [1000].
    """
    return DenseNet(3, [6, 12, 32, 32], classes)


def densenet201(classes: int = 1000) -> DenseNet:
    """Defaults: [3, 224, 224] -> [1000]; 20,013,928 parameters; 4,291,365,888 multiply-adds.

    features [1920, 7, 7]; classifier [1000].
    """
    return DenseNet(3, [6, 12, 48, 32], classes)


def densenet264(classes: int = 1000) -> DenseNet:
    """Defaults: [3, 224, 224] -> [1000]; 33,337,704 parameters; 5,751,653,376 multiply-adds.

    features [2688, 7, 7]; classifier [1000].
    """
    return DenseNet(3, [6, 12, 64, 48], classes)


def densenet_cifar(classes: int = 10, n: int = 12, growth: int = 12, drop: float = 0.0) -> DenseNet:
    """For CIFAR, without bottlenecks: 3 n + 4 layers.

    Defaults: [3, 32, 32] -> [10]; 1,019,722 parameters; 264,812,928 multiply-adds.

    features [448, 8, 8]; classifier [10].
    """
    return DenseNet(
        3,
        [n, n, n],
        classes,
        stem=16,
        growth=growth,
        body=PlainLayer,
        part=1,
        drop=drop,
        small_images=True,
    )


def densenet_bc_cifar(
    classes: int = 10, n: int = 16, growth: int = 12, drop: float = 0.0
) -> DenseNet:
    """For CIFAR, of the form BC: 6 n + 4 layers.

    Defaults: [3, 32, 32] -> [10]; 769,162 parameters; 287,929,692 multiply-adds.

    features [342, 8, 8]; classifier [10].
    """
    return DenseNet(
        3, [n, n, n], classes, stem=2 * growth, growth=growth, drop=drop, small_images=True
    )
