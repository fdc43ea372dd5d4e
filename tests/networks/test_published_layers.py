"""A published network for every layer and form that its family has: equal to the reference.

Keys, shapes, counts, and the logits of generated code that was made for images of any size.
"""

from __future__ import annotations

import json

import pytest
import torch

from archdsl.analysis.cost import buffers, macs, params
from archdsl.analysis.state import state_shapes
from archdsl.graph import Graph
from archdsl.shapes import Symbolic, evaluate
from tests.helpers.filling import filled, image
from tests.helpers.paths import EXAMPLES, REFERENCE
from tests.helpers.pipeline import generated_text, graphs, imported, network_of
from tests.helpers.reference import assert_logits, facts

REFERENCES = [
    ("resnet_variants", "resnetblur50"),
    ("resnet_variants", "ecaresnet26t"),
    ("resnet_variants", "cbam_resnet18"),
    ("resnet_variants", "res2net50_26w_4s"),
    ("resnet_variants", "skresnet18"),
    ("resnet_variants", "resnest14d"),
    ("convnextv2", "convnextv2_atto"),
    ("tf_efficientnet", "tf_efficientnet_b0"),
    ("tresnet", "tresnet_m"),
    ("selecsls", "selecsls42b"),
    ("nfnet", "eca_nfnet_l0"),
    ("ghostnet", "ghostnet_100"),
    ("hrnet", "hrnet_w18_small"),
    ("poolformer", "poolformer_s12"),
]
UNSTORED = {"resnetblur50": 960 * 9, "tresnet_m": 896 * 9}
"""The numbers that a reference has in buffers which its state does not hold: filters that blur."""


def graph_of(file: str, name: str) -> Graph:
    return graphs(EXAMPLES / f"{file}.arch")[name]


def sizes_of(graph: Graph, side: int) -> dict[str, int]:
    """The values of the symbols with which an image has sides of that length."""
    (shape,) = [graph[port.node].shape for port in graph.inputs.values()]
    return {
        size.symbol: next(n for n in range(1, side + 1) if evaluate(size, {size.symbol: n}) == side)
        for size in shape.positions
        if isinstance(size, Symbolic)
    }


@pytest.mark.parametrize(("file", "name"), REFERENCES)
def test_keys_and_counts(file: str, name: str) -> None:
    keys = json.loads((REFERENCE / f"{name}.keys.json").read_text())
    graph, known = graph_of(file, name), facts(name)
    assert state_shapes(graph) == {key: tuple(shape) for key, shape in keys.items()}
    stored = known["buffers"] - UNSTORED.get(name, 0)
    assert (params(graph), buffers(graph)) == (known["params"], stored)
    assert evaluate(macs(graph), sizes_of(graph, known["input"][-1])) == known["macs_per_image"]


@pytest.mark.parametrize(("file", "name"), REFERENCES)
def test_logits(file: str, name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    python = tmp_path_factory.mktemp("generated") / f"example_{file}_{name}.py"
    python.write_text(generated_text(EXAMPLES / f"{file}.arch"), encoding="utf-8")
    with torch.device("meta"):
        network = network_of(imported(python), name)()
    with torch.no_grad():
        assert_logits(filled(network)(image(facts(name)["input"])), facts(name))
