"""Models that do not always compute the same: what a run and the proof may not see of it."""

from __future__ import annotations

import random
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType

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


def numbers_of(model: nn.Module) -> dict[str, object]:
    """What modules keep beside their weights and tensors, by path and attribute."""
    return {
        f"{path}.{name}".strip("."): found
        for path, module in model.named_modules()
        for name, value in {**_of_class(type(module)), **vars(module)}.items()
        if name not in OWN and (found := _plain(value)) is not None
    }


OWN = frozenset({*vars(nn.Module()), *dir(nn.Module)})
"""The attributes that each module has."""
DEPTH = 4
"""How far into lists, dictionaries and objects of a module is looked."""
MOST = 10_000
"""Of what has more parts, only the number of them is known."""


def _of_class(kind: type) -> dict[str, object]:
    """The numbers of a class, which a module may change for all modules of it."""
    found = {} if kind.__module__.startswith("torch.") else dict(vars(kind))
    return {name: each for name, each in found.items() if isinstance(each, int | float)}


def _plain(value: object, depth: int = DEPTH) -> object:
    """Numbers, words, and states of generators in a value, as what can be compared."""
    if isinstance(value, int | float | str):
        return value
    if isinstance(value, random.Random):
        return value.getstate()
    if type(value).__module__.startswith("numpy.random"):
        return repr(getattr(value, "bit_generator", value).state)  # type: ignore[attr-defined]
    if isinstance(value, list | tuple | set | deque | dict) and len(value) > MOST:
        return len(value)
    if isinstance(value, list | tuple | set | deque):
        return [_plain(each, depth - 1) for each in value] if depth else None
    if isinstance(value, dict):
        return {str(k): _plain(each, depth - 1) for k, each in value.items()} if depth else None
    is_object = hasattr(value, "__dict__") and not isinstance(value, NEVER) and not callable(value)
    return _plain(vars(value), depth - 1) if depth and is_object else None


NEVER = (type, nn.Module, Tensor, ModuleType)
"""What is no plain object; of tensors and modules the numbers are compared in other ways."""


def require_unchanged(before: dict[str, object], model: nn.Module) -> None:
    """Refuse (E0988) a model that has changed numbers of its own, in runs on equal batches."""
    for name, value in numbers_of(model).items():
        if before.get(name, value) != value:
            raise Refusal("E0988", f"the model changes its own `{name}` from run to run")


def _title(path: str, module: nn.Module) -> str:
    return f"`{path or 'the model'}` (`{type(module).__name__}`)"
