# Generated from efficientnet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 0e785322de7dd98a48c5f04479dd03d3a5c13629ea1e6cba3623ca16b6d549d5
"""EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks (Tan and Le, ICML 2019),
and EfficientNetV2: Smaller Models and Faster Training (Tan and Le, ICML 2021).

Inverted residuals with squeeze-and-excitation; the networks b1 to b7 are wider, deeper and see
larger images than b0. In the second version the first stages have one 3x3 convolution in place
of a 1x1 and a depthwise one. Deeper blocks are dropped more often. torchvision's networks, with
its keys.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "EfficientNet",
    "EfficientNetV2",
    "efficientnet_b0",
    "efficientnet_b1",
    "efficientnet_b2",
    "efficientnet_b3",
    "efficientnet_b4",
    "efficientnet_b5",
    "efficientnet_b6",
    "efficientnet_b7",
    "efficientnet_v2_l",
    "efficientnet_v2_m",
    "efficientnet_v2_s",
]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def _uniform(module: nn.Linear, limit: float) -> nn.Module:
    nn.init.uniform_(module.weight, a=-limit, b=limit)
    nn.init.zeros_(module.bias)
    return module


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


def divisible(v: float, by: int) -> int:
    """The multiple of `by` next to `v`, but no less than nine tenths of it."""
    n = max(by, int(v + by / 2) // by * by)
    return n + by if n < 0.9 * v else n


class SE(nn.Module):
    """Squeeze-and-excitation (Hu et al., CVPR 2018): weigh the channels by what the whole image
    shows.
    """

    def __init__(self, in_channels: int, squeeze: int) -> None:
        super().__init__()
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(in_channels, squeeze, 1)
        self.silu = nn.SiLU(inplace=True)
        self.fc2 = nn.Conv2d(squeeze, in_channels, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        out = self.silu(self.fc1(self.global_avgpool(x)))
        return x * self.sigmoid(self.fc2(out))


class Unit(nn.Sequential):
    def __init__(
        self,
        in_channels: int,
        out: int,
        kernel: int,
        norm: Callable[..., nn.Module],
        stride: int = 1,
        groups: int = 1,
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out,
                kernel,
                stride=stride,
                padding=kernel // 2,
                groups=groups,
                bias=False,
            ),
            norm(out),
            nn.SiLU(inplace=True),
        )


class Narrow(nn.Sequential):
    """No nonlinearity at the narrow end."""

    def __init__(self, in_channels: int, out: int, norm: Callable[..., nn.Module]) -> None:
        super().__init__(nn.Conv2d(in_channels, out, 1, bias=False), norm(out))


class MBConv(nn.Module):
    has_stochastic_depth: Final[bool]

    def __init__(
        self,
        in_channels: int,
        out: int,
        kernel: int,
        expand: int,
        norm: Callable[..., nn.Module],
        drop: float,
        stride: int,
    ) -> None:
        super().__init__()
        wide = divisible(expand * in_channels, 8)
        self.has_stochastic_depth = stride == 1 and in_channels == out
        layers: list[nn.Module] = []
        if wide != in_channels:
            layers.append(Unit(in_channels, wide, 1, norm=norm))
        layers += [
            Unit(wide, wide, kernel, norm=norm, stride=stride, groups=wide),
            SE(wide, max(1, in_channels // 4)),
            Narrow(wide, out, norm),
        ]
        self.block = nn.Sequential(*layers)
        if self.has_stochastic_depth:
            self.stochastic_depth = DropPath(drop)

    def forward(self, x: Tensor) -> Tensor:
        out = self.block(x)
        return x + self.stochastic_depth(out) if self.has_stochastic_depth else out


class FusedMBConv(nn.Module):
    has_stochastic_depth: Final[bool]

    def __init__(
        self,
        in_channels: int,
        out: int,
        kernel: int,
        expand: int,
        norm: Callable[..., nn.Module],
        drop: float,
        stride: int,
    ) -> None:
        super().__init__()
        self.has_stochastic_depth = stride == 1 and in_channels == out
        unit_out = expand * in_channels if expand > 1 else out
        layers: list[nn.Module] = [Unit(in_channels, unit_out, kernel, norm=norm, stride=stride)]
        if expand > 1:
            layers.append(Narrow(unit_out, out, norm))
        self.block = nn.Sequential(*layers)
        if self.has_stochastic_depth:
            self.stochastic_depth = DropPath(drop)

    def forward(self, x: Tensor) -> Tensor:
        out = self.block(x)
        return x + self.stochastic_depth(out) if self.has_stochastic_depth else out


class Blocks(nn.Sequential):
    """`depth` blocks, the first of which is number `before` of `total`."""

    def __init__(
        self,
        in_channels: int,
        body: Callable[..., nn.Module],
        depth: int,
        out: int,
        kernel: int,
        expand: int,
        stride: int,
        norm: Callable[..., nn.Module],
        before: int,
        total: int,
    ) -> None:
        layers: list[nn.Module] = []
        channels = in_channels
        for i in range(depth):
            layers.append(
                body(
                    channels,
                    out=out,
                    kernel=kernel,
                    expand=expand,
                    drop=0.2 * (before + i) / total,
                    stride=stride if i == 0 else 1,
                    norm=norm,
                )
            )
            channels = out
        super().__init__(*layers)


class EfficientNet(nn.Module):
    """`width` multiplies channels, `depth` blocks."""

    def __init__(
        self,
        in_channels: int,
        width: float,
        depth: float,
        rate: float,
        classes: int,
        norm: Callable[..., nn.Module] = nn.BatchNorm2d,
    ) -> None:
        super().__init__()
        depths = [
            math.ceil(depth),
            math.ceil(2 * depth),
            math.ceil(2 * depth),
            math.ceil(3 * depth),
            math.ceil(3 * depth),
            math.ceil(4 * depth),
            math.ceil(depth),
        ]
        stages = [
            (1, 3, 1, 16),
            (6, 3, 2, 24),
            (6, 5, 2, 40),
            (6, 3, 2, 80),
            (6, 5, 1, 112),
            (6, 5, 2, 192),
            (6, 3, 1, 320),
        ]
        out = divisible(32 * width, 8)
        layers: list[nn.Module] = [Unit(in_channels, out, 3, norm=norm, stride=2)]
        channels = out
        for i, (t, k, s, c) in enumerate(stages):
            blocks_out = divisible(c * width, 8)
            layers.append(
                Blocks(
                    channels,
                    MBConv,
                    depths[i],
                    out=blocks_out,
                    kernel=k,
                    expand=t,
                    stride=s,
                    norm=norm,
                    before=sum(depths[:i]),
                    total=sum(depths),
                )
            )
            channels = blocks_out
        unit_out = divisible(1280 * width, 8)
        layers.append(Unit(channels, unit_out, 1, norm=norm))
        self.features = nn.Sequential(*layers)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Dropout(rate), _uniform(nn.Linear(unit_out, classes), limit=1 / classes**0.5)
        )
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.flatten(self.global_avgpool(self.features(x)), 1)
        return self.classifier(x)


class EfficientNetV2(nn.Module):
    """The first three stages are fused."""

    def __init__(
        self,
        in_channels: int,
        depths: list[int],
        stages: list[tuple[int, int, int, int]],
        rate: float,
        classes: int,
        norm: Callable[..., nn.Module],
    ) -> None:
        super().__init__()
        out = stages[0][3]
        layers: list[nn.Module] = [Unit(in_channels, out, 3, norm=norm, stride=2)]
        channels = out
        for i, (t, k, s, c) in enumerate(stages[:3]):
            layers.append(
                Blocks(
                    channels,
                    FusedMBConv,
                    depths[i],
                    out=c,
                    kernel=k,
                    expand=t,
                    stride=s,
                    norm=norm,
                    before=sum(depths[:i]),
                    total=sum(depths),
                )
            )
            channels = c
        for i, (t, k, s, c) in enumerate(stages[3:], 3):
            layers.append(
                Blocks(
                    channels,
                    MBConv,
                    depths[i],
                    out=c,
                    kernel=k,
                    expand=t,
                    stride=s,
                    norm=norm,
                    before=sum(depths[:i]),
                    total=sum(depths),
                )
            )
            channels = c
        layers.append(Unit(channels, 1280, 1, norm=norm))
        self.features = nn.Sequential(*layers)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Dropout(rate), _uniform(nn.Linear(1280, classes), limit=1 / classes**0.5)
        )
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.flatten(self.global_avgpool(self.features(x)), 1)
        return self.classifier(x)


def efficientnet_b0(classes: int = 1000) -> EfficientNet:
    """Defaults: [3, 224, 224] -> [1000]; 5,288,548 parameters; 385,814,752 multiply-adds.

    features [1280, 7, 7]; classifier [1000].
    """
    return EfficientNet(3, 1.0, 1.0, rate=0.2, classes=classes)


def efficientnet_b1(classes: int = 1000) -> EfficientNet:
    """Defaults: [3, 240, 240] -> [1000]; 7,794,184 parameters; 686,802,832 multiply-adds.

    features [1280, 8, 8]; classifier [1000].
    """
    return EfficientNet(3, 1.0, 1.1, rate=0.2, classes=classes)


def efficientnet_b2(classes: int = 1000) -> EfficientNet:
    """Defaults: [3, 288, 288] -> [1000]; 9,109,994 parameters; 1,087,529,456 multiply-adds.

    features [1408, 9, 9]; classifier [1000].
    """
    return EfficientNet(3, 1.1, 1.2, rate=0.3, classes=classes)


def efficientnet_b3(classes: int = 1000) -> EfficientNet:
    """Defaults: [3, 300, 300] -> [1000]; 12,233,232 parameters; 1,827,141,392 multiply-adds.

    features [1536, 10, 10]; classifier [1000].
    """
    return EfficientNet(3, 1.2, 1.4, rate=0.3, classes=classes)


def efficientnet_b4(classes: int = 1000) -> EfficientNet:
    """Defaults: [3, 380, 380] -> [1000]; 19,341,616 parameters; 4,393,771,024 multiply-adds.

    features [1792, 12, 12]; classifier [1000].
    """
    return EfficientNet(3, 1.4, 1.8, rate=0.4, classes=classes)


def efficientnet_b5(classes: int = 1000) -> EfficientNet:
    """Defaults: [3, 456, 456] -> [1000]; 30,389,784 parameters; 10,266,384,752 multiply-adds.

    features [2048, 15, 15]; classifier [1000].
    """
    return EfficientNet(
        3,
        1.6,
        2.2,
        rate=0.4,
        classes=classes,
        norm=partial(nn.BatchNorm2d, eps=0.001, momentum=0.01),
    )


def efficientnet_b6(classes: int = 1000) -> EfficientNet:
    """Defaults: [3, 528, 528] -> [1000]; 43,040,704 parameters; 19,067,593,536 multiply-adds.

    features [2304, 17, 17]; classifier [1000].
    """
    return EfficientNet(
        3,
        1.8,
        2.6,
        rate=0.5,
        classes=classes,
        norm=partial(nn.BatchNorm2d, eps=0.001, momentum=0.01),
    )


def efficientnet_b7(classes: int = 1000) -> EfficientNet:
    """Defaults: [3, 600, 600] -> [1000]; 66,347,960 parameters; 37,745,884,192 multiply-adds.

    features [2560, 19, 19]; classifier [1000].
    """
    return EfficientNet(
        3,
        2.0,
        3.1,
        rate=0.5,
        classes=classes,
        norm=partial(nn.BatchNorm2d, eps=0.001, momentum=0.01),
    )


def efficientnet_v2_s(classes: int = 1000) -> EfficientNetV2:
    """Defaults: [3, 384, 384] -> [1000]; 21,458,488 parameters; 8,365,617,152 multiply-adds.

    features [1280, 12, 12]; classifier [1000].
    """
    return EfficientNetV2(
        3,
        [2, 4, 4, 6, 9, 15],
        [
            (1, 3, 1, 24),
            (4, 3, 2, 48),
            (4, 3, 2, 64),
            (4, 3, 2, 128),
            (6, 3, 1, 160),
            (6, 3, 2, 256),
        ],
        rate=0.2,
        classes=classes,
        norm=partial(nn.BatchNorm2d, eps=0.001),
    )


def efficientnet_v2_m(classes: int = 1000) -> EfficientNetV2:
    """Defaults: [3, 480, 480] -> [1000]; 54,139,356 parameters; 24,582,460,384 multiply-adds.

    features [1280, 15, 15]; classifier [1000].
    """
    return EfficientNetV2(
        3,
        [3, 5, 5, 7, 14, 18, 5],
        [
            (1, 3, 1, 24),
            (4, 3, 2, 48),
            (4, 3, 2, 80),
            (4, 3, 2, 160),
            (6, 3, 1, 176),
            (6, 3, 2, 304),
            (6, 3, 1, 512),
        ],
        rate=0.3,
        classes=classes,
        norm=partial(nn.BatchNorm2d, eps=0.001),
    )


def efficientnet_v2_l(classes: int = 1000) -> EfficientNetV2:
    """Defaults: [3, 480, 480] -> [1000]; 118,515,272 parameters; 56,079,699,008 multiply-adds.

    features [1280, 15, 15]; classifier [1000].
    """
    return EfficientNetV2(
        3,
        [4, 7, 7, 10, 19, 25, 7],
        [
            (1, 3, 1, 32),
            (4, 3, 2, 64),
            (4, 3, 2, 96),
            (4, 3, 2, 192),
            (6, 3, 1, 224),
            (6, 3, 2, 384),
            (6, 3, 1, 640),
        ],
        rate=0.4,
        classes=classes,
        norm=partial(nn.BatchNorm2d, eps=0.001),
    )
