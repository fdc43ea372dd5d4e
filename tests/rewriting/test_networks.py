"""Shipped networks after all rewrites: what is left of them, and that their text says it."""

from __future__ import annotations

from collections import Counter

import pytest

from archdsl import read
from archdsl.analysis.cost import macs, params
from archdsl.analysis.state import state_shapes
from archdsl.rewriting.network import plan_of
from archdsl.rewriting.optimize import text_of_plan
from archdsl.rewriting.table import rewritten
from tests.helpers.paths import SPECS

# Ops and parameters before and behind. Those of RepVGG-A2 and MobileOne-S0 are timm's, of the form
# for inference: 25,499,944 and 2,078,504.
ROWS = {
    "repvgg:repvgg_a2": ({"fold": 44, "branches": 22}, 152, 47, 28_210_600, 25_499_944),
    "mobileone:mobileone_s0": ({"fold": 191, "branches": 43}, 506, 89, 5_293_272, 2_078_504),
    "inception_v3:inception_v3": (
        {"heads": 1, "fold": 94, "siblings": 10}, 324, 211, 27_161_264, 23_817_352,
    ),
    "resnext:stage_summed": ({"paths": 3, "siblings": 1, "fold": 10}, 686, 23, 205_824, 204_032),
    "alexnet:alexnet_two_towers": ({"paths": 3}, 48, 32, 60_965_224, 60_965_224),
    "densenet:densenet121": ({"norms": 4, "fold": 63}, 427, 368, 7_978_856, 7_971_240),
}  # fmt: skip


@pytest.mark.parametrize("called", ROWS)
def test_networks_shrink(called):
    changes, ops, ops_behind, weights, weights_behind = ROWS[called]
    file, _, name = called.partition(":")
    graph = read(SPECS / f"{file}.arch")[name].graph
    outcome = rewritten(plan_of(graph))
    assert Counter(change.rewrite for change in outcome.changes) == changes
    found, text = text_of_plan(outcome.plan, name, called, training=False)
    made = read(text=text)[found].graph
    assert state_shapes(made) == outcome.plan.sizes()
    assert (_ops(graph), _ops(made)) == (ops, ops_behind)
    assert (params(graph), params(made)) == (weights, weights_behind)
    assert macs(made) <= macs(graph)


def _ops(graph):
    return sum(node.op is not None for node in graph)


def test_the_forms_of_resnext_become_one():
    networks = read(SPECS / "resnext.arch")
    texts = []
    for name in ("stage_summed", "stage_concatenated"):
        plan = rewritten(plan_of(networks[name].graph), ["paths"], training=True).plan
        texts.append(sorted(str(node.op) for node in plan.nodes.values()))
    grouped = sorted(
        str(node.op) for node in plan_of(networks["stage_grouped"].graph).nodes.values()
    )
    assert texts[0] == texts[1] == grouped


def test_every_key_of_a_label_on_several_layers_stays():
    layer = "add(a: (conv(4, 3) -> bn) -> out: (x: conv(4, 1)), conv(4, 1)) -> out2: relu"
    text = f"network n: [3, 8, 8] = {layer}"
    (network,) = read(text=text).values()
    plan = plan_of(network.graph)
    found, made = text_of_plan(plan, "n", "n", training=True)
    assert state_shapes(read(text=made)[found].graph) == plan.sizes()
