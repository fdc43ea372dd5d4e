"""Small models with the habits of libraries, for imports."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Stage(nn.Module):
    """Takes and gives a map and a token, which it turns into positions and back."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.mix = nn.LayerNorm(4), nn.Linear(4, 4)

    def forward(self, pair: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        x, token = pair
        b, c, h, w = x.shape
        x = torch.cat([token, x.flatten(2).mT], 1)
        x = x + self.mix(self.norm(x))
        return x[:, 1:].mT.reshape(b, c, h, w), x[:, :1]


class Stages(nn.Sequential):
    """Passes two tensors on from stage to stage."""

    def forward(self, pair: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        for stage in self:
            pair = stage(pair)
        return pair


class Passing(nn.Module):
    """Two tensors through all stages, of which one is read in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.token = nn.Conv2d(3, 4, 2, 2), nn.Parameter(torch.zeros(1, 1, 4))
        self.stages, self.head = Stages(Stage(), Stage(), Stage()), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        x, token = self.stem(x), self.token.expand(x.shape[0], -1, -1)
        return self.head(self.stages((x, token))[1])
