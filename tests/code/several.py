"""Shared layers that give several tensors, and loops that pass several on."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Exchanges", "Levels", "LevelsOutputs", "Once", "OnceOutputs", "Refined", "Swaps"]


class Head(nn.Module):
    def __init__(self, in_channels: int, classes: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, in_channels, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.score = nn.Conv2d(in_channels, classes, 3, padding=1)
        self.box = nn.Conv2d(in_channels, 4, 3, padding=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.relu(self.conv(x))
        return self.score(x), self.box(x)


class LevelsOutputs(NamedTuple):
    """What `Levels` gives."""

    score: Tensor
    box: Tensor


class Levels(nn.Module):
    """One head for two levels; each result is read by a wire.

    Defaults: [8, 16 * h, 16 * w] -> score [80 * h * w; 5] and box [80 * h * w; 4] for h >= 1 and
    w >= 1; 2,409 parameters; 144,000 * h * w multiply-adds.

    p3 [8, 8 * h, 8 * w]; p4 [8, 4 * h, 4 * w]; head (score [5, 8 * h, 8 * w],
    box [4, 8 * h, 8 * w]); head (score [5, 4 * h, 4 * w], box [4, 4 * h, 4 * w]).
    """

    def __init__(self, classes: int = 5) -> None:
        super().__init__()
        self.p3 = nn.Conv2d(8, 8, 3, stride=2, padding=1)
        self.p4 = nn.Conv2d(8, 8, 3, stride=2, padding=1)
        self.head = Head(8, classes)

    def forward(self, x: Tensor) -> LevelsOutputs:
        p3 = self.p3(x)
        p4 = self.p4(p3)
        score, box = self.head(p3)
        score2, box2 = self.head(p4)
        score3 = torch.cat(
            [score.permute(0, 2, 3, 1).flatten(1, 2), score2.permute(0, 2, 3, 1).flatten(1, 2)], 1
        )
        box3 = torch.cat(
            [box.permute(0, 2, 3, 1).flatten(1, 2), box2.permute(0, 2, 3, 1).flatten(1, 2)], 1
        )
        return LevelsOutputs(score3, box3)


class RefinedHead(nn.Module):
    def __init__(self, out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.score = nn.Conv2d(8, out, 3, padding=1)
        self.box = nn.Conv2d(8, 4, 3, padding=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.relu(self.conv(x))
        return self.score(x), self.box(x)


class Refined(nn.Module):
    """What is shared is written in place, and read by its own name; wires name the results.

    Defaults: [8, 16, 16] -> [12, 16, 16]; 1,572 parameters; 761,856 multiply-adds.

    head (score [8, 16, 16], box [4, 16, 16]); back, side [8, 16, 16].
    """

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.head = RefinedHead(width)
        self.back = nn.Conv2d(width, 8, 1)
        self.side = nn.Conv2d(4, 8, 1)

    def forward(self, x: Tensor) -> Tensor:
        score, box = self.head(x)
        x = self.back(score) + self.side(box)
        score2, box2 = self.head(x)
        return torch.cat([score2, box2], 1)


class Exchange(nn.Module):
    def __init__(self, fine_channels: int, coarse_channels: int) -> None:
        super().__init__()
        self.up = nn.Conv2d(coarse_channels, fine_channels, 1)
        self.fine_norm = nn.BatchNorm2d(fine_channels)
        self.fine = nn.ReLU()
        self.down = nn.Conv2d(fine_channels, coarse_channels, 3, stride=2, padding=1)

    def forward(self, fine: Tensor, coarse: Tensor) -> tuple[Tensor, Tensor]:
        fine_norm = self.fine_norm(fine + F.interpolate(self.up(coarse), scale_factor=2.0))
        return self.fine(fine_norm), coarse + self.down(fine_norm)


class Fork(nn.Module):
    def __init__(self, in_channels: int, w: int) -> None:
        super().__init__()
        self.fine = nn.Conv2d(in_channels, w, 3, padding=1)
        self.coarse = nn.Conv2d(w, 2 * w, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        fine = self.fine(x)
        coarse = self.coarse(fine)
        return fine, coarse


class ExchangesMix(nn.Module):
    def __init__(self, turns: int, fine_channels: int) -> None:
        super().__init__()
        for i in range(turns):
            self.add_module(f"{i}", Exchange(fine_channels, 2 * fine_channels))

    def forward(self, fine: Tensor, coarse: Tensor) -> tuple[Tensor, Tensor]:
        for layer in self.children():
            fine, coarse = layer(fine, coarse)
        return fine, coarse


class Exchanges(nn.Module):
    """A block with several inputs, as often as a parameter says, each time with weights of its
    own.

    Defaults: [3, 16, 16] -> [8, 16, 16]; 5,488 parameters; 382,976 multiply-adds.

    fork, mix (fine [8, 16, 16], coarse [16, 8, 8]); up [8, 8, 8].
    """

    def __init__(self, turns: int = 3, w: int = 8) -> None:
        super().__init__()
        self.fork = Fork(3, w)
        self.mix = ExchangesMix(turns, w)
        self.up = nn.Conv2d(2 * w, w, 1)

    def forward(self, x: Tensor) -> Tensor:
        fine, coarse = self.fork(x)
        fine2, coarse2 = self.mix(fine, coarse)
        return fine2 + F.interpolate(self.up(coarse2), scale_factor=2.0)


class OnceOutputs(NamedTuple):
    """What `Once` gives."""

    fine: Tensor
    coarse: Tensor
    first: Tensor


class Once(nn.Module):
    """The same with one set of weights; what came in is read once more.

    Defaults: [3, 16, 16] -> fine [8, 16, 16], coarse [16, 8, 8] and first [8, 16, 16]; 2,712
    parameters; 374,784 multiply-adds.

    fork, exchange (fine [8, 16, 16], coarse [16, 8, 8]).
    """

    def __init__(self, turns: int = 3, w: int = 8) -> None:
        super().__init__()
        self.turns = turns
        self.fork = Fork(3, w)
        self.exchange = Exchange(w, 2 * w)
        self.first = nn.ReLU()

    def forward(self, x: Tensor) -> OnceOutputs:
        fine, coarse = self.fork(x)
        fine2, coarse2 = fine, coarse
        for _ in range(self.turns):
            fine2, coarse2 = self.exchange(fine2, coarse2)
        return OnceOutputs(fine2, coarse2, self.first(fine))


class Same(nn.Module):
    def __init__(self, a_channels: int) -> None:
        super().__init__()
        self.one = nn.Conv2d(a_channels, a_channels, 3, padding=1)
        self.two = nn.Conv2d(a_channels, a_channels, 1)
        self.a = nn.ReLU()
        self.b = nn.Sigmoid()

    def forward(self, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        x = self.one(a) + self.two(b)
        return self.a(x), self.b(x)


class Swaps(nn.Module):
    """Two shared layers a turn; one of the first tensors is read behind the loop.

    Defaults: [8, 16, 16] -> [24, 16, 16]; 2,552 parameters; 966,656 multiply-adds.

    b [8, 16, 16]; f, g, out (a [8, 16, 16], b [8, 16, 16]).
    """

    def __init__(self, turns: int = 2) -> None:
        super().__init__()
        self.turns = turns
        self.a = nn.ReLU()
        self.b = nn.Conv2d(8, 8, 3, padding=1)
        self.f = Same(8)
        self.g = Same(8)
        self.out = Same(8)

    def forward(self, x: Tensor) -> Tensor:
        b = self.b(x)
        a = self.a(x)
        a2, b2 = a, b
        for _ in range(self.turns):
            a3, b3 = self.f(a2, b2)
            a2, b2 = self.g(a3, b3)
        a4, b4 = self.out(a2, b2)
        return torch.cat([a4, b4, b], 1)
