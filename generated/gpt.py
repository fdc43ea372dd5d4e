# Generated from gpt.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 8cf6d6dec1b561790919898ffc7b27e4ce73e64fab20e80ab56317b2918e79c1
"""Generative pretrained transformers, which continue texts.

GPT-2 is that of Radford et al. (2019), with the keys and weights of nanoGPT: Hugging Face stores
the matrices of its `Conv1D` the other way round. The head has the table of the words.
"""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Gpt2", "Tinyllama", "gpt2_large", "gpt2_medium", "gpt2_small", "gpt2_xl"]


def attend(
    query: Tensor, key: Tensor, value: Tensor, heads: int = 1, causal: bool = False
) -> Tensor:
    """Attention along the last axis of positions; every head has an equal part of the features."""
    groups = heads * key.shape[-1] // query.shape[-1]
    query = query.unflatten(-1, (heads, -1)).transpose(-3, -2)
    key, value = [x.unflatten(-1, (groups, -1)).transpose(-3, -2) for x in [key, value]]
    x = F.scaled_dot_product_attention(query, key, value, is_causal=causal, enable_gqa=True)
    return x.transpose(-3, -2).flatten(-2)


class RotaryEmbedding(nn.Module):
    """Turns pairs of the features of every head, by angles that grow with the position."""

    def __init__(self, heads: int, base: float = 10000.0, interleaved: bool = False) -> None:
        super().__init__()
        self.heads = heads
        self.base = base
        self.interleaved = interleaved

    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[-1] // self.heads
        speeds = self.base ** -(torch.arange(0, size, 2, device=x.device) / size)
        angles = torch.arange(x.shape[-2], device=x.device)[:, None, None] * speeds
        cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
        x = x.unflatten(-1, (self.heads, -1))
        if self.interleaved:
            first, second = x[..., ::2], x[..., 1::2]
        else:
            first, second = x.chunk(2, -1)
        turned = [first * cos - second * sin, second * cos + first * sin]
        x = torch.stack(turned, -1).flatten(-2) if self.interleaved else torch.cat(turned, -1)
        return x.flatten(-2)


class Attention(nn.Module):
    """Every position looks at those before it."""

    def __init__(self, in_features: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.c_attn = nn.Linear(in_features, 3 * in_features)
        self.c_proj = nn.Linear(in_features, in_features)

    def forward(self, x: Tensor) -> Tensor:
        x = self.c_attn(x)
        q, k, v = x.chunk(3, -1)
        return self.c_proj(attend(q, k, v, heads=self.heads, causal=True))


class Layer(nn.Module):
    def __init__(self, in_features: int, heads: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(in_features)
        self.attn = Attention(in_features, heads)
        self.ln_2 = nn.LayerNorm(in_features)
        self.mlp = nn.Sequential(
            OrderedDict(
                c_fc=nn.Linear(in_features, 4 * in_features),
                gelu=nn.GELU(approximate="tanh"),
                c_proj=nn.Linear(4 * in_features, in_features),
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Gpt2(nn.Module):
    def __init__(
        self, num_embeddings: int, context: int, width: int, depth: int, heads: int
    ) -> None:
        super().__init__()
        self.wte = nn.Embedding(num_embeddings, width)
        self.wpe = nn.Embedding(context, width)
        self.h = nn.Sequential(*(Layer(width, heads) for _ in range(depth)))
        self.ln_f = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        wpe = self.wpe(torch.arange(x.shape[1], device=x.device).expand(x.shape[0], -1))
        x = self.wte(x) + wpe
        return F.linear(self.ln_f(self.h(x)), self.wte.weight)


class GroupedAttention(nn.Module):
    """Queries of several heads share the keys and values of a group; both are turned by their
    positions.
    """

    def __init__(self, in_features: int, heads: int, groups: int) -> None:
        super().__init__()
        head = in_features // heads
        self.heads = heads
        self.q_proj = nn.Linear(in_features, in_features, bias=False)
        self.rope = RotaryEmbedding(heads)
        self.k_proj = nn.Linear(in_features, groups * head, bias=False)
        self.rope2 = RotaryEmbedding(groups)
        self.v_proj = nn.Linear(in_features, groups * head, bias=False)
        self.o_proj = nn.Linear(in_features, in_features, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        q = self.rope(self.q_proj(x))
        k = self.rope2(self.k_proj(x))
        return self.o_proj(attend(q, k, self.v_proj(x), heads=self.heads, causal=True))


class Swiglu(nn.Module):
    def __init__(self, in_features: int, hidden: int) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(in_features, hidden, bias=False)
        self.silu = nn.SiLU(inplace=True)
        self.up_proj = nn.Linear(in_features, hidden, bias=False)
        self.down_proj = nn.Linear(hidden, in_features, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(self.silu(self.gate_proj(x)) * self.up_proj(x))


class DecoderLayer(nn.Module):
    def __init__(self, in_features: int, heads: int, groups: int, hidden: int) -> None:
        super().__init__()
        self.input_layernorm = nn.RMSNorm(in_features, eps=1e-5)
        self.self_attn = GroupedAttention(in_features, heads, groups)
        self.post_attention_layernorm = nn.RMSNorm(in_features, eps=1e-5)
        self.mlp = Swiglu(in_features, hidden)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x))
        return x + self.mlp(self.post_attention_layernorm(x))


class Tinyllama(nn.Module):
    """The layers of LLaMA 2 (Touvron et al., 2023) in the size of TinyLlama 1.1B (Zhang et al.,
    2024), with Hugging Face's keys, and its head.

    Defaults: [n] < 32000 -> [n; 32000] for n >= 1; 1,100,048,384 parameters; 1,034,420,224 * n +
    90,112 * n * n multiply-adds.

    model [n; 2048]; lm_head [n; 32000].
    """

    def __init__(self, vocab: int = 32000) -> None:
        super().__init__()
        self.model = nn.Sequential(
            OrderedDict(
                embed_tokens=nn.Embedding(vocab, 2048),
                layers=nn.Sequential(*(DecoderLayer(2048, 32, 4, hidden=5632) for _ in range(22))),
                norm=nn.RMSNorm(2048, eps=1e-5),
            )
        )
        self.lm_head = nn.Linear(2048, vocab, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.lm_head(self.model(x))


def gpt2_small(vocab: int = 50257, context: int = 1024) -> Gpt2:
    """Defaults: [n] < 50257 -> [n; 50257] for 1 <= n <= 1024; 124,439,808 parameters;
    123,532,032 * n + 18,432 * n * n multiply-adds.

    wte, wpe, h, ln_f [n; 768].
    """
    return Gpt2(vocab, context, 768, depth=12, heads=12)


def gpt2_medium(vocab: int = 50257, context: int = 1024) -> Gpt2:
    """Defaults: [n] < 50257 -> [n; 50257] for 1 <= n <= 1024; 354,823,168 parameters;
    353,453,056 * n + 49,152 * n * n multiply-adds.

    wte, wpe, h, ln_f [n; 1024].
    """
    return Gpt2(vocab, context, 1024, depth=24, heads=16)


def gpt2_large(vocab: int = 50257, context: int = 1024) -> Gpt2:
    """Defaults: [n] < 50257 -> [n; 50257] for 1 <= n <= 1024; 774,030,080 parameters;
    772,117,760 * n + 92,160 * n * n multiply-adds.

    wte, wpe, h, ln_f [n; 1280].
    """
    return Gpt2(vocab, context, 1280, depth=36, heads=20)


def gpt2_xl(vocab: int = 50257, context: int = 1024) -> Gpt2:
    """Defaults: [n] < 50257 -> [n; 50257] for 1 <= n <= 1024; 1,557,611,200 parameters;
    1,554,971,200 * n + 153,600 * n * n multiply-adds.

    wte, wpe, h, ln_f [n; 1600].
    """
    return Gpt2(vocab, context, 1600, depth=48, heads=25)
