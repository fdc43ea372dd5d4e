"""What is said of single networks beside their keys, counts and logits."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from filling import filled, image
from pipeline import GENERATED, imported, network_of
from torch import Tensor, nn

State = dict[str, Tensor]


def network(file: str, name: str, **arguments: Any) -> nn.Module:
    """A network of a generated file, every weight filled by its key."""
    with torch.device("meta"):
        module = network_of(imported(GENERATED / f"{file}.py"), name)(**arguments)
    return filled(module)


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


# --- stochastic depth ---


def test_the_chance_to_survive_falls_in_a_line() -> None:
    stochastic = network("resnet_cifar", "resnet110_stochastic_depth")
    chances = [1 - module.p for module in stochastic.modules() if hasattr(module, "p")]
    assert chances == pytest.approx([1 - depth / 54 * 0.5 for depth in range(1, 55)])


def test_after_training_no_branch_is_dropped() -> None:
    """In eval mode the network is what it is while training with a chance of 1."""
    stochastic = network("resnet_cifar", "resnet110_stochastic_depth")
    x = image([3, 32, 32])
    with torch.no_grad():
        expected = stochastic(x)
        for module in stochastic.modules():
            if hasattr(module, "p"):
                module.p = 0.0
        stochastic.train()
        for module in stochastic.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        assert torch.equal(stochastic(x), expected)
