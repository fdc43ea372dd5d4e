# Generated from mnasnet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 885f2f7219b04a7e5ad96e72414b485eb264070639fe5775d4c7805f9fb95d75
"""MnasNet: Platform-Aware Neural Architecture Search for Mobile (Tan et al., CVPR 2019).

Inverted residuals with kernels of 3 and 5, as a search for fast networks chose them; the variant
B1, without squeeze-and-excitation. `width` multiplies all channels but the last. torchvision's
networks, with its keys.
"""

from typing import Final

import torch
from torch import Tensor, nn

__all__ = ["MNASNet", "mnasnet0_5", "mnasnet0_75", "mnasnet1_0", "mnasnet1_3"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def _uniform(module: nn.Linear, limit: float) -> nn.Module:
    nn.init.uniform_(module.weight, a=-limit, b=limit)
    nn.init.zeros_(module.bias)
    return module


def divisible(v: float, by: int) -> int:
    """The multiple of `by` next to `v`, but no less than nine tenths of it."""
    n = max(by, int(v + by / 2) // by * by)
    return n + by if n < 0.9 * v else n


class InvertedResidual(nn.Module):
    use_residual: Final[bool]

    def __init__(
        self, in_channels: int, out: int, kernel: int, expand: int, stride: int = 1
    ) -> None:
        super().__init__()
        wide = expand * in_channels
        self.use_residual = stride == 1 and in_channels == out
        self.layers = nn.Sequential(
            nn.Conv2d(in_channels, wide, 1, bias=False),
            nn.BatchNorm2d(wide, momentum=0.0003),
            nn.ReLU(inplace=True),
            nn.Conv2d(
                wide, wide, kernel, stride=stride, padding=kernel // 2, groups=wide, bias=False
            ),
            nn.BatchNorm2d(wide, momentum=0.0003),
            nn.ReLU(inplace=True),
            nn.Conv2d(wide, out, 1, bias=False),
            nn.BatchNorm2d(out, momentum=0.0003),
        )

    def forward(self, x: Tensor) -> Tensor:
        out = self.layers(x)
        return out + x if self.use_residual else out


class Stack(nn.Sequential):
    def __init__(
        self, in_channels: int, n: int, out: int, kernel: int, expand: int, stride: int
    ) -> None:
        super().__init__(
            InvertedResidual(in_channels, out, kernel, expand=expand, stride=stride),
            *(InvertedResidual(out, out, kernel, expand=expand) for _ in range(n - 1)),
        )


class MNASNet(nn.Module):
    def __init__(self, in_channels: int, width: float, classes: int) -> None:
        super().__init__()
        stem = divisible(32 * width, 8)
        separated = divisible(16 * width, 8)
        stages = [
            (3, 24, 3, 3, 2),
            (3, 40, 5, 3, 2),
            (3, 80, 5, 6, 2),
            (2, 96, 3, 6, 1),
            (4, 192, 5, 6, 2),
            (1, 320, 3, 6, 1),
        ]
        layers: list[nn.Module] = [
            nn.Conv2d(in_channels, stem, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(stem, momentum=0.0003),
            nn.ReLU(inplace=True),
            nn.Conv2d(stem, stem, 3, padding=1, groups=stem, bias=False),
            nn.BatchNorm2d(stem, momentum=0.0003),
            nn.ReLU(inplace=True),
            nn.Conv2d(stem, separated, 1, bias=False),
            nn.BatchNorm2d(separated, momentum=0.0003),
        ]
        channels = separated
        for n, c, k, t, s in stages:
            out = divisible(c * width, 8)
            layers.append(Stack(channels, n, out, kernel=k, expand=t, stride=s))
            channels = out
        layers += [
            nn.Conv2d(channels, 1280, 1, bias=False),
            nn.BatchNorm2d(1280, momentum=0.0003),
            nn.ReLU(inplace=True),
        ]
        self.layers = nn.Sequential(*layers)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Dropout(0.2), _uniform(nn.Linear(1280, classes), limit=(3 / classes) ** 0.5)
        )
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.flatten(self.global_avgpool(self.layers(x)), 1)
        return self.classifier(x)


def mnasnet0_5(classes: int = 1000) -> MNASNet:
    """Defaults: [3, 224, 224] -> [1000]; 2,218,512 parameters; 104,455,968 multiply-adds.

    layers [1280, 7, 7]; classifier [1000].
    """
    return MNASNet(3, 0.5, classes)


def mnasnet0_75(classes: int = 1000) -> MNASNet:
    """Defaults: [3, 224, 224] -> [1000]; 3,170,208 parameters; 215,493,104 multiply-adds.

    layers [1280, 7, 7]; classifier [1000].
    """
    return MNASNet(3, 0.75, classes)


def mnasnet1_0(classes: int = 1000) -> MNASNet:
    """Defaults: [3, 224, 224] -> [1000]; 4,383,312 parameters; 314,415,872 multiply-adds.

    layers [1280, 7, 7]; classifier [1000].
    """
    return MNASNet(3, 1.0, classes)


def mnasnet1_3(classes: int = 1000) -> MNASNet:
    """Defaults: [3, 224, 224] -> [1000]; 6,282,256 parameters; 526,362,432 multiply-adds.

    layers [1280, 7, 7]; classifier [1000].
    """
    return MNASNet(3, 1.3, classes)
