"""What models become: the text is the one expected, and the proof has passed it."""

from __future__ import annotations

import importlib

import pytest
import torch
from torch import nn

from archdsl.importing import import_model
from archdsl.importing.model import shaped
from archdsl.importing.proof import proved
from archdsl.importing.refusal import Refusal
from archdsl.ops.attend_source import attend_helper
from tests.helpers import imported_models, small_models, strange_models

TEXTS = {
    "Nested": """
block unit = conv: conv(8, 3, bias=false) -> norm: bn -> relu

block stack = conv(8, 1) -> dropout(0.0) -> conv(8, 1)

network nested: [3, 8, 8] = features: (unit -> stack -> maxpool(2)) -> head: (flatten -> linear(4))
""",
    "Listed": """
block unit = conv: conv(4, 3, bias=false) -> norm: bn -> relu

network listed: [4, 8, 8] =
    layers: repeat(3, add(identity, unit))
    -> global_avgpool -> flatten
    -> heads: concat("1": linear(3), "0": linear(2))
""",
    "Optional": """
block unit(out, stride=1) = conv: conv(out, 3, stride, bias=false) -> norm: bn -> relu

block residual(out, stride=1): [c, ...] -> [out, ...] =
    add(body: unit(out, stride=stride), shortcut: conv(out, 1, stride) if stride > 1 or c != out)
    -> relu

network optional: [3, 8, 8] =
    stem: residual(8)
    -> blocks: (residual(8) -> residual(16, stride=2) -> repeat(2, residual(16))) -> flatten
""",
    "Several": """
block unit = conv: conv(4, 3, bias=false) -> norm: bn -> relu

network several: [3, 8, 8] =
    stem: unit -> (mask: conv(2, 1), global_maxpool -> flatten -> score: linear(5))
""",
    "Pyramid": """
block unit = conv: conv(4, 3, stride=2, bias=false) -> norm: bn -> relu

network pyramid: [3, 8, 8] =
    down1: unit
    -> mul(
        concat(
            add(side: conv(4, 1), down2: unit -> upsample(2) -> upsample1: identity)
                -> add1: identity,
            @upsample1,
        ),
        concat(identity, @add1),
    )
""",
    "Shared": """
network shared: [3, 8, 8] = share body = conv(3, 3) in body -> relu -> repeat(2, body)
""",
    "Tokens": """
network tokens: [3, 8, 8] =
    patches: conv(8, 4, stride=4, pad=0) -> rearrange("c h w -> (h w); c")
    -> append(token: parameter([1; 8]), identity)
    -> add(identity, places: parameter([5; 8]))
    -> qkv: linear(24)
    -> attend(split(3), heads=2)
    -> proj: linear(8) -> norm: layernorm -> take(0)
""",
}


OTHERS = {
    "Words": """
block products = qkv: linear(24) -> attend(split(3), heads=2) -> proj: linear(8)

network words: [5] < 11 =
    share words = embedding(8) in
    add(words, positions -> places: embedding(8, rows=16))
    -> add(identity, attention: products) -> norm: layernorm
    -> tied(words)
""",
    "Fusing": """
network fusing: [3, 8, 8] =
    add(
        add(up: conv(4, 3) -> first: (conv: conv(4, 1)) -> relu, down: conv(4, 1))
            -> second: (conv: conv(4, 1)) -> relu,
        @down,
    )
""",
    "Pairs": """
network pairs: [3, 8, 8] =
    stem: conv(4, 4, stride=4, pad=0) -> rearrange("c h w -> (h w); c")
    -> qkv: linear(12)
    -> attend(split(3), heads=2, bias=p: window_bias(2, 2, 2))
""",
    "Biased": """
network biased: [3, 8, 8] =
    concat(identity, identity, slice(0, 2)) -> rearrange("c h w -> (h w); c")
    -> qkv: linear(24)
    -> attend(
        split(3),
        heads=2,
        bias=bias: parameter([2, 64; 64], batch=false) -> rearrange("h w; c -> w c; h"),
    )
""",
    "Reducing": """
network reducing: [3, 8, 8] =
    mul(
        concat(a: conv(4, 1), b: conv(4, 1))
            -> mul(
                rearrange("(c g) h w -> c g h w", g=4),
                rearrange("(c g) h w -> (c g) (h w)", g=4)
                    -> global_avgpool
                    -> rearrange("(c g) 1 -> c g", g=4)
                    -> softmax
                    -> rearrange("c n -> c n 1 1"),
            )
            -> channel_mean -> scale(2) -> rearrange("1 t h w -> t h w"),
        channel_max,
    ) -> scale: gain(scalar=true)
    -> maxpool(3, stride=2, ceil=true) -> rearrange("c h w -> (c w) h")
    -> global_avgpool -> rearrange("(c g) 1 -> c g", g=4)
""",
    "Named": """
network named: [3, 8, 8] =
    body: conv(4, 1) -> (head: conv(2, 1) -> logits: identity, hidden: identity)
""",
    "Windows": """
block products = qkv: linear(24) -> attend(split(3), heads=2) -> proj: linear(8)

network windows: [3, 8, 8] =
    stem: conv(8, 1) -> rearrange("c (h p) (w q) -> (h w) (p q); c", p=4, q=4)
    -> attention: products
    -> rearrange("(h p) (w q); c -> (h w) (p q); c", p=2, q=4)
    -> rearrange("h w; c -> c h w")
    -> pad([-2, 0, 0, 0])
    -> rearrange("c h w -> h w; c")
    -> global_avgpool -> flatten
""",
}


OF_LIBRARIES = {
    "Passing": """
block stage: (x0: [_, ...], x1: [...; _]) =
    append(@x1, @x0 -> rearrange("c h w -> (h w); c"))
    -> add(identity, norm: layernorm -> mix: linear(4)) -> rearrange("n; d -> d n")
    -> (
        pad([-1, 0]) -> rearrange("c (n m) -> c n m", m=4) -> x0: identity,
        pad([0, -16]) -> rearrange("c 1 -> 1; c") -> x1: identity,
    )

block stage2: (x0: [_, ...], x1: [...; _]) =
    append(@x1, @x0 -> rearrange("c h w -> (h w); c"))
    -> add(identity, norm: layernorm -> mix: linear(4)) -> rearrange("n; d -> d n") -> pad(
        [0, -16],
    ) -> rearrange("c 1 -> 1; c")

block stages: (x0: [_, ...], x1: [...; _]) = (@x0, @x1) -> repeat(2, stage) -> stage2

network passing: [3, 8, 8] =
    stem: conv(4, 2, stride=2, pad=0)
    -> (x0: identity, token: parameter([1; 4]) -> x1: identity)
    -> stages: stages
    -> head: linear(2)
""",
    "Trees": """
block joint = conv: conv(3, 1)

network trees: [3, 8, 8] =
    concat(
        concat(
            concat(concat(identity, stem: conv(3, 1)) -> "left.one": joint, identity)
                -> "left.two": joint
                -> tensor1: identity,
            @stem,
        )
            -> "right.one": joint,
        @tensor1,
    )
    -> "right.two": joint
""",
    "Reading": """
network reading: [3, 8, 8] =
    a: conv(4, 1)
    -> add(
        identity,
        p: parameter([64; 4], batch=false) -> rearrange("(n m); d -> d n m", m=8)
            -> rearrange1: identity,
        q: parameter([4, 8, 8]),
    )
    -> add(relu -> mul(identity, @rearrange1), slice(0, 3) -> b: conv(4, 1) -> add(identity, @q))
""",
    "Weighing": """
network weighing: [3, 8, 8] =
    stem: conv(4, 4, stride=4, pad=0) -> rearrange("c h w -> (h w); c")
    -> qkv: linear(12)
    -> attend(split(3), heads=2, bias=bias: parameter([4, 4; 2], batch=false))
""",
    "Responding": """
network responding: [3, 8, 8] = rearrange("c h w -> h w; c") -> norm: grn
""",
}


@pytest.mark.parametrize("name", OF_LIBRARIES)
def test_habits_of_libraries_are_read(name):
    imported = import_model(getattr(imported_models, name)(), [torch.rand(2, 3, 8, 8)])
    assert imported.text.partition("\n\n")[2] == OF_LIBRARIES[name].lstrip("\n")


@pytest.mark.parametrize("name", OTHERS)
def test_what_has_no_module_of_its_own_is_read_too(name):
    x = torch.randint(11, (2, 5)) if name == "Words" else torch.rand(2, 3, 8, 8)
    imported = import_model(getattr(small_models, name)(), [x])
    assert imported.text.partition("\n\n")[2] == OTHERS[name].lstrip("\n")


@pytest.mark.parametrize("name", TEXTS)
def test_a_model_reads_as_a_person_writes_it(name):
    channels = 4 if name == "Listed" else 3
    imported = import_model(getattr(small_models, name)(), [torch.rand(2, channels, 8, 8)])
    _, _, text = imported.text.partition("\n\n")
    assert text == TEXTS[name].lstrip("\n")
    assert imported.proof.difference <= 1e-9


def test_parameters_are_called_as_the_constructor_calls_them():
    class Cell(nn.Module):
        def __init__(self, narrow: int, wide: int) -> None:
            super().__init__()
            self.narrow, self.wide = narrow, wide
            self.a, self.b = nn.Conv2d(4, narrow, 1), nn.Conv2d(narrow, wide, 1)
            self.c = nn.Conv2d(wide, 4, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.c(self.b(self.a(x)))

    model = nn.Sequential(Cell(2, 5), Cell(3, 7))
    imported = import_model(model, [torch.rand(2, 4, 4, 4)], "cells")
    assert "block cell(narrow, wide) = a: conv(narrow, 1) -> b: conv(wide, 1)" in imported.text


def test_rates_that_grow_are_a_law():
    from archdsl.importing.rates import rate_of

    rate = rate_of([0.2 * i / 16 for i in range(1, 16)])
    assert rate is not None
    assert rate.text("i") == "0.2 * i / 16"
    divided = rate_of([0.5 / 54 * i for i in range(1, 55)])
    assert divided is not None
    assert divided.text("i") == "0.5 / 54 * i"
    assert rate_of([0.1, 0.2, 0.35]) is None or rate_of([0.1, 0.2, 0.35]).step(0.35) is not None


def test_the_model_stays_as_it_is():
    model = small_models.Nested().eval()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    import_model(model, [torch.rand(2, 3, 8, 8)])
    assert not model.training
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())


STRANGE = {
    "Squaring": """
network squaring: [3, 8, 8] =
    add(
        identity,
        conv: conv(3, 1) -> mul(identity, identity) -> alpha: gain(scalar=true, sized=false),
    )
    -> add(
        rearrange("c h w -> c h; w") -> norm: layernorm(bias=false),
        mul(identity, identity) -> rearrange("c h w -> c h; w"),
    )
""",
    "Assured": """
network assured: [3, 8, 8] = conv: conv(4, 1)
""",
    "Masking": """
network masking: [3, 8, 8] =
    rearrange("c h w -> (c h); w")
    -> qkv: linear(24)
    -> attend(split(3), causal=true)
    -> mlp: ("0": linear(8) -> rearrange("n; d -> n d") -> "1": prelu(shared=false))
""",
    "Listing": """
network listing: [3, 8, 8] =
    rearrange("c h w -> (c h); w")
    -> layers: chain("{i}": (add(identity, linear(8)) -> layernorm) for i in range(2))
    -> concat(take(-1), cells: gru(5) -> take(-1)) -> log_softmax
""",
    "Multiplying": """
network multiplying: [3, 8, 8] =
    rearrange("c h w -> (c h); w")
    -> qkv: linear(12)
    -> (
        add(
            matmul(
                part(3, 0) -> part1: identity -> relu,
                matmul(
                    part(3, 1) -> part2: identity -> relu -> rearrange("n; d -> d; n"),
                    part(3, 2) -> part3: identity,
                ),
            ),
            attend(@part1, @part2, @part3),
        )
            -> matmul(identity, mix: parameter([4; 5], batch=false))
            -> matmul(identity, @mix -> rearrange("n; d -> d; n"))
            -> out0: identity,
        matmul(@part1, @part2 -> rearrange("n; d -> d; n")) -> scale(0.5) -> softmax
            -> out1: identity,
    )
""",
    "Odd": """
network odd: [3, 8, 8] =
    layers: (conv(4, 1) -> relu -> conv(4, 1))
    -> sub(global_maxpool -> flatten, global_avgpool -> flatten)
    -> head: linear(2) -> relu -> softmax
""",
    "Recurring": """
network recurring: [3, 8, 8] =
    rearrange("c h w -> (c h); w") -> cells: lstm(5, layers=2, dropout=0.3)
""",
}


@pytest.mark.parametrize("name", STRANGE)
def test_habits_of_strangers_are_read(name):
    imported = import_model(getattr(strange_models, name)(), [torch.rand(5, 3, 8, 8)])
    assert imported.text.partition("\n\n")[2] == STRANGE[name].lstrip("\n")


def test_another_probability_of_dropout_is_found():
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Dropout(0.2))
    inputs = [torch.rand(2, 3, 8, 8)]
    text = import_model(model, inputs, "net").text
    with pytest.raises(Refusal, match=r"in training without dropout result 1 differs by 0\.045"):
        proved(model, text.replace("dropout(0.2)", "dropout(0.1)"), "net", inputs)


def test_a_text_that_nothing_proved_says_so():
    with torch.device("meta"):
        model = nn.Sequential(nn.Conv2d(3, 4, 1))
        text = shaped(model, [torch.rand(2, 3, 8, 8)])
    assert "proved" not in text
    assert "only keys and shapes are known to be" in text


CARRIED = """
import torch.nn.functional as F
from torch import Tensor, nn

{}

class Attending(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(2)
        return attend(x, x, x, 2, 0.25, 0.5, {})
"""


@pytest.mark.parametrize(
    ("training", "said"), [("self.training", "dropout=0.25, scale=0.5"), ("False", "scale=0.5")]
)
def test_arguments_of_a_carried_function_go_by_position(tmp_path, monkeypatch, training, said):
    source = attend_helper(frozenset({"dropout", "scale", "training"}))
    name = f"carrying_{training.partition('.')[2]}"
    text = CARRIED.format(source.write(source.options), training)
    (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    model = importlib.import_module(name).Attending()
    found = import_model(model, [torch.rand(2, 4, 4, 4)]).text
    assert f"heads=2, {said})" in found


def test_frozen_weights_are_proved_as_well():
    model = nn.Sequential(nn.Embedding(5, 4), nn.Linear(4, 3)).requires_grad_(False)
    made = import_model(model, [torch.randint(0, 5, (2, 6))])
    assert made.text.endswith("[6] < 5 = embedding(4) -> linear(3)\n")
