"""What is said of single networks beside their keys, counts and logits."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.helpers.filling import filled, image
from tests.helpers.generated import on_meta, python_of

State = dict[str, Tensor]


def network(file: str, name: str, **arguments: Any) -> nn.Module:
    """A network of a generated file, every weight filled by its key."""
    return filled(on_meta(file, name, **arguments))


# --- ResNeXt: three forms of one function ---

PATHS = 32


def as_paths(grouped: State, state: State) -> State:
    """The weights of grouped convolutions as those of paths, with the keys of `state`."""
    result = {}
    for key in state:
        match = re.fullmatch(r"(.*\.)paths\.(\d+)\.(?:path\.)?(.*)", key)
        source = grouped[key if match is None else match[1] + match[3]]
        if match is None or source.dim() == 0:
            result[key] = source
        else:
            dimension = 1 if match[3] == "conv3.weight" else 0
            result[key] = source.chunk(PATHS, dimension)[int(match[2])]
    return result


@pytest.mark.parametrize("form", ["summed", "concatenated"])
def test_the_forms_of_resnext_are_one_function(form: str) -> None:
    grouped = network("resnext", "stage_grouped")
    paths = network("resnext", f"stage_{form}")
    paths.load_state_dict(as_paths(grouped.state_dict(), paths.state_dict()))
    x = image([64, 14, 14])
    with torch.no_grad():
        expected, found = grouped(x), paths(x)
    assert (found - expected).abs().max() < 1e-12 * expected.abs().max()


# --- what happens only while training ---


def while_training(module: nn.Module) -> nn.Module:
    """The module as it trains, but for its normalisations, which keep their statistics."""
    module.train()
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.eval()
    return module


def test_the_chance_to_survive_falls_in_a_line() -> None:
    stochastic = network("resnet_cifar", "resnet110_stochastic_depth")
    chances = [1 - layer.p for layer in stochastic.modules() if hasattr(layer, "p")]
    assert chances == pytest.approx([1 - depth / 54 * 0.5 for depth in range(1, 55)])


def test_a_branch_that_drops_keeps_its_expectation() -> None:
    """It gives nothing, or as much more as makes up for it."""
    drop_path = python_of("resnet_cifar").DropPath(0.25, mode="batch")
    x = image([3, 4, 4])
    torch.manual_seed(0)
    results = [drop_path(x) for _ in range(400)]
    kept = [result for result in results if result.any()]
    assert len(kept) / len(results) == pytest.approx(0.75, abs=0.1)
    assert all(torch.allclose(0.75 * result, x) for result in kept)
    assert torch.equal(drop_path.eval()(x), x)


@pytest.mark.parametrize(
    ("file", "name", "dropping", "whole"),
    [
        ("resnet_cifar", "resnet110_stochastic_depth", {"survival": 0.5}, {"survival": 1.0}),
        ("densenet", "densenet_cifar", {"drop": 0.2}, {"drop": 0.0}),
        ("densenet", "densenet_bc_cifar", {"n": 2, "drop": 0.2}, {"n": 2, "drop": 0.0}),
    ],
)
def test_dropping_ends_with_training(
    file: str, name: str, dropping: dict[str, float], whole: dict[str, float]
) -> None:
    with torch.no_grad():
        x = image([3, 32, 32])
        expected = network(file, name, **whole)(x)
        dropped = network(file, name, **dropping)
        assert torch.equal(dropped(x), expected)
        assert not torch.equal(while_training(dropped)(x), expected)
        assert torch.equal(while_training(network(file, name, **whole))(x), expected)
