"""Shipped networks with an open height and width.

`python -m tools.exports` does the same for one network of every file of `specs/`.
"""

from __future__ import annotations

import copy

import pytest
from torch import nn

import archdsl
from archdsl.export import accepted_by, formats
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
    assert not exported.says_little


@pytest.mark.parametrize("number", range(3))
def test_one_pool_that_rounds_the_wrong_way_is_found(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    network = opened(ROUNDED_UP)
    wrong = copy.deepcopy(network.module).eval()
    pools = [module for module in wrong.modules() if isinstance(module, nn.MaxPool2d)]
    pools[number].ceil_mode = False

    def read(content: bytes) -> formats.Call:
        return lambda images: [wrong(*images)]

    monkeypatch.setitem(formats.FORMS, "onnx", (lambda module, inputs: b"", read))
    with pytest.raises(AssertionError, match="differs from the module by"):
        network.export("onnx")


@pytest.mark.parametrize("kind", FIXED)
def test_a_network_that_counts_features_keeps_its_size(kind: str) -> None:
    with pytest.raises(archdsl.SpecError, match="E0305") as refused:
        opened(kind)
    assert "on the size of the input" in str(refused.value)
    assert made(kind).graph.inputs


def test_heads_that_are_not_exported_ask_for_no_size() -> None:
    """The head of Inception v3 needs images of 299 pixels to be 1 wide, and 347 to be 2 wide."""
    assert accepted_by(opened("inception_v3").graph, "onnx").least == {"h": 299, "w": 299}
