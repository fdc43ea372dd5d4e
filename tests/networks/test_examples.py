"""The worked examples of the language's design are accepted as they stand."""

from __future__ import annotations

import json

import pytest
import torch

from archdsl.analysis.state import state_shapes
from tests.helpers.filling import filled, image
from tests.helpers.paths import EXAMPLES, REFERENCE
from tests.helpers.pipeline import generated_text, graphs, imported, network_of
from tests.helpers.reference import assert_logits, facts

FILES = sorted(path.stem for path in EXAMPLES.glob("*.arch"))
REFERENCES = [
    ("densenet", "densenet121"),
    ("densenet", "densenet169"),
    ("densenet", "densenet201"),
    ("googlenet", "googlenet"),
    ("mobilenet", "mobilenetv1_100"),
    ("mobilenet", "mobilenet_v2"),
    ("resnet", "resnet18"),
    ("resnet", "resnet34"),
    ("resnet", "resnet50"),
    ("resnet", "resnet101"),
    ("resnet", "resnet152"),
    ("resnet", "resnext50_32x4d"),
    ("resnet", "seresnet50"),
    ("resnetv2", "resnetv2_50"),
    ("shufflenet_v2", "shufflenet_v2_x1_0"),
]
LOGITS = ["googlenet", "mobilenet_v2", "seresnet50", "resnetv2_50", "shufflenet_v2_x1_0"]


@pytest.mark.parametrize("file", FILES)
def test_accepted(file: str) -> None:
    assert graphs(EXAMPLES / f"{file}.arch")


@pytest.mark.parametrize(("file", "name"), REFERENCES)
def test_keys_and_shapes(file: str, name: str) -> None:
    keys = json.loads((REFERENCE / f"{name}.keys.json").read_text())
    expected = {key: tuple(shape) for key, shape in keys.items()}
    assert state_shapes(graphs(EXAMPLES / f"{file}.arch")[name]) == expected


@pytest.mark.parametrize("name", LOGITS)
def test_logits(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = next(file for file, network in REFERENCES if network == name)
    python = tmp_path_factory.mktemp("generated") / f"example_{file}.py"
    python.write_text(generated_text(EXAMPLES / f"{file}.arch"), encoding="utf-8")
    with torch.device("meta"):
        network = filled(network_of(imported(python), name)())
    with torch.no_grad():
        assert_logits(network(image(facts(name)["input"])), facts(name))


def test_both_forms_of_the_unet_are_one_function() -> None:
    networks = graphs(EXAMPLES / "unet.arch")
    shapes = [sorted(state_shapes(graph).values()) for graph in networks.values()]
    assert len(shapes) == 2
    assert shapes[0] == shapes[1]
