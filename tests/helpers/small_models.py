"""Small models with the habits that people have, for imports."""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Unit(nn.Module):
    def __init__(self, before: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, out, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(self.conv(x)), inplace=True)


class Nested(nn.Module):
    """Containers in containers, and children by name and by number."""

    def __init__(self) -> None:
        super().__init__()
        inner = nn.Sequential(nn.Conv2d(8, 8, 1), nn.Dropout(0.0), nn.Conv2d(8, 8, 1))
        self.features = nn.Sequential(Unit(3, 8), inner, nn.MaxPool2d(2))
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(8 * 16, 4))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x))


class Listed(nn.Module):
    """A list of modules in a loop, and one that is read by number."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Unit(4, 4) for _ in range(3)])
        self.heads = nn.ModuleList([nn.Linear(4, 2), nn.Linear(4, 3)])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = x + layer(x)
        x = x.mean((2, 3))
        return torch.cat([self.heads[1](x), self.heads[0](x)], 1)


class Residual(nn.Module):
    """A shortcut that is there or not."""

    def __init__(self, before: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.body = Unit(before, out, stride)
        self.shortcut = None
        if stride > 1 or before != out:
            self.shortcut = nn.Conv2d(before, out, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        skip = x if self.shortcut is None else self.shortcut(x)
        return F.relu(self.body(x) + skip)


class Optional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = Residual(3, 8)
        blocks = [Residual(8, 8), Residual(8, 16, 2), Residual(16, 16), Residual(16, 16)]
        self.blocks = nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        return self.blocks(self.stem(x)).flatten(1)


class Several(nn.Module):
    """Several results by name, and a buffer that nothing but a norm has."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Unit(3, 4)
        self.mask = nn.Conv2d(4, 2, 1)
        self.score = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = self.stem(x)
        return {"mask": self.mask(x), "score": self.score(x.amax((2, 3)))}


class Pyramid(nn.Module):
    """Tensors that are read where no branch begins."""

    def __init__(self) -> None:
        super().__init__()
        self.down1, self.down2 = Unit(3, 4, 2), Unit(4, 4, 2)
        self.side = nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        one = self.down1(x)
        two = self.down2(one)
        up = F.interpolate(two, scale_factor=2)
        mixed = self.side(one) + up
        return torch.cat([mixed, up], 1) * torch.cat([one, mixed], 1)


class Tokens(nn.Module):
    """Attention by hand, with a learned token and learned positions."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 4, 4)
        self.token = nn.Parameter(torch.zeros(1, 1, 8))
        self.places = nn.Parameter(torch.zeros(1, 5, 8))
        self.qkv = nn.Linear(8, 24)
        self.proj = nn.Linear(8, 8)
        self.norm = nn.LayerNorm(8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.places
        b, n, d = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, 2, d // 2).permute(2, 0, 3, 1, 4).unbind(0)
        x = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, d)
        return self.norm(self.proj(x))[:, 0]


class Heads(nn.Module):
    """PyTorch's own attention, which has the samples behind the positions inside."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 4, 4)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.norm = nn.LayerNorm(8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        return self.norm(x + self.attention(x, x, x, need_weights=False)[0])


class Branching(nn.Module):
    """What is computed depends on the numbers that come in."""

    def forward(self, x: Tensor) -> Tensor:
        if x.mean() > 0:
            return F.relu(x)
        return x


class Writing(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        x = x * 2
        x[:, 0] = 0
        return x


class Circular(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1, padding_mode="circular")

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Sorting(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.sort(x, 1)[0]


class Shared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.body(x))
        for _ in range(2):
            x = self.body(x)
        return x


class Unused(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.spare = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Overwriting(nn.Module):
    """It writes to its input, which is read again under another name."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        part = x[:, :2]
        part.relu_()
        return self.conv(x)


class Offset(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + 1.5


class Gradless(nn.Module):
    """Layers that nothing is learned through."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            return self.conv(x)


class Noisy(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + torch.rand_like(x)


class Ordered(nn.Module):
    """What no op does, with weights and arguments of its own."""

    def __init__(self, width: int, descending: bool = False) -> None:
        super().__init__()
        self.conv, self.is_descending = nn.Conv2d(width, width, 1), descending

    def forward(self, x: Tensor) -> Tensor:
        return torch.sort(self.conv(x), dim=1, descending=self.is_descending)[0]


class Mixed(nn.Module):
    """A network in which some modules have no ops."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3)
        self.blocks = nn.ModuleList(Ordered(4, descending=True) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for block in self.blocks:
            x = x + block(x)
        return x


class Words(nn.Module):
    """A language model: a table of positions, and scores by the table of words."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(11, 8), nn.Embedding(16, 8)
        self.attention, self.norm = Products(8, 2), nn.LayerNorm(8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.words(x) + self.places(torch.arange(x.shape[1]))
        x = self.norm(x + self.attention(x))
        return F.linear(x, self.words.weight)


class Products(nn.Module):
    """Attention as products of matrices."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, self.qkv, self.proj = (
            heads,
            nn.Linear(width, 3 * width),
            nn.Linear(width, width),
        )

    def forward(self, x: Tensor) -> Tensor:
        b, n, d = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-2, -1) * (d // self.heads) ** -0.5).softmax(dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(b, n, d))


class Fusing(nn.Module):
    """A module of two tensors that is called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.up, self.down = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(3, 4, 1)
        self.first, self.second = Fusion(), Fusion()

    def forward(self, x: Tensor) -> Tensor:
        up, down = self.up(x), self.down(x)
        return self.second(self.first(up, down), down)


class Fusion(nn.Module):
    """The sum of what comes in, the first through a layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor, other: Tensor) -> Tensor:
        return torch.relu(self.conv(x)) + other


class Windows(nn.Module):
    """Attention within windows, which lie among the samples meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.attention = nn.Conv2d(3, 8, 1), Products(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x).permute(0, 2, 3, 1)
        b, h, w, c = x.shape
        x = x.view(b, h // 4, 4, w // 4, 4, c).transpose(2, 3).reshape(-1, 16, c)
        x = self.attention(x).view(b, h // 4, w // 4, 4, 4, c).transpose(2, 3)
        return x.reshape(b, h, w, c)[:, 2:].mean((1, 2))


class Biased(nn.Module):
    """Attention by letters, with a learned number for every head, query and key."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.bias = nn.Linear(8, 24), nn.Parameter(torch.zeros(2, 64, 64))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([x, x, x[:, :2]], 1).flatten(2).mT
        b, n, d = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, 2, -1).permute(2, 0, 3, 1, 4)
        scores = torch.einsum("b h i d, b h j d -> b h i j", q, k * 0.5) + self.bias
        return torch.einsum("bhij,bhjd->bihd", torch.softmax(scores, -1), v).reshape(b, n, d)


class Pairs(nn.Module):
    """Attention in a window of 2 x 2, with a bias for every pair of its positions."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.qkv = nn.Conv2d(3, 4, 4, 4), nn.Linear(4, 12)
        self.p_bias_table = nn.Parameter(torch.rand(9, 2))
        places = torch.cartesian_prod(torch.arange(2), torch.arange(2))
        apart = places[:, None] - places[None] + 1
        self.register_buffer("p_index", (apart[..., 0] * 3 + apart[..., 1]).flatten())

    def table(self) -> Tensor:
        return self.p_bias_table

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x).flatten(2).mT
        b, n, _ = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, 2, -1).permute(2, 0, 3, 1, 4)
        bias = self.table()[self.p_index].view(n, n, -1).permute(2, 0, 1).unsqueeze(0)
        found = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return found.transpose(1, 2).reshape(b, n, -1)


class Growing(Pairs):
    """The same, with numbers that are computed from those of the table."""

    def table(self) -> Tensor:
        return self.p_bias_table.sinh()


class Reducing(nn.Module):
    """Means, largest numbers and a softmax along several sizes, and a pooling with a margin."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.pool = nn.Conv2d(3, 4, 1), nn.Conv2d(3, 4, 1), nn.MaxPool2d(3, 2)
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        both = torch.stack([self.a(x), self.b(x)], dim=1)
        weights = both.mean(dim=(3, 4)).softmax(dim=1)
        x = (both * weights[..., None, None]).sum(dim=1) * x.max(dim=1, keepdim=True)[0]
        x = F.pad(x * self.scale, (0, 1, 0, 1), value=-torch.inf)
        return self.pool(x).mean(dim=2)


@dataclass
class Scored:
    """Two results under names."""

    logits: Tensor
    hidden: Tensor


class Named(nn.Module):
    """Gives an object with fields."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.head = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 2, 1)

    def forward(self, x: Tensor) -> Scored:
        x = self.body(x)
        return Scored(self.head(x), x)


class Lucky(nn.Module):
    """Leaves a layer out at random."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x if self.training and random.random() < 1e-9 else self.conv(x)


class Warming(nn.Module):
    """Counts its runs, and would do something else after many."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.runs = nn.Conv2d(3, 3, 1), 0

    def forward(self, x: Tensor) -> Tensor:
        self.runs += 1
        return self.conv(x) if self.runs < 1000 else x


class Frozen(nn.Module):
    """Keeps a norm in evaluation."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(3)

    def train(self, mode: bool = True) -> Frozen:
        super().train(mode)
        self.norm.eval()
        return self

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x)


class Centred(nn.Module):
    """Subtracts numbers that are not learned."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        self.register_buffer("mean", torch.rand(1, 3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x - self.mean)


class Lazy(nn.Module):
    """Has no weights before the first run."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.LazyConv2d(3, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)
