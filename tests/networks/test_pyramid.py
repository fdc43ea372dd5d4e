"""The feature pyramid against torchvision's: keys, counts, and the numbers of every result."""

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

NAME = "resnet50_fpn"


def test_keys_and_counts() -> None:
    keys = json.loads((REFERENCE / f"{NAME}.keys.json").read_text())
    graph, known = graphs(SPECS / "fpn.arch")[NAME], facts(NAME)
    assert state_shapes(graph) == {key: tuple(shape) for key, shape in keys.items()}
    assert (params(graph), buffers(graph)) == (known["params"], known["buffers"])
    assert evaluate(macs(graph), {"h": 7, "w": 7}) == known["macs_per_image"]


def test_every_result() -> None:
    known = facts(NAME)
    with torch.no_grad():
        results = filled(on_meta("fpn", NAME))(image(known["input"]))._asdict()
    assert [*results] == [*known["results"]]
    for name, wanted in known["results"].items():
        found = results[name]
        assert list(found.shape) == wanted["shape"]
        head = torch.tensor(wanted["head"], dtype=torch.float64)
        difference = (found.flatten(1)[:, : head.shape[1]] - head).abs().max()
        assert difference / found.abs().max() < TOLERANCE
        assert found.abs().sum().item() == pytest.approx(wanted["abs_sum"], rel=TOLERANCE)
