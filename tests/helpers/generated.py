"""The networks of `generated/`, as PyTorch runs them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from types import ModuleType
from typing import Any
from unittest.mock import patch

import torch
from torch import fx, nn
from torch.nn import init

from tests.helpers.kinds import smallest_of_each_kind
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


@cache
def shared(file: str, name: str) -> nn.Module:
    """A network without numbers, for tests that only read it."""
    # What starts the weights is run for one network of each kind.
    starts = nullcontext() if (file, name) in smallest_of_each_kind() else without_starts()
    with torch.device("meta"), starts:
        return built(file, name)


def on_meta(file: str, name: str, **arguments: Any) -> nn.Module:
    """A network without numbers, for tests that change it."""
    if not arguments:
        # A copy takes a third of the time.
        return copy.deepcopy(shared(file, name))
    with torch.device("meta"), without_starts():
        return built(file, name, **arguments)


@contextmanager
def without_starts() -> Iterator[None]:
    """What `torch.nn.init` does is left out: without numbers it takes most of the time."""
    names = [name for name in dir(init) if name.endswith("_") and not name.startswith("_")]
    with patch.multiple(init, **dict.fromkeys(names, _left)):
        yield


def _left(*arguments: Any, **named: Any) -> torch.Tensor:
    """The tensor of a call, as it is."""
    tensor: torch.Tensor = named["tensor"] if "tensor" in named else arguments[0]
    return tensor


@cache
def traced(file: str, name: str) -> fx.GraphModule:
    """A network without numbers as fx records it, for tests that only read it."""
    return fx.symbolic_trace(on_meta(file, name))
