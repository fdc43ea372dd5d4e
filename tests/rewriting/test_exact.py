"""Every rewrite in exact arithmetic: the results are equal, not only close."""

from __future__ import annotations

import random

import pytest

from archdsl import read
from archdsl.rewriting.formulas import values
from archdsl.rewriting.inverse import inverse
from archdsl.rewriting.network import Plan, plan_of
from archdsl.rewriting.table import NAMES, REWRITES, rewritten
from tests.helpers.exact import Fractions, drawn_input, drawn_state, results
from tests.helpers.rewritable import text_of

PATH = "conv(4, 1) -> bn -> relu -> conv(4, 3, bias=false) -> bn"
CASES = {
    "fold": [
        "conv(5, 3, stride=2, bias=false) -> bn(eps=0.001) -> relu",
        "conv(4, 3, groups=2) -> bn -> conv(3, 1, bias=false) -> bn",
        "flatten -> linear(5) -> bn -> linear(3) -> bn",
        "bn -> conv(3, 3, pad=0) -> relu -> bn -> conv(2, 1, bias=false)",
        "bn -> conv(2, [2, 3], [1, 2], pad=0, dilation=[2, 1])",
        "conv_transpose(4, 3, 2, pad=1, output_pad=1, groups=2, bias=false) -> bn",
        "conv_transpose(3, 2, stride=2) -> bn -> relu",
        "share f = (conv(4, 3, bias=false) -> bn) in f -> relu -> f",
    ],
    "branches": [
        "add(conv(4, 3), conv(4, 1), bn, identity)",
        "add(conv(4, 3, bias=false), conv(4, 3), conv(4, [1, 3]), conv(4, [3, 1])) -> relu",
        "add(conv(4, 3, groups=4), conv(4, 1, groups=4), identity, bn)",
        "add(conv(4, 3, groups=2, bias=false), identity)",
        "add(conv(4, 3, dilation=2), conv(4, 1), identity, identity)",
        "add(conv(6, 5, stride=2), conv(6, 3, stride=2), conv(6, 1, stride=2))",
        "flatten -> add(linear(100), identity, linear(100, bias=false), bn)",
        "add(conv(4, 3), relu -> conv(4, 1), conv(4, 1))",
        "add(conv(4, 3), conv(4, 1)) -> add(conv(4, 3), conv(4, 1))",
    ],
    "paths": [
        f"concat({PATH} -> relu, {PATH} -> relu) -> conv(3, 1)",
        f"add({PATH} -> conv(4, 1), {PATH} -> conv(4, 1), {PATH} -> conv(4, 1))",
        "concat(conv(2, 3) -> relu -> maxpool(2), conv(2, 3) -> relu -> maxpool(2))",
        "concat(conv(2, 3), conv(4, 3), conv(1, 3))",
        "concat(slice(0, 2) -> conv(4, 3) -> bn, slice(2, 4) -> conv(4, 3) -> bn)",
        "concat(relu -> conv(2, 1) -> conv(4, 3), bn -> conv(2, 1) -> conv(4, 3))",
        "flatten -> concat(linear(3) -> relu -> dropout, linear(2) -> relu -> dropout)",
    ],
    "siblings": [
        "concat(conv(2, 1) -> bn -> relu, conv(3, 1) -> bn -> relu -> conv(2, 3), bn)",
        "concat(conv(2, 1) -> relu, conv(3, 1) -> bn)",
        "a: conv(3, 1) -> concat(@a, b: conv(3, 1) -> add(@b, conv(3, 1)), conv(2, 1) -> relu)",
        "flatten -> add(linear(4), linear(4) -> relu)",
        "add(conv(4, 1) -> relu -> conv(4, 3), conv(4, 1) -> relu -> conv(1, 3), spread=true)",
    ],
    "norms": [
        "concat(relu, conv(2, 3)) -> bn -> relu",
        "concat(relu, identity, conv(2, 3), conv(1, 1), maxpool(3, 1, pad=1)) -> bn",
    ],
    "pointwise": [
        "conv(4, 1) -> conv(2, 1)",
        "conv(6, 3, stride=2, bias=false) -> conv(3, 1) -> conv(2, 1, bias=false)",
        "conv(6, 3, pad=2) -> conv(3, 1, stride=2)",
        "flatten -> linear(12) -> linear(3)",
    ],
    "heads": ["conv(4, 3) -> aux(head: (flatten -> linear(3))) -> relu"],
}
ROWS = [(name, layer) for name, layers in CASES.items() for layer in layers]


def plan(layer: str) -> Plan:
    (network,) = read(text=f"network n: [4, 5, 5] = {layer}").values()
    return plan_of(network.graph)


def check(before: Plan, after: Plan, seed: int) -> None:
    chance = random.Random(seed)
    state, inputs = drawn_state(before, chance), drawn_input(before, chance)
    made = values(after.weights, state, Fractions())
    assert {key: value.shape for key, value in made.items()} == after.sizes()
    for expected, found in zip(
        results(before, state, inputs).values(), results(after, made, inputs).values(), strict=True
    ):
        assert (expected == found).all()
    undone, _ = inverse(after.weights, before.sizes())
    if undone is not None:
        for key, value in values(undone, made, Fractions()).items():
            is_counter = key.endswith("num_batches_tracked")
            assert is_counter or (value == state[key]).all(), key


def test_every_rewrite_has_cases():
    assert {*CASES} == {*NAMES}


@pytest.mark.parametrize(("name", "layer"), ROWS, ids=[layer for _, layer in ROWS])
def test_results_are_equal(name, layer):
    before = plan(layer)
    outcome = rewritten(before, [name])
    assert outcome.changes
    assert all(change.rewrite == name for change in outcome.changes)
    check(before, outcome.plan, 0)


@pytest.mark.parametrize("seed", range(12))
def test_results_are_equal_after_random_rewrites(seed):
    chance = random.Random(seed)
    only = chance.sample(NAMES, chance.randint(1, len(NAMES))) if seed % 2 else ()
    before = plan(text_of(chance))
    check(before, rewritten(before, only).plan, seed)


@pytest.mark.parametrize("seed", range(6))
def test_what_keeps_training_can_be_inverted(seed):
    keeping = [each.name for each in REWRITES if each.in_training]
    layer = CASES[keeping[seed % len(keeping)]][seed // 2]
    before = plan(layer)
    after = rewritten(before, training=True).plan
    undone, why = inverse(after.weights, before.sizes())
    assert undone is not None, why
    check(before, after, seed)


LEFT = {
    "f -> bn -> f": ("fold", "the weights before it are used more than once"),
    "add(f, conv(4, 1)) -> f": ("branches", "its weights are used more than once"),
    "f -> conv(2, 1) -> conv(4, 1) -> f": ("pointwise", "its weights are used more than once"),
    "aux(h: (flatten -> linear(3) -> bn)) -> relu -> f -> f": (
        "fold",
        "it exists in training only",
    ),
}
"""What stays, in a network in which `f` is shared, and why."""


@pytest.mark.parametrize("layer", LEFT)
def test_what_is_shared_or_exists_in_training_only_is_left_and_all_else_rewritten(layer):
    name, why = LEFT[layer]
    before = plan(f"share f = conv(4, 3) in conv(4, 3) -> bn -> {layer}")
    outcome = rewritten(before, [name, "fold"])
    assert outcome.changes
    check(before, outcome.plan, 0)
    assert any(each.rewrite == name and each.why.startswith(why) for each in outcome.left)


@pytest.mark.parametrize(
    "layer",
    [
        "concat(conv(2, 3) -> softmax, conv(2, 3) -> softmax)",
        "flatten -> aux(a: linear(3)) -> aux(b: linear(3)) -> relu",
        "aux(h: add(conv(4, 3), identity)) -> relu",
        "aux(h: concat(conv(2, 3) -> relu, conv(2, 3) -> relu)) -> relu",
        "relu -> conv(4, 3) -> relu -> layernorm -> flatten -> linear(3)",
    ],
)
def test_what_does_not_apply_leaves_the_plan_as_it_is(layer):
    before = plan(layer)
    outcome = rewritten(before, [name for name in NAMES if name != "heads"])
    assert outcome.plan is before
    assert not outcome.changes
