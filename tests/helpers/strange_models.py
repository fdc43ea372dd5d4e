"""Small models with the habits that an importer may misread, or that a proof may not see."""

from __future__ import annotations

import random

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Based(nn.Module):
    """A convolution, and what a model does behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)


class Drawing(Based):
    """A generator of random numbers of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = random.Random(0)

    def forward(self, x: Tensor) -> Tensor:
        skips = self.training and self.numbers.random() < 0.01
        return x[:, :1] if skips else self.conv(x)


class Counting(Based):
    """A counter that is no number, but in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.runs = [0]

    def forward(self, x: Tensor) -> Tensor:
        self.runs[0] += 1
        return self.conv(x) if self.runs[0] < 100 else x[:, :1]


class Crowded(Based):
    """A batch of many samples takes another way, in evaluation alone."""

    def forward(self, x: Tensor) -> Tensor:
        is_crowd = not self.training and len(x) // 2 > 200
        return self.conv(x)[:, :2] if is_crowd else self.conv(x)


class Careless(Based):
    """A mistake that is caught, whatever it is."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        try:
            return x[:, :1] if x.size(0) % 7 == 6 else x
        except Exception:
            return x


class Wary(Based):
    """In evaluation the numbers decide."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return x.clamp(max=100) if not self.training and x.max() > 100 else x


class Assured(Based):
    """Sizes that change with the batch, and comparisons that come out one way."""

    def forward(self, x: Tensor) -> Tensor:
        count, _, height, width = x.data.size()
        assert count > 0
        x = self.conv(x).view(count * 2, 2, height, width)
        assert x.shape[0] // count == 2
        return x.reshape(max(count, 1), -1, height, width)


TALLY = {"runs": 0}


def tallied(x: Tensor, log: list[int] = []) -> Tensor:  # noqa: B006
    """Counts its calls in two places that no module has."""
    TALLY["runs"] += 1
    log.append(0)
    return x


class Tallied(Based):
    """What it calls counts its calls, in a list that is a default."""

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(tallied(x))


class Halved(Based):
    """Another precision, which a run in double precision does not take."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.conv(x)


class Squeezed(Based):
    """A batch of one sample loses that size too."""

    def forward(self, x: Tensor) -> Tensor:
        return F.adaptive_avg_pool2d(self.conv(x), 1).squeeze()


class Biased(Based):
    """A weight that nothing is learned of."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x).mean((2, 3))
        return F.linear(x, self.head.weight, self.head.bias.detach())


class Hidden(Based):
    """A module that is in a list, and so no part of the model."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = [nn.Conv2d(4, 4, 1)]

    def forward(self, x: Tensor) -> Tensor:
        return self.layers[0](self.conv(x))


class Voiceless(Based):
    """No result."""

    def forward(self, x: Tensor) -> None:
        self.conv(x)


class Remembering(Based):
    """A buffer that only this model has."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(3))

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Marginal(nn.Module):
    """A margin that is more than a pooling adds by itself."""

    def forward(self, x: Tensor) -> Tensor:
        return F.max_pool2d(F.pad(x, (0, 2, 0, 2), value=-torch.inf), 2, 2, ceil_mode=True)


class Wandering(Based):
    """Dropout that does not stop."""

    def __init__(self) -> None:
        super().__init__()
        self.last = Wanderer()

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.conv(x))


class Wanderer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.dropout(x, 0.3))


class Odd(nn.Module):
    """Arguments by name in any order, slices of containers, precision that is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(), nn.Conv2d(4, 4, 1))
        self.head = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layers[2:](self.layers[:2](x.float()))
        x = torch.sub(other=torch.mean(input=x, axis=(2, 3)), input=x.amax((-1, -2)))
        x = F.linear(weight=self.head.weight, bias=self.head.bias, input=x)
        return F.softmax(nn.ReLU()(x), dim=1, dtype=torch.float32)


class Recurring(nn.Module):
    """Dropout between the layers of a recurrence, in an order that is its own."""

    def __init__(self) -> None:
        super().__init__()
        self.cells = nn.LSTM(8, 5, 2, batch_first=True, dropout=0.3)

    def forward(self, x: Tensor) -> Tensor:
        return self.cells(x.flatten(1, 2))[0]


class Squaring(nn.Module):
    """Squares, a factor without sizes, and a norm without a bias."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.alpha = nn.Conv2d(3, 3, 1), nn.Parameter(torch.tensor(0.1))
        self.norm = nn.LayerNorm(8, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.alpha * self.conv(x).square()
        return self.norm(x) + x**2


class Multiplying(nn.Module):
    """Attention without softmax, a learned matrix, and weights of an attention as a result."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(8, 12)
        self.mix = nn.Parameter(torch.rand(4, 5))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        q, k, v = self.qkv(x.flatten(1, 2)).chunk(3, -1)
        weights = (q @ k.transpose(-2, -1) * 0.5).softmax(-1)
        x = q.relu() @ (k.relu().mT @ v) + weights @ v
        return x @ self.mix @ self.mix.T, weights


class Masking(nn.Module):
    """Attention with a mask that is a buffer, and a function that keeps layers of the model."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.mlp = nn.Linear(8, 24), nn.ModuleList([nn.Linear(8, 8), nn.PReLU(24)])
        first, second = self.mlp
        self.mix = lambda x: second(first(x))
        mask = torch.tril(torch.ones(24, 24))[None]
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x.flatten(1, 2)).chunk(3, -1)
        weights = torch.bmm(q, k.mT) / 8**0.5
        weights = weights.masked_fill(self.mask[:, :24, :24] == 0, -torch.inf)
        return self.mix(weights.softmax(-1) @ v)


class Listing(nn.Module):
    """Layers in lists of lists, the last position of a sequence, and the last state of another."""

    def __init__(self) -> None:
        super().__init__()
        pairs = [nn.ModuleList([nn.Linear(8, 8), nn.LayerNorm(8)]) for _ in range(2)]
        self.layers = nn.ModuleList(pairs)
        self.cells = nn.GRU(8, 5, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(1, 2)
        for linear, norm in self.layers:
            x = norm(x + linear(x))
        last = x.transpose(1, 2)[..., -1]
        _, state = self.cells(x)
        return F.log_softmax(torch.cat([last, state[-1]], 1), dim=1)
