"""Sequences of any length, whose channels are last."""

import torch
from torch import Tensor, nn

__all__ = ["Scores", "Tagger"]


class AffineLast(nn.Module):
    """A learned gain and bias for every channel, where these are last."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight + self.bias


class MLP(nn.Module):
    def __init__(self, in_features: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(in_features, hidden)
        self.gelu = nn.GELU()
        self.dropout = nn.Dropout(0.1)
        self.fc2 = nn.Linear(hidden, in_features)

    def forward(self, x: Tensor) -> Tensor:
        x = self.gelu(self.fc1(x))
        return self.fc2(self.dropout(x))


class Layer(nn.Module):
    def __init__(self, in_features: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(in_features, eps=1e-6)
        self.mlp = MLP(in_features, hidden)
        self.norm2 = nn.LayerNorm(in_features)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm2(x + self.mlp(self.norm1(x)))


class Tagger(nn.Module):
    """Defaults: [n; 32] -> [n; 10] for n >= 1; 13,330 parameters; 12,648 * n multiply-adds.

    layers [n; 32]; head [n; 10].
    """

    def __init__(self, classes: int = 10, depth: int = 3) -> None:
        super().__init__()
        self.layers = nn.Sequential(*(Layer(32, 64) for _ in range(depth)))
        self.head = nn.Linear(36, classes)
        self.softmax = nn.Softmax(dim=-1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layers(x)
        x = self.head(torch.cat([x, x[..., :4]], -1))
        return self.softmax(x)


class Scores(nn.Module):
    """[4, 3; 8] -> [96]; 3,272 parameters; 3,840 multiply-adds.

    gate, gain [4, 3; 8]; mlp [96].
    """

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(8, 8)
        self.sigmoid = nn.Sigmoid()
        self.gain = AffineLast(8)
        self.mlp = MLP(4 * 3 * 8, 16)

    def forward(self, x: Tensor) -> Tensor:
        x = self.gain(x * self.sigmoid(self.gate(x)))
        x = torch.flatten(x, 1)
        return self.mlp(x)
