"""Whole numbers: rows of tables, positions, and waves."""

from typing import Final

import torch
from torch import Tensor, nn

__all__ = ["Counts", "Image", "Language", "Several", "Step"]


def _normal(module: nn.Embedding) -> nn.Module:
    nn.init.normal_(module.weight, std=0.02)
    return module


class Positions(nn.Module):
    """The numbers 0, 1, 2, … along a dimension, for every sample."""

    def __init__(self, dim: int = 1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return torch.arange(x.shape[self.dim], device=x.device).expand(x.shape[0], -1)


class Sinusoids(nn.Module):
    """Sine and cosine, in turns, of whole numbers as angles that turn ever more slowly."""

    speeds: Tensor

    def __init__(self, out_features: int, base: float = 10000.0) -> None:
        super().__init__()
        powers = torch.arange(0, out_features, 2) / out_features
        self.register_buffer("speeds", base**-powers, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        angles = x.unsqueeze(-1) * self.speeds
        return torch.stack([angles.sin(), angles.cos()], -1).flatten(-2)


class Place(nn.Sequential):
    """Rows of a table for the positions, as many as there may be."""

    def __init__(self, width: int, context: int) -> None:
        super().__init__(Positions(), nn.Embedding(context, width))


class Language(nn.Module):
    """Defaults: [n] < 50 -> [n; 3] for 1 <= n <= 64; 955 parameters; 24 * n multiply-adds.

    wte, wpe, ln [n; 8]; fc [n; 3].
    """

    def __init__(
        self, vocab: int = 50, width: int = 8, context: int = 64, classes: int = 3
    ) -> None:
        super().__init__()
        self.wte = _normal(nn.Embedding(vocab, width))
        self.wpe = Place(width, context)
        self.ln = nn.LayerNorm(width)
        self.fc = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.ln(self.wte(x) + self.wpe(x)))


class Several(nn.Module):
    """Defaults: [n] < 100 and [n] < 2 -> [n; 6] for n >= 1; 612 parameters; 0 multiply-adds.

    word, kind [n; 6].
    """

    def __init__(self, width: int = 6) -> None:
        super().__init__()
        self.word = nn.Embedding(100, width)
        self.kind = nn.Embedding(2, width)
        self.sinusoids = Sinusoids(width)

    def forward(self, words: Tensor, kinds: Tensor) -> Tensor:
        sinusoids = self.sinusoids(
            torch.arange(words.shape[1], device=words.device).expand(words.shape[0], -1)
        )
        return self.word(words) + self.kind(kinds) + sinusoids


class Step(nn.Module):
    """Defaults: [] < 1000 -> [16]; 2,128 parameters; 2,048 multiply-adds.

    time [16].
    """

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.sinusoids = Sinusoids(width, base=100.0)
        self.time = nn.Sequential(
            nn.Linear(width, 4 * width), nn.SiLU(inplace=True), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.sinusoids(x)
        return self.time(x)


class Image(nn.Sequential):
    """[3, h, w] -> [8; 4] for h >= 1 and w >= 1; 32 parameters; 0 multiply-adds.

    2 [8; 4].
    """

    def __init__(self) -> None:
        super().__init__(nn.AdaptiveAvgPool2d((8, 1)), Positions(dim=2), nn.Embedding(8, 4))


class Counts(nn.Module):
    """Defaults: [5] < 9 -> [45]; 81 parameters; 0 multiply-adds.

    rows [5; 9].
    """

    by_place: Final[bool]

    def __init__(self, by_place: bool = True) -> None:
        super().__init__()
        self.by_place = by_place
        self.rows = nn.Embedding(9, 9)

    def forward(self, x: Tensor) -> Tensor:
        if self.by_place:
            x = torch.arange(x.shape[1], device=x.device).expand(x.shape[0], -1)
        return torch.flatten(self.rows(x), 1)
