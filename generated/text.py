# Generated from text.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 4faf7690954c2506cec4db5920a95768b4d0eb6162ca4169da589d7645da30e5
"""Classifiers of texts: recurrent, and convolutional.

A text is the numbers of its words, of a vocabulary of 20,000. The figures are those of the same
networks as they are written in PyTorch, layer by layer.
"""

import torch
from torch import Tensor, nn

__all__ = ["TextCnn", "TextLstm"]


class TextLstm(nn.Module):
    """Two layers of long short-term memory (Hochreiter and Schmidhuber, 1997) in both directions:
    the last state of the one and the first of the other, which has read from the end, are
    scored.

    Defaults: [n] < 20000 -> [2] for n >= 1; 2,631,298 parameters; 512 + 626,688 * n
    multiply-adds.

    embedding [n; 100]; rnn [n; 256]; fc [2].
    """

    def __init__(self, vocab: int = 20000, classes: int = 2, hidden: int = 128) -> None:
        super().__init__()
        self.hidden = hidden
        self.stop = 2 * hidden
        self.embedding = nn.Embedding(vocab, 100)
        self.dropout = nn.Dropout()
        self.rnn = nn.LSTM(
            100, hidden, num_layers=2, batch_first=True, dropout=0.5, bidirectional=True
        )
        self.dropout2 = nn.Dropout()
        self.fc = nn.Linear(2 * hidden, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.rnn(self.dropout(self.embedding(x)))[0]
        x = torch.cat([x[:, -1][:, : self.hidden], x[:, 0][:, self.hidden : self.stop]], 1)
        return self.fc(self.dropout2(x))


class Strongest(nn.Sequential):
    """The strongest answer to each filter, over all windows of some words."""

    def __init__(self, in_channels: int, filters: int, words: int) -> None:
        super().__init__(
            nn.Conv1d(in_channels, filters, words),
            nn.ReLU(inplace=True),
            nn.AdaptiveMaxPool1d(1),
            nn.Flatten(),
        )


class TextCnn(nn.Module):
    """Convolutional Neural Networks for Sentence Classification (Kim, EMNLP 2014), with its
    sizes.

    Defaults: [n] < 20000 -> [2] for n >= 5; 6,360,902 parameters; 120,000 * (n - 3) +
    150,000 * (n - 4) + 600 + 90,000 * (n - 2) multiply-adds.

    embedding [n; 300]; conv3, conv4, conv5 [100]; fc [2].
    """

    def __init__(
        self, vocab: int = 20000, classes: int = 2, width: int = 300, filters: int = 100
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab, width)
        self.conv3 = Strongest(width, filters, 3)
        self.conv4 = Strongest(width, filters, 4)
        self.conv5 = Strongest(width, filters, 5)
        self.dropout = nn.Dropout()
        self.fc = nn.Linear(3 * filters, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embedding(x).transpose(1, 2)
        x = self.dropout(torch.cat([self.conv3(x), self.conv4(x), self.conv5(x)], 1))
        return self.fc(x)
