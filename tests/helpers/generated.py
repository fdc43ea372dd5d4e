"""The networks of `generated/`, as PyTorch runs them."""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any

import torch
from torch import fx, nn

from tests.helpers.paths import GENERATED
from tests.helpers.pipeline import imported, network_of


@cache
def python_of(file: str) -> ModuleType:
    """The generated file of a spec in `specs/`."""
    return imported(GENERATED / f"{file}.py")


def built(file: str, name: str, **arguments: Any) -> nn.Module:
    """A network with fresh weights."""
    network: nn.Module = network_of(python_of(file), name)(**arguments)
    return network


def on_meta(file: str, name: str, **arguments: Any) -> nn.Module:
    """A network without numbers."""
    with torch.device("meta"):
        return built(file, name, **arguments)


@cache
def traced(file: str, name: str) -> fx.GraphModule:
    """A network without numbers as fx records it, for tests that only read it."""
    return fx.symbolic_trace(on_meta(file, name))
