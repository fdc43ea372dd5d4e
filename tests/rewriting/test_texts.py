"""Rewritten networks as people read them."""

from __future__ import annotations

import archdsl

REPGHOST = """
## A ghost module of RepGhost (Chen et al., 2022): features, then a norm beside a cheap window.
block ghost(out) =
    conv(out, 1, bias=false) -> bn -> relu
    -> add(cheap: (conv(out, 3, groups=out, bias=false) -> bn), same: bn)
block bottleneck(width, out, stride=1) =
    add(
        ghost1: ghost(width) -> relu
            -> (down: (conv(width, 3, stride, groups=width, bias=false) -> bn) if stride > 1)
            -> ghost2: ghost(out),
        shortcut: (conv(out, 1, stride, bias=false) -> bn),
    )
network repghost: [3, 16, 16] =
    stem: (conv(8, 3, stride=2, bias=false) -> bn -> relu)
    -> chain("b{i}": bottleneck(4 * i, 4 * i, stride=i) for i in [1, 2])
    -> global_avgpool -> flatten -> linear(5)
"""
SHARED = """
block head(w): [c, ...] -> (score: [w, ...], box: [4, ...]) =
    (score: (conv(c, 3) -> bn -> relu -> conv(w, 1)), box: conv(4, 1))
network n: [3, 8, 8] -> (score: [2, 4, 4], box: [4, 4, 4]) =
    share head = head(2) in
    stem: (conv(4, 3, stride=2) -> bn -> relu)
    -> one: head -> @one.box -> two: head
    -> (
        add(@one.score, @two.score) -> score: identity,
        add(@one.box, @two.box) -> box: identity,
    )
"""


def test_a_ghost_module_is_a_convolution_and_a_cheap_one():
    made = archdsl.optimize(text=REPGHOST, only=["fold", "branches"])
    assert (
        "block ghost(out) = conv: conv(out, 1) -> relu -> conv2: conv(out, 3, groups=out)\n"
        in made.text
    )
    assert "nn.BatchNorm" not in made.code


def test_a_shared_block_with_several_results_is_shared_by_its_parts():
    old = archdsl.load(text=SHARED)
    made = archdsl.optimize(text=SHARED, weights=old.state_dict(), only="fold")
    assert made.outcome.renamed == {"head.score": "head_score", "head.box": "head_box"}
    score = '"0": conv(4, 3) -> relu -> "3": conv(2, 1)'
    assert f"share head_score = {score}, head_box = conv(4, 1) in" in made.text
    assert not made.left
    assert made.weight_map["head_box.weight"] == "`head.box.weight`"
    assert made.load().state_dict().keys() == made.weights.keys()


def test_a_head_on_what_comes_in_stays():
    text = "network n: [4, 5, 5] = aux(h: (flatten -> linear(3))) -> relu -> conv(4, 3) -> bn\n"
    made = archdsl.optimize(text=text, only="fold")
    assert "aux(h: (flatten -> linear(3))) -> relu -> conv: conv(4, 3)\n" in made.text


def test_a_parameter_for_a_layer_is_not_called_like_an_op():
    assert "has_conv=true" in archdsl.optimize(text=REPGHOST).text


def test_what_is_shared_within_a_label_is_shared_there():
    text = (
        "network n: [4, 5, 5] = a: (share f = conv(4, 3) in f -> relu -> conv(4, 3) -> bn -> f)\n"
    )
    made = archdsl.optimize(text=text)
    assert "a: (share f = conv(4, 3) in f -> relu -> conv: conv(4, 3) -> f)" in made.text


def test_the_layers_of_a_scope_that_is_gone_keep_their_labels_in_all_branches():
    second = "conv(4, 3) -> add(identity, @start -> conv(4, 1))"
    body = f"start: conv(4, 3) -> s: (l0: (conv(4, 3) -> bn) -> l1: ({second}))"
    made = archdsl.optimize(text=f"network n: [4, 5, 5] = {body}\n")
    assert {"s.l1.0.weight", "s.l1.1.weight"} <= made.weights.keys()
