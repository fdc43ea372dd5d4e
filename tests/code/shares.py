"""Shared layers: one attribute, called several times."""

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "Albert",
    "Bare",
    "GatedTwice",
    "Gates",
    "Pairs",
    "Pyramid",
    "PyramidOutputs",
    "Refined",
    "Siamese",
    "Steps",
    "TiedAutoencoder",
    "TiedAutoencoderOutputs",
]


class Embed(nn.Sequential):
    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, width, 3, stride=2, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(2 * width, 64),
        )


class Siamese(nn.Module):
    """Two inputs, one set of weights.

    [1, 32, 32] and [1, 32, 32] -> [1]; 7,041 parameters; 667,776 multiply-adds.

    embed [64]; out [1].
    """

    def __init__(self) -> None:
        super().__init__()
        self.embed = Embed(1, 16)
        self.out = nn.Linear(128, 1)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return self.out(torch.cat([self.embed(a), self.embed(b)], 1))


class Layer(nn.Module):
    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(in_channels, width, 1)
        self.gelu = nn.GELU()
        self.fc2 = nn.Conv2d(width, 8, 1)

    def forward(self, x: Tensor) -> Tensor:
        out = self.gelu(self.fc1(x))
        return x + self.fc2(out)


class Albert(nn.Module):
    """A block that is repeated with the same weights; the number of turns stays a parameter.

    Defaults: [8, 16, 16] -> [4, 16, 16]; 588 parameters; 1,581,056 multiply-adds.

    body [8, 16, 16]; classifier [4, 16, 16].
    """

    def __init__(self, depth: int = 12, width: int = 32) -> None:
        super().__init__()
        self.depth = depth
        self.body = Layer(8, width)
        self.classifier = nn.Conv2d(8, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(self.depth):
            x = self.body(x)
        return self.classifier(x)


class Refined(nn.Module):
    """Loops over joins, and layers without weights between them.

    Defaults: [8, 16, 16] -> [8, 16, 16]; 1,240 parameters; 655,360 multiply-adds.

    s, f, g [8, 16, 16].
    """

    def __init__(self, turns: int = 3) -> None:
        super().__init__()
        self.turns = turns
        self.s = nn.Conv2d(8, 8, 3, padding=1)
        self.f = nn.Conv2d(8, 8, 3, padding=1)
        self.g = nn.Conv2d(8, 8, 1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        s = self.s(x)
        x = s
        for _ in range(self.turns):
            x = self.g(self.relu(self.f(x)) + s)
        return self.g(x) + s


class PyramidOutputs(NamedTuple):
    """What `Pyramid` gives in training."""

    output: Tensor
    coarse: Tensor | None


class Pyramid(nn.Module):
    """One head for two scales, a training-only head, and a use under a condition.

    Defaults: [3, 32, 32] -> [21, 16, 16]; 10,453 parameters; 1,188,864 multiply-adds.

    c1, p1 [16, 16, 16]; head [21, 16, 16]; c2 [16, 8, 8]; head [21, 8, 8].
    """

    has_conv: Final[bool]

    def __init__(self, classes: int = 21, deep: bool = False) -> None:
        super().__init__()
        self.has_conv = deep
        self.c1 = nn.Conv2d(3, 16, 3, stride=2, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.p1 = nn.Conv2d(16, 16, 3, padding=1)
        self.head = nn.Sequential(
            nn.Conv2d(16, 16, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(16, classes, 3, padding=1),
        )
        if deep:
            self.conv = nn.Conv2d(classes, 16, 1)
        self.c2 = nn.Conv2d(16, 16, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor | PyramidOutputs:
        x = self.relu(self.c1(x))
        x = self.p1(x)
        coarse: Tensor | None = None
        if self.training:
            coarse = self.head(x)
        if self.has_conv:
            x = self.conv(self.head(x))
        x = self.c2(x)
        x = F.interpolate(self.head(x), scale_factor=2.0)
        if self.training:
            return PyramidOutputs(x, coarse)
        return x


class Pair(nn.Module):
    """What is shared is chosen by a parameter, and made before the condition that its first use is
    under.
    """

    early: Final[bool]

    def __init__(
        self,
        in_channels: int,
        width: int,
        norm: Callable[..., nn.Module] = nn.BatchNorm2d,
        wide: bool = True,
        early: bool = False,
    ) -> None:
        super().__init__()
        self.early = early
        self.conv = nn.Conv2d(in_channels, width, 1)
        self.mix = nn.Conv2d(width, width, 3 if wide else 1, padding=1 if wide else 0)
        self.norm = norm(width)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        if self.early:
            x = self.mix(x)
            x = self.norm(x)
        x = self.mix(self.relu(x))
        return self.mix(self.norm(x))


class Pairs(nn.Sequential):
    """[4, 8, 8] -> [16, 8, 8]; 4,352 parameters; 542,720 multiply-adds.

    0, 1 [8, 8, 8]; 2, 3 [16, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__(
            Pair(4, 8),
            Pair(8, 8, norm=partial(nn.GroupNorm, 4), early=True),
            Pair(8, 16, norm=nn.Identity, wide=False),
            Pair(16, 16),
        )


class StepMix(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.add_module("0", nn.Conv2d(in_channels, in_channels, 1))
        self.add_module("1", nn.ReLU(inplace=True))

    def forward(self, x: Tensor, start: Tensor) -> Tensor:
        conv, relu = self.children()
        return relu(x + conv(start))


class Step(nn.Module):
    """A shared layer that reads a wire, within a labelled scope and a recursive block."""

    def __init__(self, in_channels: int, width: int, depth: int) -> None:
        super().__init__()
        self.start = nn.Conv2d(in_channels, width, 3, padding=1)
        self.mix = StepMix(width)
        self.rest = Step(width, width, depth - 1) if depth > 0 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        start = self.start(x)
        x = self.mix(start, start)
        x = self.mix(x, start)
        return self.rest(x)


class StepsInner(nn.Module):
    def __init__(self, depth: int) -> None:
        super().__init__()
        self.f = Step(3, 8, depth)
        self.c = nn.Conv2d(8, 3, 1)
        self.p = Pair(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.c(self.f(x))
        x = self.f(x)
        return self.p(x)


class Steps(nn.Module):
    """Defaults: [3, 16, 16] -> [8, 16, 16]; 2,307 parameters; 1,214,464 multiply-adds.

    inner [8, 16, 16].
    """

    def __init__(self, depth: int = 2) -> None:
        super().__init__()
        self.inner = StepsInner(depth)

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x)


class TiedAutoencoderOutputs(NamedTuple):
    """What `TiedAutoencoder` gives in training."""

    output: Tensor
    labels: Tensor | None


class TiedAutoencoder(nn.Module):
    """An autoencoder whose decoder is the encoder's matrix, as language models tie their head to
    the embedding.

    Defaults: [20; 64] -> [20; 64]; 2,378 parameters (2,048 without what exists in training
    alone); 81,920 multiply-adds.

    embed [20; 32]; labels [20; 10].
    """

    def __init__(self, width: int = 32, classes: int = 10) -> None:
        super().__init__()
        self.embed = nn.Linear(64, width, bias=False)
        self.gelu = nn.GELU()
        self.labels = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor | TiedAutoencoderOutputs:
        x = self.gelu(self.embed(x))
        labels: Tensor | None = None
        if self.training:
            labels = self.labels(x)
        x = x @ self.embed.weight
        if self.training:
            return TiedAutoencoderOutputs(x, labels)
        return x


class Bare(nn.Module):
    """A learned tensor that several sums repeat for the batch, and one list of tensors does not.

    [5; 8] -> [5; 16]; 112 parameters; 320 multiply-adds.

    table, l1 [5; 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(nn.init.normal_(torch.empty(1, 5, 8), std=0.02))
        self.l1 = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.l1(x + self.table)
        x = self.table * x
        return torch.cat([self.table.expand(x.shape[0], -1, -1), x], -1)


class Gated(nn.Module):
    """A shared layer that the caller chooses, which never overwrites what it reads."""

    def __init__(self, in_channels: int, act: Callable[..., nn.Module] = nn.ReLU) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, in_channels, 3, padding=1)
        self.f = act()
        self.norm = nn.BatchNorm2d(in_channels)
        self.mix = nn.Conv2d(in_channels, in_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        x = self.mix(self.f(x) + self.f(self.norm(x)))
        return self.f(x)


class Gates(nn.Sequential):
    """[4, 8, 8] -> [4, 8, 8]; 529 parameters; 30,720 multiply-adds.

    0, 1, 2 [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__(Gated(4, act=nn.Sigmoid), Gated(4), Gated(4, act=nn.PReLU))


class GatedTwice(nn.Module):
    """A gate without weights is no module of its own: every use of it is written out.

    [4, 8, 8] -> [4, 8, 8]; 44 parameters; 2,048 multiply-adds.

    gate, bn, conv [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.hardsigmoid = nn.Hardsigmoid(inplace=True)
        self.global_avgpool2 = nn.AdaptiveAvgPool2d(1)
        self.hardsigmoid2 = nn.Hardsigmoid(inplace=True)
        self.bn = nn.BatchNorm2d(4)
        self.conv = nn.Conv2d(8, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        out = x * self.hardsigmoid(self.global_avgpool(x))
        bn = self.bn(x * self.hardsigmoid2(self.global_avgpool2(x)))
        return self.conv(torch.cat([out, bn], 1))
