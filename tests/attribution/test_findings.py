"""What is found of networks that ship: all methods on an image, and the class of a distance."""

from __future__ import annotations

import pytest
import torch

import archdsl
from archdsl.attribution.figure import figure
from archdsl.attribution.findings import Asked, find
from archdsl.attribution.picture import picture_of
from archdsl.training.preparation import assumed
from tests.helpers.paths import SPECS


@pytest.mark.parametrize(
    ("file", "name", "shape", "blocked"),
    [("resnet_cifar", "resnet20", (3, 32, 32), []), ("lenet", "lenet5", (1, 32, 32), ["N0995"])],
)
def test_a_network_that_ships_is_explained(
    file: str, name: str, shape: tuple[int, int, int], blocked: list[str]
) -> None:
    torch.manual_seed(0)
    path = SPECS / f"{file}.arch"
    module, graph = archdsl.load(path, name).eval(), archdsl.read(path)[name].graph
    how = assumed(shape, 10, is_distance=name == "lenet5")
    picture = picture_of("digits:1", how, shape)
    found, notes = find(module, graph, picture, how, Asked(units=2, square=16))
    with torch.no_grad():
        results = module(picture.input)[0]
    assert found.label == str(int((-results if blocked else results).argmax()))
    assert [note.code for note in notes] == blocked
    assert [heat.method for heat in found.heats] == ["occlusion", "gradient", "Grad-CAM"]
    assert all(heat.values.shape == (32, 32) for heat in found.heats)
    units = [unit for layer in found.layers for unit in layer.units]
    assert len(units) == 2 * len(found.layers) >= 4
    assert all((unit.back is None) == bool(blocked) for unit in units)
    assert figure(found, "png")
