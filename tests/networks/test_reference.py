"""Networks that have a public reference model: the same keys, shapes, counts and logits.

Counts cannot see the order of layers, the place of a stride or an epsilon; logits can.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from archdsl.analysis.cost import buffers, macs_of, params
from archdsl.analysis.state import state_shapes
from archdsl.graph import Graph
from archdsl.ops.window_attention_v2 import WindowAttentionV2
from tests.helpers.filling import filled, image, is_table, large
from tests.helpers.generated import built, on_meta
from tests.helpers.paths import SPECS
from tests.helpers.pipeline import graphs
from tests.helpers.reference import (
    FAMILIES,
    LARGE,
    TOLERANCE,
    UNCALLED,
    assert_keys,
    assert_logits,
    facts,
)

NETWORKS = [(family, name) for family, names in FAMILIES.items() for name in names]


def graph_of(family: str, name: str) -> Graph:
    return graphs(SPECS / f"{family}.arch")[name]


def build(family: str, name: str) -> torch.nn.Module:
    module = on_meta(family, name)
    has_tables = any(is_table(*entry) for entry in module.state_dict().items())
    return filled(built(family, name) if has_tables else module)


@pytest.fixture(autouse=True, scope="module")
def _weights_are_freed() -> Iterator[None]:
    yield
    large.cache_clear()


@pytest.mark.parametrize(("family", "name"), NETWORKS)
def test_keys_and_shapes(family: str, name: str) -> None:
    shapes = state_shapes(graph_of(family, name))
    assert_keys(shapes, name)


@pytest.mark.parametrize(("family", "name"), NETWORKS)
def test_counts(family: str, name: str) -> None:
    graph, reference = graph_of(family, name), facts(name)
    assert params(graph) == reference["params"]
    assert buffers(graph) == reference["buffers"]
    # The reference counts layers of PyTorch that are called; attention's products are none.
    uncalled = UNCALLED.get(family, ())
    layers = [
        node.id
        for node in graph
        if not ((node.op and node.op.family == "attention") or node.path.endswith(uncalled))
        and not node.training_only
    ]
    called = sum(called_inside(node.op) for node in graph if isinstance(node.op, WindowAttentionV2))
    assert macs_of(graph, layers) + called == reference["macs_per_image"]


def called_inside(op: WindowAttentionV2) -> int:
    """The multiply-adds of the two layers that make biases, which are the only ones it calls."""
    return (2 * op.side - 1) ** 2 * 512 * (2 + op.heads)


@pytest.mark.parametrize(("family", "name"), [each for each in NETWORKS if each[1] not in LARGE])
def test_logits(family: str, name: str) -> None:
    reference = facts(name)
    with torch.no_grad():
        logits = build(family, name)(image(reference.get("logits_input", reference["input"])))
    assert logits.dtype == torch.float64
    assert_logits(logits, reference)


@pytest.mark.parametrize(("family", "name"), [("resnet", "resnet18"), ("densenet", "densenet121")])
def test_gradients(family: str, name: str) -> None:
    reference = facts(name)
    x = image(reference["input"]).requires_grad_()
    build(family, name)(x).square().sum().backward()
    assert x.grad is not None
    assert x.grad.abs().sum().item() == pytest.approx(
        reference["input_grad_abs_sum"], rel=TOLERANCE
    )
