"""Models that do not always compute the same: what a run and the proof may not see of it."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from archdsl.importing.refusal import Line, Refusal


def require_steady(model: nn.Module) -> None:
    """Refuse (E0985) what cannot be seen running: layers without sizes, and compiled modules."""
    for path, module in model.named_modules():
        if isinstance(module, torch.jit.ScriptModule):
            help = "import the model that it was made of"
            raise Refusal("E0985", f"{_title(path, module)} is a program of TorchScript", help)
        if type(module).__name__ == "OptimizedModule":
            help = "import the model that `torch.compile` was given"
            raise Refusal("E0985", f"{_title(path, module)} is compiled", help)
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


HOOKS = ("_forward_hooks", "_forward_pre_hooks")


def require_no_hooks(module: nn.Module, path: str, line: Line | None = None) -> None:
    """Refuse (E0988) a module with hooks, or whose weights are computed by some."""
    if hasattr(module, "parametrizations"):
        message = f"{_title(path, module)} computes its weights by a parametrization"
        raise Refusal("E0988", message, line=line)
    if any(getattr(module, name) for name in HOOKS):
        raise Refusal(
            "E0988",
            f"{_title(path, module)} has hooks, which can change what it computes",
            line=line,
        )


@contextmanager
def without_python_randomness() -> Iterator[None]:
    """Refuse (E0988) a run that draws random numbers of Python or NumPy."""
    before = random_states()
    yield
    name = changed_since(before)
    if name:
        raise Refusal("E0988", f"the model {DRAWS.format(name)}")


DRAWS = "draws a random number of `{}`, so what it computes depends on it"


def changed_since(before: Mapping[str, object]) -> str:
    """The first generator whose state is another than before; empty if none is."""
    now = random_states()
    return next((name for name in now if name in before and before[name] != now[name]), "")


def random_states() -> dict[str, object]:
    """The states of the generators of random numbers that no tensor shows."""
    found: dict[str, object] = {"random": random.getstate()}
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        state = numpy.random.get_state(legacy=False)["state"]
        found["numpy.random"] = state["pos"], state["key"].tobytes()
    return found


@contextmanager
def observed_autocast(begun: Callable[[], None]) -> Iterator[None]:
    """Call a function whenever `torch.autocast` begins, unless it changes nothing."""
    enter: Callable[..., Any] = torch.autocast.__enter__

    def entered(context: Any) -> Any:
        if context._enabled:
            begun()
        return enter(context)

    with mock.patch.object(torch.autocast, "__enter__", entered):
        yield


def written(several: Sequence[tuple[Tensor, int]]) -> bool:
    """Whether some of several tensors were written to since they had these versions."""
    return any(tensor._version != version for tensor, version in several)


def _title(path: str, module: nn.Module) -> str:
    return f"`{path or 'the model'}` (`{type(module).__name__}`)"
