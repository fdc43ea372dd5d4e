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


class Joint(nn.Module):
    """Joins a tensor with those of a list, whose name no module can have."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(6, 3, 1)

    def forward(self, x: Tensor, children: list[Tensor]) -> Tensor:
        return self.conv(torch.cat([x, *children], 1))


class Tree(nn.Module):
    """Calls two modules of two tensors, as the one that calls it does."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = Joint(), Joint()

    def forward(self, x: Tensor, children: list[Tensor]) -> Tensor:
        return self.two(self.one(x, children), [x])


class Trees(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem, self.left, self.right = nn.Conv2d(3, 3, 1), Tree(), Tree()

    def forward(self, x: Tensor) -> Tensor:
        y = self.stem(x)
        return self.right(self.left(x, [y]), [y])


class GlobalResponseNorm(nn.Module):
    """As timm has it, for channels that are last."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.eps, self.channel_dim = 1e-6, -1
        self.weight, self.bias = nn.Parameter(torch.zeros(width)), nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        strong = x.norm(p=2, dim=(1, 2), keepdim=True)
        found = x * (strong / (strong.mean(dim=-1, keepdim=True) + self.eps))
        return x + torch.addcmul(self.bias, self.weight, found)


GlobalResponseNorm.__module__ = "timm.layers.grn"


class Responding(nn.Module):
    """A norm that is known by its class."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = GlobalResponseNorm(3)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x.permute(0, 2, 3, 1))


class Reading(nn.Module):
    """Reads a learned tensor twice, the second time behind the first."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.p = (
            nn.Conv2d(3, 4, 1),
            nn.Conv2d(3, 4, 1),
            nn.Parameter(torch.rand(64, 4)),
        )
        self.q = nn.Parameter(torch.rand(1, 4, 8, 8))

    def forward(self, x: Tensor) -> Tensor:
        p = self.p.t().reshape(1, 4, 8, 8)
        x = self.a(x) + p + self.q
        return torch.relu(x) * p + (self.b(x[:, :3]) + self.q)


class Weighing(nn.Module):
    """Attention with a learned number for every query, key and head, in this order."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.qkv = nn.Conv2d(3, 4, 4, 4), nn.Linear(4, 12)
        self.bias = nn.Parameter(torch.zeros(4, 4, 2))

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x).flatten(2).mT
        b, n, d = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, 2, -1).permute(2, 0, 3, 1, 4)
        bias = self.bias.permute(2, 0, 1)[None]
        found = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return found.transpose(1, 2).reshape(b, n, d)
