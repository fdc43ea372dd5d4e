"""Models that do not always compute the same: what a run and the proof may not see of it."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from archdsl.importing.refusal import Refusal


def require_steady(model: nn.Module) -> None:
    """Refuse (E0985) layers whose weights have no sizes before the first run."""
    for path, module in model.named_modules():
        own = [*module.parameters(recurse=False), *module.buffers(recurse=False)]
        if any(isinstance(each, UninitializedParameter | UninitializedBuffer) for each in own):
            help = "run the model once, so that they have sizes"
            raise Refusal("E0985", f"{_title(path, module)} has weights without sizes", help)


def require_training(model: nn.Module) -> None:
    """Refuse (E0988) layers that do something else in training, but stay in evaluation."""
    for path, module in model.named_modules():
        if not module.training and isinstance(module, _BatchNorm | _DropoutNd):
            message = f"{_title(path, module)} stays in evaluation while the model is trained"
            raise Refusal("E0988", message)


@contextmanager
def without_python_randomness() -> Iterator[None]:
    """Refuse (E0988) a run that draws random numbers of Python or NumPy."""
    before = _states()
    yield
    for name, state in _states().items():
        if name in before and before[name] != state:
            what = f"the model draws a random number of `{name}`, so what it computes depends on it"
            raise Refusal("E0988", what)


def _states() -> dict[str, object]:
    """The states of the generators of random numbers that no tensor shows."""
    found: dict[str, object] = {"random": random.getstate()}
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        found["numpy.random"] = str(numpy.random.get_state(legacy=False)["state"])
    return found


def numbers_of(model: nn.Module) -> dict[str, object]:
    """The numbers that modules keep beside their weights, by path and attribute."""
    return {
        f"{path}.{name}".strip("."): value
        for path, module in model.named_modules()
        for name, value in vars(module).items()
        if isinstance(value, int | float | str) and name != "training"
    }


def require_unchanged(before: dict[str, object], model: nn.Module) -> None:
    """Refuse (E0988) a model that has changed numbers of its own, in runs on equal batches."""
    for name, value in numbers_of(model).items():
        if before.get(name, value) != value:
            raise Refusal("E0988", f"the model changes its own `{name}` from run to run")


def _title(path: str, module: nn.Module) -> str:
    return f"`{path or 'the model'}` (`{type(module).__name__}`)"
