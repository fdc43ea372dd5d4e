"""Feature pyramids and RetinaNet against torchvision's: keys, counts, and every result's numbers."""

from __future__ import annotations

import json

import pytest
import torch

from archdsl.analysis.cost import buffers, macs, params
from archdsl.analysis.state import state_shapes
from archdsl.shapes import evaluate
from tests.helpers.filling import filled, image
from tests.helpers.generated import on_meta
from tests.helpers.paths import REFERENCE, SPECS
from tests.helpers.pipeline import graphs
from tests.helpers.reference import TOLERANCE, facts

PYRAMIDS = [("fpn", "resnet50_fpn"), ("retinanet", "retinanet_resnet50_fpn")]
networks = pytest.mark.parametrize(("file", "name"), PYRAMIDS)


@networks
def test_keys_and_counts(file: str, name: str) -> None:
    keys = json.loads((REFERENCE / f"{name}.keys.json").read_text())
    graph, known = graphs(SPECS / f"{file}.arch")[name], facts(name)
    assert state_shapes(graph) == {key: tuple(shape) for key, shape in keys.items()}
    assert (params(graph), buffers(graph)) == (known["params"], known["buffers"])
    h, w = [size // 32 for size in known["input"][1:]]
    assert evaluate(macs(graph), {"h": h, "w": w}) == known["macs_per_image"]


@networks
def test_every_result(file: str, name: str) -> None:
    known = facts(name)
    with torch.no_grad():
        results = filled(on_meta(file, name))(image(known["input"]))._asdict()
    assert [*results] == [*known["results"]]
    for result, wanted in known["results"].items():
        found = results[result]
        assert list(found.shape) == wanted["shape"]
        head = torch.tensor(wanted["head"], dtype=torch.float64)
        difference = (found.flatten(1)[:, : head.shape[1]] - head).abs().max()
        assert difference / found.abs().max() < TOLERANCE
        assert found.abs().sum().item() == pytest.approx(wanted["abs_sum"], rel=TOLERANCE)
