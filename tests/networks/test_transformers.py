"""Language models, held against classes as people write them by hand, in small sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import archdsl
from tests.helpers.paths import SPECS


class GPT2(nn.Module):
    """As in nanoGPT: one matrix for words and scores, and a mask."""

    def __init__(self, vocab: int, context: int, width: int, depth: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.wte = nn.Embedding(vocab, width)
        self.wpe = nn.Embedding(context, width)
        self.h = nn.ModuleList([self.layer(width) for _ in range(depth)])
        self.ln_f = nn.LayerNorm(width)

    @staticmethod
    def layer(width: int) -> nn.Module:
        linear = nn.Linear
        return nn.ModuleDict(
            {
                "ln_1": nn.LayerNorm(width),
                "attn": nn.ModuleDict(
                    {"c_attn": linear(width, 3 * width), "c_proj": linear(width, width)}
                ),
                "ln_2": nn.LayerNorm(width),
                "mlp": nn.ModuleDict(
                    {"c_fc": linear(width, 4 * width), "c_proj": linear(4 * width, width)}
                ),
            }
        )

    def attend(self, x: Tensor, layer: nn.Module) -> Tensor:
        batch, length, width = x.shape
        parts = layer.c_attn(x).split(width, 2)
        q, k, v = (p.view(batch, length, self.heads, -1).transpose(1, 2) for p in parts)
        scores = q @ k.transpose(2, 3) * (width // self.heads) ** -0.5
        behind = torch.ones(length, length).triu(1).bool()
        weights = scores.masked_fill(behind, -torch.inf).softmax(3)
        return layer.c_proj((weights @ v).transpose(1, 2).reshape(batch, length, width))

    def forward(self, words: Tensor) -> Tensor:
        x = self.wte(words) + self.wpe(torch.arange(words.shape[1]))
        for layer in self.h:
            x = x + self.attend(layer.ln_1(x), layer.attn)
            hidden = F.gelu(layer.mlp.c_fc(layer.ln_2(x)), approximate="tanh")
            x = x + layer.mlp.c_proj(hidden)
        return self.ln_f(x) @ self.wte.weight.T


class Llama(nn.Module):
    """With complex numbers for positions, and keys and values repeated for their groups."""

    def __init__(self, vocab: int, width: int, depth: int, heads: int, groups: int) -> None:
        super().__init__()
        self.heads, self.groups, size = heads, groups, width // heads

        def linear(features: int, out: int) -> nn.Linear:
            return nn.Linear(features, out, bias=False)

        self.embed_tokens = nn.Embedding(vocab, width)
        self.layers = nn.ModuleList()
        for _ in range(depth):
            layer = nn.Module()
            layer.input_layernorm = nn.RMSNorm(width, 1e-5)
            layer.self_attn = nn.Module()
            layer.self_attn.q_proj = linear(width, width)
            layer.self_attn.k_proj = linear(width, groups * size)
            layer.self_attn.v_proj = linear(width, groups * size)
            layer.self_attn.o_proj = linear(width, width)
            layer.post_attention_layernorm = nn.RMSNorm(width, 1e-5)
            layer.mlp = nn.Module()
            layer.mlp.gate_proj, layer.mlp.up_proj = linear(width, 88), linear(width, 88)
            layer.mlp.down_proj = linear(88, width)
            self.layers.append(layer)
        self.norm = nn.RMSNorm(width, 1e-5)
        self.lm_head = linear(width, vocab)

    def turned(self, x: Tensor) -> Tensor:
        """Of `(batch, head, position, feature)` feature i of both halves, as a complex number."""
        length, half = x.shape[2], x.shape[3] // 2
        speeds = 10000.0 ** (-torch.arange(half) / half)
        turns = torch.polar(torch.ones(length, half), torch.arange(length)[:, None] * speeds)
        pairs = torch.complex(x[..., :half], x[..., half:]) * turns
        return torch.cat([pairs.real, pairs.imag], 3)

    def attend(self, x: Tensor, layer: nn.Module) -> Tensor:
        batch, length, width = x.shape
        q = layer.q_proj(x).view(batch, length, self.heads, -1).transpose(1, 2)
        parts = (layer.k_proj(x), layer.v_proj(x))
        k, v = (p.view(batch, length, self.groups, -1).transpose(1, 2) for p in parts)
        several = self.heads // self.groups
        k, v = (p.repeat_interleave(several, 1) for p in (self.turned(k), v))
        scores = self.turned(q) @ k.transpose(2, 3) * (width // self.heads) ** -0.5
        behind = torch.ones(length, length).triu(1).bool()
        weights = scores.masked_fill(behind, -torch.inf).softmax(3)
        return layer.o_proj((weights @ v).transpose(1, 2).reshape(batch, length, width))

    def forward(self, words: Tensor) -> Tensor:
        x = self.embed_tokens(words)
        for layer in self.layers:
            x = x + self.attend(layer.input_layernorm(x), layer.self_attn)
            y = layer.post_attention_layernorm(x)
            x = x + layer.mlp.down_proj(F.silu(layer.mlp.gate_proj(y)) * layer.mlp.up_proj(y))
        return self.lm_head(self.norm(x))


class Bert(nn.Module):
    """With PyTorch's own layer, whose norms come behind the sums."""

    def __init__(self, width: int, depth: int, heads: int) -> None:
        super().__init__()
        self.tokens = nn.Embedding(100, width)
        self.kinds = nn.Embedding(2, width)
        self.places = nn.Embedding(64, width)
        self.norm = nn.LayerNorm(width, 1e-12)
        settings = {"activation": F.gelu, "layer_norm_eps": 1e-12, "batch_first": True}
        layers = [
            nn.TransformerEncoderLayer(width, heads, 4 * width, **settings) for _ in range(depth)
        ]
        self.layers = nn.ModuleList(layers)

    def forward(self, tokens: Tensor, kinds: Tensor) -> Tensor:
        places = self.places(torch.arange(tokens.shape[1]))
        x = self.norm(self.tokens(tokens) + self.kinds(kinds) + places)
        for layer in self.layers:
            x = layer(x)
        return x


SMALL_GPT2 = """
from gpt import gpt2
network small: [n] < 100 -> [n; 100] = gpt2(100, 64, 32, 2, 4)
"""
SMALL_LLAMA = """
from gpt import decoder_layer
network small: [n] < 100 -> [n; 100] =
    embed_tokens: embedding(32) -> layers: repeat(2, decoder_layer(4, 2, 88))
    -> norm: rmsnorm(eps=1e-5) -> lm_head: linear(100, bias=false)
"""
SMALL_BERT = """
from bert import layer
network small: (tokens: [n] < 100, kinds: [n] < 2) -> [n; 32] =
    add(
        @tokens -> embedding(32),
        @kinds -> embedding(32),
        @tokens -> positions -> embedding(32, rows=64),
    )
    -> layernorm(eps=1e-12) -> repeat(2, layer(4, 128))
"""


def small(text: str) -> nn.Module:
    modules = {
        name: (SPECS / f"{name}.arch").read_text(encoding="utf-8") for name in ("gpt", "bert")
    }
    return archdsl.load(text=text, modules=modules, network="small").eval()


@pytest.mark.parametrize(
    ("text", "by_hand"),
    [
        (SMALL_GPT2, lambda: GPT2(100, 64, 32, 2, 4)),
        (SMALL_LLAMA, lambda: Llama(100, 32, 2, 4, 2)),
    ],
)
def test_scores_are_those_of_a_class_by_hand(text: str, by_hand: Callable[[], nn.Module]) -> None:
    torch.manual_seed(0)
    ours, theirs = small(text), by_hand().eval()
    ours.load_state_dict(theirs.state_dict())
    for length in (1, 2, 7, 33, 64):
        words = torch.randint(100, (3, length))
        torch.testing.assert_close(ours(words), theirs(words), rtol=1e-4, atol=1e-5)


def test_bert_is_an_encoder_of_pytorch() -> None:
    torch.manual_seed(0)
    ours, theirs = small(SMALL_BERT), Bert(32, 2, 4).eval()
    for mine, other in zip(ours.parameters(), in_our_order(theirs), strict=True):
        mine.data.copy_(other)
    for length in (1, 2, 7, 33, 64):
        tokens, kinds = torch.randint(100, (3, length)), torch.randint(2, (3, length))
        expected = theirs(tokens, kinds)
        torch.testing.assert_close(ours(tokens, kinds), expected, rtol=1e-4, atol=1e-5)


def in_our_order(bert: Bert) -> list[Tensor]:
    """The weights, with those of queries, keys and values apart, and norms where they are used."""
    found = [*(each.weight for each in (bert.tokens, bert.kinds, bert.places))]
    found += [bert.norm.weight, bert.norm.bias]
    for layer in bert.layers:
        attention = layer.self_attn
        for weight, bias in zip(
            attention.in_proj_weight.chunk(3), attention.in_proj_bias.chunk(3), strict=True
        ):
            found += [weight, bias]
        parts = (attention.out_proj, layer.norm1, layer.linear1, layer.linear2, layer.norm2)
        found += [entry for part in parts for entry in (part.weight, part.bias)]
    return found
