"""Recurrent layers: their modules give more than the code reads."""

from typing import Final

from torch import Tensor, nn

__all__ = ["Chosen", "Numbered", "Tagger"]


class Take(nn.Module):
    """One position of the first axis."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index

    def forward(self, x: Tensor) -> Tensor:
        return x[:, self.index]


class Stage(nn.Module):
    def __init__(self, in_features: int, hidden: int) -> None:
        super().__init__()
        self.rnn = nn.LSTM(in_features, hidden, batch_first=True, bidirectional=True)
        self.norm = nn.RMSNorm(hidden * 2, eps=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.rnn(x)[0])


class Tagger(nn.Module):
    """Defaults: [n] < 30 -> [n; 5] for n >= 1; 1,197 parameters; 808 * n multiply-adds.

    embedding, layers [n; 8]; tags [n; 5].
    """

    def __init__(self, vocab: int = 30, hidden: int = 4, depth: int = 2, tags: int = 5) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab, 2 * hidden)
        self.layers = nn.Sequential(*(Stage(2 * hidden, hidden) for _ in range(depth)))
        self.tags = nn.Linear(2 * hidden, tags)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embedding(x)
        return self.tags(self.layers(x))


class Numbered(nn.Module):
    """Defaults: [n; 4] -> [3] for n >= 1; 177 parameters; 135 * n multiply-adds.

    0, 1 [n; 3].
    """

    def __init__(self, hidden: int = 3) -> None:
        super().__init__()
        self.add_module("0", nn.GRU(4, hidden, num_layers=2, batch_first=True, dropout=0.5))
        self.add_module("1", nn.RNN(hidden, hidden, batch_first=True))
        self.add_module("2", Take(-1))

    def forward(self, x: Tensor) -> Tensor:
        gru, rnn, take = self.children()
        return take(rnn(gru(x)[0])[0])


class Chosen(nn.Module):
    """Defaults: [n; 4] -> [n; 3] for n >= 1; 93 parameters; 72 * n multiply-adds.

    rnn, out [n; 3].
    """

    has_rnn: Final[bool]

    def __init__(self, wide: bool = True) -> None:
        super().__init__()
        self.has_rnn = wide
        if wide:
            self.rnn = nn.GRU(4, 3, batch_first=True)
        self.out = nn.Linear(3 if wide else 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        if self.has_rnn:
            x = self.rnn(x)[0]
        return self.out(x)
