"""Networks of open sizes, with several results: keys, counts, and the numbers of every result."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from archdsl.analysis.cost import buffers, macs, params
from archdsl.analysis.state import state_shapes
from archdsl.shapes import evaluate
from tests.helpers.filling import filled, image
from tests.helpers.generated import on_meta
from tests.helpers.paths import SPECS
from tests.helpers.pipeline import graphs
from tests.helpers.reference import SEGMENTATION, assert_keys, assert_results, facts

PYRAMIDS = [("fpn", "resnet50_fpn"), ("retinanet", "retinanet_resnet50_fpn")]
NETWORKS = [*PYRAMIDS, *((file, name) for file, names in SEGMENTATION.items() for name in names)]

every_network = pytest.mark.parametrize(("file", "name"), NETWORKS)


def sizes(file: str, name: str) -> dict[str, int]:
    """The symbols of the recorded input: those of pyramids count steps of 32 pixels."""
    *_, height, width = facts(name)["input"]
    step = 32 if (file, name) in PYRAMIDS else 1
    return {"h": height // step, "w": width // step}


@every_network
def test_keys_and_counts(file: str, name: str) -> None:
    graph, known = graphs(SPECS / f"{file}.arch")[name], facts(name)
    assert_keys(state_shapes(graph), name)
    assert (params(graph), buffers(graph)) == (known["params"], known["buffers"])
    assert evaluate(macs(graph), sizes(file, name)) == known["macs_per_image"]


@every_network
def test_every_result(file: str, name: str) -> None:
    known = facts(name)
    with torch.no_grad():
        results = filled(on_meta(file, name))(image(known["input"]))
    assert_results({"out": results} if isinstance(results, Tensor) else results._asdict(), known)
