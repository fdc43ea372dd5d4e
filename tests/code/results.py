"""Several results: bundles, and blocks that take and give several tensors by name."""

from collections import OrderedDict
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "Chained",
    "ChainedOutputs",
    "Chosen",
    "Heads",
    "HeadsOutputs",
    "Mix",
    "MixOutputs",
    "Sided",
    "SidedOutputs",
    "Stacked",
    "StackedOutputs",
    "twins",
]


class Stem(nn.Module):
    def __init__(self, in_channels: int, w: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, w, 3, padding=1)
        self.norm = nn.BatchNorm2d(w)
        self.coarse = nn.Conv2d(w, 2 * w, 3, stride=2, padding=1)
        self.fine = nn.ReLU()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.norm(self.conv(x))
        return self.fine(x), self.coarse(x)


class MixOutputs(NamedTuple):
    """What `Mix` gives."""

    fine: Tensor
    coarse: Tensor


class Mix(nn.Module):
    def __init__(self, fine_channels: int, coarse_channels: int, out: int) -> None:
        super().__init__()
        self.lateral = nn.Conv2d(fine_channels, out, 1)
        self.top = nn.Conv2d(coarse_channels, out, 1)
        self.relu = nn.ReLU(inplace=True)
        self.fine = nn.Conv2d(out, out, 3, padding=1)
        self.act = nn.ReLU()

    def forward(self, fine: Tensor, coarse: Tensor) -> MixOutputs:
        top = self.top(coarse)
        x = self.relu(self.lateral(fine) + F.interpolate(top, scale_factor=2.0))
        return MixOutputs(self.fine(x), self.act(top))


class ChainedOutputs(NamedTuple):
    """What `Chained` gives."""

    coarse: Tensor
    fine: Tensor


class Chained(nn.Module):
    """From one block to the next by name; the order is the signature's.

    Defaults: [3, 4 * h, 4 * k] -> coarse [8, 2 * h, 2 * k] and fine [8, 4 * h, 4 * k] for h >= 1
    and k >= 1; 2,928 parameters; 29,312 * h * k multiply-adds.

    stem (fine [8, 4 * h, 4 * k], coarse [16, 2 * h, 2 * k]); mix1, mix2 (fine [8, 4 * h, 4 * k],
    coarse [8, 2 * h, 2 * k]).
    """

    def __init__(self, w: int = 8) -> None:
        super().__init__()
        self.stem = Stem(3, w)
        self.mix1 = Mix(w, 2 * w, w)
        self.mix2 = Mix(w, w, w)

    def forward(self, x: Tensor) -> ChainedOutputs:
        fine, coarse = self.stem(x)
        fine2, coarse2 = self.mix1(fine, coarse)
        fine3, coarse3 = self.mix2(fine2, coarse2)
        return ChainedOutputs(coarse3, fine3)


class Chosen(nn.Module):
    """Some of several results, read by their labels.

    Defaults: [3, 16, 16] -> [10]; 4,554 parameters; 768,400 multiply-adds.

    stem (fine [8, 16, 16], coarse [16, 8, 8]); mix (fine [16, 16, 16], coarse [16, 8, 8]); fc
    [10].
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.stem = Stem(3, 8)
        self.mix = Mix(8, 16, 16)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(40, classes)

    def forward(self, x: Tensor) -> Tensor:
        fine, coarse = self.stem(x)
        fine2, coarse2 = self.mix(fine, coarse)
        x = self.global_avgpool(
            torch.cat([fine2, fine, F.interpolate(coarse2, scale_factor=2.0)], 1)
        )
        return self.fc(torch.flatten(x, 1))


class HeadsOutputs(NamedTuple):
    """What `Heads` gives."""

    score: Tensor
    map: Tensor
    side: Tensor | None


class Heads(nn.Module):
    """Results and a head; one result is also read by others.

    Defaults: [3, 16, 16] -> score [10] and map [8, 16, 16]; 404 parameters (314 without what
    exists in training alone); 55,376 multiply-adds.

    conv [8, 16, 16]; side, score [10].
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.act = nn.ReLU(inplace=True)
        self.side = nn.Sequential(
            OrderedDict(
                global_avgpool=nn.AdaptiveAvgPool2d(1),
                flatten=nn.Flatten(),
                fc=nn.Linear(8, classes),
            )
        )
        self.score = nn.Sequential(
            OrderedDict(
                global_avgpool=nn.AdaptiveAvgPool2d(1),
                flatten=nn.Flatten(),
                fc=nn.Linear(8, classes),
            )
        )

    def forward(self, x: Tensor) -> HeadsOutputs:
        act = self.act(self.conv(x))
        side: Tensor | None = None
        if self.training:
            side = self.side(act)
        return HeadsOutputs(self.score(act), act, side)


class StackedNeck(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.add_module("0", Stem(3, 8))
        self.add_module("1", Mix(8, 16, 8))
        self.add_module("2", Mix(8, 8, 8))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        stem, mix, mix2 = self.children()
        fine, coarse = stem(x)
        fine2, coarse2 = mix(fine, coarse)
        return mix2(fine2, coarse2)


class StackedOutputs(NamedTuple):
    """What `Stacked` gives."""

    fine: Tensor
    coarse: Tensor


class Stacked(nn.Module):
    """A scope that gives several, made as often as a parameter says.

    [3, 16, 16] -> fine [8, 16, 16] and coarse [8, 8, 8]; 3,656 parameters; 636,928
    multiply-adds.

    neck, post (fine [8, 16, 16], coarse [8, 8, 8]).
    """

    def __init__(self) -> None:
        super().__init__()
        self.neck = StackedNeck()
        self.post = Mix(8, 8, 8)

    def forward(self, x: Tensor) -> StackedOutputs:
        fine, coarse = self.neck(x)
        fine2, coarse2 = self.post(fine, coarse)
        return StackedOutputs(fine2, coarse2)


class Either(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.x = nn.ReLU()
        self.a = nn.Conv2d(in_channels, 8, 3, padding=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x2 = self.x(x)
        return self.a(x2), x2


class Either2(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.x = nn.ReLU()
        self.a = nn.Conv2d(in_channels, 8, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x2 = self.x(x)
        return self.a(x2), x2


class SidedOutputs(NamedTuple):
    """What `Sided` gives."""

    a: Tensor
    b: Tensor


class Sided(nn.Module):
    """An `if` between bundles.

    [3, 8, 8] -> a [8, 8, 8] and b [3, 8, 8]; 283 parameters; 16,896 multiply-adds.

    one (a [8, 8, 8], b [3, 8, 8]); conv [3, 8, 8]; two (a [8, 8, 8], b [3, 8, 8]).
    """

    def __init__(self) -> None:
        super().__init__()
        self.one = Either(3)
        self.conv = nn.Conv2d(8, 3, 1)
        self.two = Either2(3)

    def forward(self, x: Tensor) -> SidedOutputs:
        a, b = self.one(x)
        x = self.conv(a) + b
        a2, b2 = self.two(x)
        return SidedOutputs(a2, b2)


def twins() -> Mix:
    """Several inputs, which go into a block by name, and a block that is the whole network.

    [3, 16, 16] and [4, 8, 8] -> fine [8, 16, 16] and coarse [8, 8, 8]; 656 parameters; 155,648
    multiply-adds.

    lateral [8, 16, 16]; top [8, 8, 8]; fine [8, 16, 16].
    """
    return Mix(3, 4, 8)
