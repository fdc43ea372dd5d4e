"""Attention to another sequence, and masks, held against PyTorch's transformer."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import archdsl
from tests.helpers.paths import EXAMPLES

VOCAB, WIDTH, DEPTH, HEADS, HIDDEN = 50, 32, 2, 4, 48
LENGTHS = [(1, 1), (1, 5), (7, 1), (9, 12), (33, 20)]


class Words(nn.Module):
    """Words with waves that tell where each stands, as the paper writes them."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCAB, WIDTH)

    def forward(self, words: Tensor) -> Tensor:
        place, pair = torch.arange(words.shape[1])[:, None], torch.arange(0, WIDTH, 2)
        angles = place / 10000 ** (pair / WIDTH)
        waves = torch.empty(words.shape[1], WIDTH)
        waves[:, ::2], waves[:, 1::2] = angles.sin(), angles.cos()
        return self.words(words) * WIDTH**0.5 + waves


class Translator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        settings = (WIDTH, HEADS, HIDDEN)
        self.source = Words()
        layer = nn.TransformerEncoderLayer(*settings, batch_first=True)
        self.encoder = nn.TransformerEncoder(
            layer, DEPTH, nn.LayerNorm(WIDTH), enable_nested_tensor=False
        )
        self.target = Words()
        decoder_layer = nn.TransformerDecoderLayer(*settings, batch_first=True)
        self.decoder = nn.TransformerDecoder(decoder_layer, DEPTH, nn.LayerNorm(WIDTH))
        self.generator = nn.Linear(WIDTH, VOCAB)

    def forward(self, sentence: Tensor, words: Tensor) -> Tensor:
        memory, length = self.encoder(self.source(sentence)), words.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(length)
        return self.generator(self.decoder(self.target(words), memory, tgt_mask=mask))


@pytest.fixture(scope="module")
def both() -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    ours = archdsl.load(
        EXAMPLES / "translation.arch", vocab=VOCAB, d=WIDTH, depth=DEPTH, heads=HEADS, hidden=HIDDEN
    )
    theirs = Translator()
    for weight in theirs.parameters():
        weight.data.normal_(0, 0.1)
    return ours.double().eval(), theirs.double().eval()


def test_keys_are_those_of_pytorch(both: tuple[nn.Module, nn.Module]) -> None:
    shapes = [{key: entry.shape for key, entry in each.state_dict().items()} for each in both]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize(("source", "target"), LENGTHS)
def test_scores_are_those_of_pytorch(
    both: tuple[nn.Module, nn.Module], source: int, target: int
) -> None:
    ours, theirs = both
    ours.load_state_dict(theirs.state_dict())
    sentence = torch.randint(VOCAB, (3, source))
    words = torch.randint(VOCAB, (3, target))
    expected = theirs(sentence, words)
    torch.testing.assert_close(ours(sentence, words), expected, rtol=1e-9, atol=1e-9)


MASKED = """
network masked: (x: [n; 8], memory: [m; 8], keep: [m] < 2) -> [n; 8] =
    @x -> attend(
        query: linear(8),
        @memory -> key: linear(8),
        @memory -> value: linear(8),
        heads=2,
        mask=@keep,
    ) -> out: linear(8)
"""


def test_a_mask_hides_keys_as_padding_does() -> None:
    torch.manual_seed(0)
    ours = archdsl.load(text=MASKED).eval()
    theirs = nn.MultiheadAttention(8, 2, batch_first=True).eval()
    parts = [ours.query, ours.key, ours.value]
    theirs.in_proj_weight.data.copy_(torch.cat([part.weight for part in parts]))
    theirs.in_proj_bias.data.copy_(torch.cat([part.bias for part in parts]))
    theirs.out_proj.load_state_dict(ours.out.state_dict())
    x, memory = torch.randn(3, 5, 8), torch.randn(3, 7, 8)
    keep = torch.tensor([[1] * 7, [1] * 4 + [0] * 3, [0, 1, 0, 1, 1, 0, 1]])
    expected, _ = theirs(x, memory, memory, key_padding_mask=keep == 0)
    torch.testing.assert_close(ours(x, memory, keep), expected)


def test_a_mask_of_nothing_but_ones_changes_nothing() -> None:
    torch.manual_seed(0)
    ours = archdsl.load(text=MASKED).eval()
    x, memory = torch.randn(3, 5, 8), torch.randn(3, 7, 8)
    shown = ours(x, memory, torch.ones(3, 7, dtype=torch.long))
    short = ours(x, memory[:, :4], torch.ones(3, 4, dtype=torch.long))
    hidden = ours(x, memory, torch.tensor([[1] * 4 + [0] * 3] * 3))
    torch.testing.assert_close(hidden, short)
    assert not torch.allclose(shown, hidden)


def test_a_query_that_reads_nothing_adds_nothing() -> None:
    torch.manual_seed(0)
    ours = archdsl.load(text=MASKED).eval()
    x, memory = torch.randn(2, 5, 8), torch.randn(2, 7, 8)
    found = ours(x, memory, torch.tensor([[0] * 7, [1] * 7]))
    torch.testing.assert_close(found[0], ours.out.bias.expand(5, 8))
