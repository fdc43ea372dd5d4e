"""Classifiers of texts, held against classes as people write them by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import archdsl
from tests.helpers.paths import SPECS


class TextLSTM(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20000, 100)
        self.rnn = nn.LSTM(100, 128, 2, batch_first=True, dropout=0.5, bidirectional=True)
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(256, 2)

    def forward(self, words: Tensor) -> Tensor:
        _, (last, _) = self.rnn(self.dropout(self.embedding(words)))
        return self.fc(self.dropout(torch.cat([last[-2], last[-1]], 1)))


class TextCNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20000, 300)
        self.convs = nn.ModuleList([nn.Conv1d(300, 100, k) for k in (3, 4, 5)])
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(300, 2)

    def forward(self, words: Tensor) -> Tensor:
        x = self.embedding(words).transpose(1, 2)
        x = torch.cat([F.relu(conv(x)).max(2).values for conv in self.convs], 1)
        return self.fc(self.dropout(x))


@pytest.mark.parametrize(("name", "by_hand"), [("text_lstm", TextLSTM), ("text_cnn", TextCNN)])
def test_scores_are_those_of_a_class_by_hand(name: str, by_hand: type[nn.Module]) -> None:
    torch.manual_seed(0)
    theirs = by_hand().eval()
    ours = archdsl.load(SPECS / "text.arch", name).eval()
    state = theirs.state_dict().values()
    # The convolutions are in a list there, and have a key each here.
    keyed = dict(zip(ours.state_dict(), state, strict=True))
    ours.load_state_dict(keyed)
    assert sum(each.numel() for each in ours.parameters()) == sum(each.numel() for each in state)
    for length in (5, 6, 17, 64, 301):
        words = torch.randint(20000, (3, length))
        torch.testing.assert_close(ours(words), theirs(words))
