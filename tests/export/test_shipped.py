"""Shipped networks with an open height and width.

`python -m tools.exports` does the same for one network of every file of `specs/`.
"""

from __future__ import annotations

import pytest
import torch

import archdsl
from archdsl.export import accepted_by, pools
from archdsl.export.comparison import TOLERANCE
from archdsl.outputs import SUFFIXES
from tests.helpers.opened import FIXED, made, opened

ROUNDED_UP = "squeezenet"
"""A file whose networks have three pools that round up, each behind a stride."""


@pytest.mark.parametrize("form", SUFFIXES)
@pytest.mark.parametrize("kind", ["resnet_cifar", ROUNDED_UP])
@pytest.mark.filterwarnings("ignore:`torch.jit.load` is deprecated")
def test_sizes_stay_open(kind: str, form: str) -> None:
    exported = opened(kind).export(form)
    assert exported.relative <= TOLERANCE
    assert exported.content


@pytest.mark.parametrize("form", ["onnx", "torch-export"])
def test_a_pool_that_rounds_down_is_found(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    def rounded_down(image: torch.Tensor, *sizes: int, **given: bool) -> torch.Tensor:
        return torch.nn.functional.max_pool2d(image, *sizes, **{**given, "ceil_mode": False})

    monkeypatch.setitem(pools.POOLS, torch.nn.functional.max_pool2d, rounded_down)
    with pytest.raises(AssertionError, match="differs from the module by"):
        opened(ROUNDED_UP).export(form)


@pytest.mark.parametrize("kind", FIXED)
def test_a_network_that_counts_features_keeps_its_size(kind: str) -> None:
    with pytest.raises(archdsl.SpecError, match="E0305") as refused:
        opened(kind)
    assert "the input needs numbers for its height and width" in str(refused.value)
    assert made(kind).graph.inputs


def test_heads_that_are_not_exported_ask_for_no_size() -> None:
    """The head of Inception v3 needs images of 299 pixels to be 1 wide, and 347 to be 2 wide."""
    assert accepted_by(opened("inception_v3").graph, "onnx").least == {"h": 299, "w": 299}
