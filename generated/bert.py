# Generated from bert.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 59d9c06c399abe6dbbe300ecdf38beb979f9a2e6adf307f9c7a1169727d6b726
"""BERT (Devlin et al., NAACL 2019), the encoder, with Hugging Face's keys.

A text is the numbers of its word pieces, each with the number of the sentence that it is in.
Nothing is masked, so a batch holds texts of one length; the pooler and the heads are left to who
trains.
"""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["BertBase", "BertLarge"]


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    heads: int = 1,
    dropout: float = 0.0,
    training: bool = True,
) -> Tensor:
    """Attention along the last axis of positions; every head has an equal part of the features."""
    query, key, value = [
        x.unflatten(-1, (heads, -1)).transpose(-3, -2) for x in [query, key, value]
    ]
    x = F.scaled_dot_product_attention(query, key, value, dropout_p=dropout if training else 0.0)
    return x.transpose(-3, -2).flatten(-2)


class AttentionSelf(nn.Module):
    def __init__(self, in_features: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(in_features, in_features)
        self.key = nn.Linear(in_features, in_features)
        self.value = nn.Linear(in_features, in_features)

    def forward(self, x: Tensor) -> Tensor:
        return attend(
            self.query(x),
            self.key(x),
            self.value(x),
            heads=self.heads,
            dropout=0.1,
            training=self.training,
        )


class AttentionOutput(nn.Module):
    def __init__(self, in_features: int) -> None:
        super().__init__()
        self.dense = nn.Linear(in_features, in_features)
        self.dropout = nn.Dropout(0.1)
        self.LayerNorm = nn.LayerNorm(in_features, eps=1e-12)

    def forward(self, x: Tensor, x2: Tensor) -> Tensor:
        return self.LayerNorm(self.dropout(self.dense(x)) + x2)


class Attention(nn.Module):
    def __init__(self, in_features: int, heads: int) -> None:
        super().__init__()
        self.self = AttentionSelf(in_features, heads)
        self.output = AttentionOutput(in_features)

    def forward(self, x: Tensor) -> Tensor:
        out = self.self(x)
        return self.output(out, x)


class LayerOutput(nn.Module):
    def __init__(self, in_features: int, out: int) -> None:
        super().__init__()
        self.dense = nn.Linear(in_features, out)
        self.dropout = nn.Dropout(0.1)
        self.LayerNorm = nn.LayerNorm(out, eps=1e-12)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.LayerNorm(self.dropout(self.dense(x)) + y)


class Layer(nn.Module):
    """Layer normalization comes after every sum."""

    def __init__(self, in_features: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.attention = Attention(in_features, heads)
        self.intermediate = nn.Sequential(
            OrderedDict(dense=nn.Linear(in_features, hidden), gelu=nn.GELU())
        )
        self.output = LayerOutput(hidden, in_features)

    def forward(self, x: Tensor) -> Tensor:
        y = self.attention(x)
        x = self.intermediate(y)
        return self.output(x, y)


class BertBaseEmbeddings(nn.Module):
    def __init__(self, num_embeddings: int) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(num_embeddings, 768)
        self.token_type_embeddings = nn.Embedding(2, 768)
        self.position_embeddings = nn.Embedding(512, 768)
        self.LayerNorm = nn.LayerNorm(768, eps=1e-12)
        self.dropout = nn.Dropout(0.1)

    def forward(self, tokens: Tensor, kinds: Tensor) -> Tensor:
        position_embeddings = self.position_embeddings(
            torch.arange(tokens.shape[1], device=tokens.device).expand(tokens.shape[0], -1)
        )
        return self.dropout(
            self.LayerNorm(
                self.word_embeddings(tokens)
                + self.token_type_embeddings(kinds)
                + position_embeddings
            )
        )


class BertBase(nn.Module):
    """Defaults: [n] < 30522 and [n] < 2 -> [n; 768] for 1 <= n <= 512; 108,891,648 parameters;
    18,432 * n * n + 84,934,656 * n multiply-adds.

    embeddings, encoder [n; 768].
    """

    def __init__(self, vocab: int = 30522) -> None:
        super().__init__()
        self.embeddings = BertBaseEmbeddings(vocab)
        self.encoder = nn.Sequential(
            OrderedDict(layer=nn.Sequential(*(Layer(768, 12, 3072) for _ in range(12))))
        )

    def forward(self, tokens: Tensor, kinds: Tensor) -> Tensor:
        x = self.embeddings(tokens, kinds)
        return self.encoder(x)


class BertLargeEmbeddings(nn.Module):
    def __init__(self, num_embeddings: int) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(num_embeddings, 1024)
        self.token_type_embeddings = nn.Embedding(2, 1024)
        self.position_embeddings = nn.Embedding(512, 1024)
        self.LayerNorm = nn.LayerNorm(1024, eps=1e-12)
        self.dropout = nn.Dropout(0.1)

    def forward(self, tokens: Tensor, kinds: Tensor) -> Tensor:
        position_embeddings = self.position_embeddings(
            torch.arange(tokens.shape[1], device=tokens.device).expand(tokens.shape[0], -1)
        )
        return self.dropout(
            self.LayerNorm(
                self.word_embeddings(tokens)
                + self.token_type_embeddings(kinds)
                + position_embeddings
            )
        )


class BertLarge(nn.Module):
    """Defaults: [n] < 30522 and [n] < 2 -> [n; 1024] for 1 <= n <= 512; 334,092,288 parameters;
    301,989,888 * n + 49,152 * n * n multiply-adds.

    embeddings, encoder [n; 1024].
    """

    def __init__(self, vocab: int = 30522) -> None:
        super().__init__()
        self.embeddings = BertLargeEmbeddings(vocab)
        self.encoder = nn.Sequential(
            OrderedDict(layer=nn.Sequential(*(Layer(1024, 16, 4096) for _ in range(24))))
        )

    def forward(self, tokens: Tensor, kinds: Tensor) -> Tensor:
        x = self.embeddings(tokens, kinds)
        return self.encoder(x)
