"""Attention as code bases write it: projections in one layer or in three, heads in groups, a
sequence of any length.
"""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Cross", "Encoder", "Remembering", "Translating", "Windows"]


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    heads: int = 1,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
    causal: bool = False,
    dropout: float = 0.0,
    scale: float | None = None,
    training: bool = True,
) -> Tensor:
    """Attention along the last axis of positions; every head has an equal part of the features."""
    apart = query.shape[:-2]
    groups = heads * key.shape[-1] // query.shape[-1]
    query = query.unflatten(-1, (heads, -1)).transpose(-3, -2).flatten(0, -4)
    key, value = [
        x.unflatten(-1, (groups, -1)).transpose(-3, -2).flatten(0, -4) for x in [key, value]
    ]
    if bias is not None:
        bias = bias.movedim(-1, -3).flatten(0, -4)
        bias = bias.repeat_interleave(query.shape[0] // bias.shape[0], 0)
    if mask is not None:
        mask = mask.flatten(0, -2)
        mask = mask.repeat_interleave(query.shape[0] // mask.shape[0], 0)
        mask = mask[:, None, None] > 0
        if causal:
            mask = mask & mask.new_ones(query.shape[-2], key.shape[-2]).tril()
        if bias is not None:
            bias = bias.masked_fill(~mask, float("-inf"))
    x = F.scaled_dot_product_attention(
        query,
        key,
        value,
        mask if bias is None else bias,
        dropout_p=dropout if training else 0.0,
        is_causal=causal and mask is None,
        scale=scale,
        enable_gqa=True,
    )
    if mask is not None:
        x = x.masked_fill(~mask.any(-1, keepdim=True), 0.0)
    return x.transpose(-3, -2).flatten(-2).unflatten(0, apart)


def causal_mask(x: Tensor) -> Tensor:
    """Whether a position, along the first dimension, must not read another: those behind it."""
    return x.new_ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)


class Attention(nn.Module):
    """timm: queries, keys and values are equal parts of one layer."""

    def __init__(self, in_features: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(in_features, 3 * in_features)
        self.proj = nn.Linear(in_features, in_features)

    def forward(self, x: Tensor) -> Tensor:
        x = self.qkv(x)
        q, k, v = x.chunk(3, -1)
        return self.proj(attend(q, k, v, heads=self.heads))


class BertSelf(nn.Module):
    def __init__(self, in_features: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(in_features, in_features)
        self.key = nn.Linear(in_features, in_features)
        self.value = nn.Linear(in_features, in_features)

    def forward(self, x: Tensor) -> Tensor:
        return attend(self.query(x), self.key(x), self.value(x), heads=self.heads)


class BertOutput(nn.Module):
    def __init__(self, in_features: int) -> None:
        super().__init__()
        self.dense = nn.Linear(in_features, in_features)
        self.LayerNorm = nn.LayerNorm(in_features)

    def forward(self, x: Tensor, x2: Tensor) -> Tensor:
        return self.LayerNorm(self.dense(x) + x2)


class Bert(nn.Module):
    """BERT: three layers below one label."""

    def __init__(self, in_features: int, heads: int) -> None:
        super().__init__()
        self.self = BertSelf(in_features, heads)
        self.output = BertOutput(in_features)

    def forward(self, x: Tensor) -> Tensor:
        out = self.self(x)
        return self.output(out, x)


class Grouped(nn.Module):
    """LLaMA: several heads of the queries share one of the keys."""

    def __init__(self, in_features: int, heads: int, groups: int) -> None:
        super().__init__()
        head = in_features // heads
        self.heads = heads
        self.q_proj = nn.Linear(in_features, in_features, bias=False)
        self.k_proj = nn.Linear(in_features, groups * head, bias=False)
        self.v_proj = nn.Linear(in_features, groups * head, bias=False)
        self.o_proj = nn.Linear(in_features, in_features, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.o_proj(
            attend(self.q_proj(x), self.k_proj(x), self.v_proj(x), heads=self.heads, causal=True)
        )


class Biased(nn.Module):
    """Every pair of positions has a learned number, which is added before softmax."""

    def __init__(self, in_features: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(in_features, 3 * in_features)
        self.table = nn.Parameter(
            nn.init.trunc_normal_(torch.empty(9, 9, heads), std=0.02, a=-2, b=2)
        )
        self.proj = nn.Linear(in_features, in_features)

    def forward(self, x: Tensor) -> Tensor:
        x = self.qkv(x)
        q, k, v = x.chunk(3, -1)
        return self.proj(
            attend(q, k, v, bias=self.table.expand(x.shape[0], -1, -1, -1), heads=self.heads)
        )


class EncoderLayer(nn.Module):
    """torchvision: PyTorch's own layer."""

    def __init__(self, in_features: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(in_features)
        self.self_attention = nn.MultiheadAttention(in_features, heads, batch_first=True)
        self.dropout = nn.Dropout(0.1)
        self.ln_2 = nn.LayerNorm(in_features)
        self.mlp = nn.Sequential(
            nn.Linear(in_features, hidden), nn.GELU(), nn.Linear(hidden, in_features)
        )

    def forward(self, x: Tensor) -> Tensor:
        out = self.ln_1(x)
        x = x + self.dropout(self.self_attention(out, out, out, need_weights=False)[0])
        return x + self.mlp(self.ln_2(x))


class Encoder(nn.Module):
    """Defaults: [n; 16] -> [n; 16] for n >= 1; 9,536 parameters; 160 * n * n + 8,960 * n
    multiply-adds.

    a, b, c, layers [n; 16].
    """

    def __init__(self, heads: int = 4, depth: int = 2) -> None:
        super().__init__()
        self.a = Attention(16, heads)
        self.b = Bert(16, 2)
        self.c = Grouped(16, heads, 2)
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for i in range(depth):
            layers[f"layer{i}"] = EncoderLayer(16, heads, 64)
        self.layers = nn.Sequential(layers)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        x = self.b(x)
        x = self.c(x)
        return self.layers(x)


class Cross(nn.Module):
    """Every row of a map reads the words of a text.

    Defaults: [h, w; 12] and [h, t; 8] -> [h, w; 8] for h >= 1 and w >= 1 and t >= 1; 248
    parameters; 128 * h * t + 16 * h * t * w + 96 * h * w multiply-adds.

    q [h, w; 8]; k, v [h, t; 8].
    """

    def __init__(self, heads: int = 2) -> None:
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(12, 8)
        self.k = nn.Linear(8, 8)
        self.v = nn.Linear(8, 8)

    def forward(self, image: Tensor, text: Tensor) -> Tensor:
        return attend(self.q(image), self.k(text), self.v(text), heads=self.heads, scale=0.5)


class Windows(nn.Module):
    """Defaults: [9; 8] -> [9; 8]; 1,062 parameters; 7,200 multiply-adds.

    a, b [9; 8].
    """

    def __init__(self, heads: int = 2) -> None:
        super().__init__()
        self.a = Biased(8, heads)
        self.b = Biased(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.b(x)


class Reading(nn.Module):
    """The mask says which keys are read; a second sequence is read by PyTorch's own layer."""

    def __init__(
        self, in_features: int, memory_channels: int, heads: int, drop: float = 0.0
    ) -> None:
        super().__init__()
        self.heads = heads
        self.drop = drop
        self.self = nn.MultiheadAttention(in_features, heads, batch_first=True)
        self.other = nn.MultiheadAttention(
            in_features, heads, kdim=memory_channels, vdim=memory_channels, batch_first=True
        )
        self.qkv = nn.Linear(in_features, 3 * in_features)

    def forward(self, x: Tensor, memory: Tensor, shown: Tensor) -> Tensor:
        x = self.self(x, x, x, need_weights=False, attn_mask=causal_mask(x), is_causal=True)[0]
        x = self.qkv(self.other(x, memory, memory, need_weights=False)[0])
        q, k, v = x.chunk(3, -1)
        return attend(
            q,
            k,
            v,
            mask=shown,
            heads=self.heads,
            causal=True,
            dropout=self.drop,
            training=self.training,
        )


class Translating(nn.Module):
    """[n; 8] and [m; 6] and [n] < 2 -> [n; 8] for n >= 1 and m >= 1; 1,520 parameters; 1,152 * n +
    192 * m + 32 * m * n + 64 * n * n multiply-adds.

    first, second [n; 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.first = Reading(8, 6, 2)
        self.second = Reading(8, 6, 4, drop=0.1)

    def forward(self, words: Tensor, source: Tensor, shown: Tensor) -> Tensor:
        x = self.first(words, source, shown)
        return self.second(x, source, shown)


class Remembering(nn.Module):
    """What is read as keys and as values is computed once.

    [9; 8] -> [9; 8]; 448 parameters; 4,752 multiply-adds.

    norm, attend, linear, fc [9; 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(8)
        self.linear = nn.Linear(8, 8)
        self.attend = nn.MultiheadAttention(8, 2, batch_first=True)
        self.fc = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(x)
        linear = self.linear(x)
        return self.fc(self.attend(x, linear, linear, need_weights=False)[0])
