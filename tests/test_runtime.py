"""Generated code as a live module."""

from __future__ import annotations

import copy
import pickle
import traceback

import pytest
import torch
from torch import nn

from archdsl.runtime import instantiate

TEXT = """
from torch import Tensor, nn


class Small(nn.Module):
    def __init__(self, classes: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.bn = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn(self.conv(x)).mean((2, 3))
        return self.fc(x)


def tiny(classes: int = 3) -> Small:
    return Small(classes)
"""


@pytest.fixture
def module() -> nn.Module:
    return instantiate(TEXT, "tiny")


def test_a_network_is_a_function_or_a_class() -> None:
    assert type(instantiate(TEXT, "tiny")) is type(instantiate(TEXT, "small"))


def test_modules_can_be_copied_and_pickled(module: nn.Module) -> None:
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert twin.state_dict().keys() == module.state_dict().keys()


def test_tracebacks_show_the_generated_lines(module: nn.Module) -> None:
    # Another network of that name must not take the place of these lines.
    instantiate(TEXT.replace("self.bn(self.conv(x)).mean", "self.conv(x).mean"), "tiny")
    with pytest.raises(RuntimeError) as caught:
        module(torch.zeros(1, 4, 8, 8))
    shown = "".join(traceback.format_exception(caught.value))
    assert "x = self.bn(self.conv(x)).mean((2, 3))" in shown
