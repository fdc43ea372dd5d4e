# Generated from squeezenet.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: e4ed293e644a8a72f219798dbf8a1e371753b37b5bd573866dbd9e20c3468da6
"""SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size (Iandola et
al., 2016).

`squeezenet1_0` is the paper's network, `squeezenet1_1` its authors' second one, which pools
earlier: as many parameters, less than half of the work. Both take images of 224 pixels, as in
torchvision. The paper says so too, but its maps of 111, 55, 27 and 13 pixels need 227, which the
two with the paper's bypasses take. Of the complex one it says 7.7 MB, which cannot be
reproduced: its figure has 1.59 million parameters, 6.4 MB.
"""

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor, nn

__all__ = [
    "SqueezeNet",
    "squeezenet1_0",
    "squeezenet1_0_complex_bypass",
    "squeezenet1_0_simple_bypass",
    "squeezenet1_1",
]


def _kaiming_uniform(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_uniform_(module.weight, mode="fan_in", nonlinearity="relu")
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


def _normal(module: nn.Conv2d) -> nn.Module:
    nn.init.normal_(module.weight, std=0.01)
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


class Fire(nn.Module):
    """Few channels, squeezed out of many, then expanded by points and by windows."""

    def __init__(self, in_channels: int, squeeze: int) -> None:
        super().__init__()
        self.squeeze = _kaiming_uniform(nn.Conv2d(in_channels, squeeze, 1))
        self.relu = nn.ReLU(inplace=True)
        self.expand1x1 = _kaiming_uniform(nn.Conv2d(squeeze, 4 * squeeze, 1))
        self.expand3x3 = _kaiming_uniform(nn.Conv2d(squeeze, 4 * squeeze, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.squeeze(x))
        return torch.cat([self.relu(self.expand1x1(x)), self.relu(self.expand3x3(x))], 1)


class SimpleBypass(nn.Module):
    """The input added to what `fire` makes of it, where it has as many channels. No rectifier
    follows; the paper names none.
    """

    fits: Final[bool]

    def __init__(self, in_channels: int, squeeze: int) -> None:
        super().__init__()
        fits = in_channels == 8 * squeeze
        self.fits = fits
        self.fire = Fire(in_channels, squeeze)

    def forward(self, x: Tensor) -> Tensor:
        out = self.fire(x)
        return out + x if self.fits else out


class ComplexBypass(nn.Module):
    """The same, with a 1x1 convolution where the channels differ."""

    def __init__(self, in_channels: int, squeeze: int) -> None:
        super().__init__()
        self.fire = Fire(in_channels, squeeze)
        self.bypass = (
            _kaiming_uniform(nn.Conv2d(in_channels, 8 * squeeze, 1))
            if in_channels != 8 * squeeze
            else nn.Identity()
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.fire(x) + self.bypass(x)


class SqueezeNet(nn.Module):
    """A first convolution, then groups of fire modules with pools between them, whose widths are
    what they squeeze to.
    """

    def __init__(
        self,
        in_channels: int,
        width: int,
        kernel: int,
        groups: list[tuple[int, ...]],
        classes: int,
        body: Callable[..., nn.Module] = Fire,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [
            _kaiming_uniform(nn.Conv2d(in_channels, width, kernel, stride=2)),
            nn.ReLU(inplace=True),
        ]
        channels = width
        for group in groups:
            layers.append(nn.MaxPool2d(3, stride=2, ceil_mode=True))
            for squeeze in group:
                layers.append(body(channels, squeeze=squeeze))
                channels = 8 * squeeze
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Dropout(),
            _normal(nn.Conv2d(channels, classes, 1)),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        return self.classifier(x)


def squeezenet1_0(classes: int = 1000) -> SqueezeNet:
    """Defaults: [3, 224, 224] -> [1000]; 1,248,424 parameters; 818,924,576 multiply-adds.

    features [512, 13, 13]; classifier [1000].
    """
    return SqueezeNet(3, 96, 7, groups=[(16, 16, 32), (32, 48, 48, 64), (64,)], classes=classes)


def squeezenet1_1(classes: int = 1000) -> SqueezeNet:
    """Defaults: [3, 224, 224] -> [1000]; 1,235,496 parameters; 349,151,936 multiply-adds.

    features [512, 13, 13]; classifier [1000].
    """
    return SqueezeNet(3, 64, 3, groups=[(16, 16), (32, 32), (48, 48, 64, 64)], classes=classes)


def squeezenet1_0_simple_bypass(classes: int = 1000) -> SqueezeNet:
    """Defaults: [3, 227, 227] -> [1000]; 1,248,424 parameters; 832,667,936 multiply-adds.

    features [512, 13, 13]; classifier [1000].
    """
    return SqueezeNet(
        3, 96, 7, groups=[(16, 16, 32), (32, 48, 48, 64), (64,)], classes=classes, body=SimpleBypass
    )


def squeezenet1_0_complex_bypass(classes: int = 1000) -> SqueezeNet:
    """Defaults: [3, 227, 227] -> [1000]; 1,589,672 parameters; 1,183,953,184 multiply-adds.

    features [512, 13, 13]; classifier [1000].
    """
    return SqueezeNet(
        3,
        96,
        7,
        groups=[(16, 16, 32), (32, 48, 48, 64), (64,)],
        classes=classes,
        body=ComplexBypass,
    )
