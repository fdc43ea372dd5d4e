"""Where a model and its text begin to differ: the first module that gives something else."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from archdsl.importing.nested import tensors_in
from archdsl.importing.refusal import Line

CLOSE = 1e-9
"""The largest difference that rounding makes, relative to the largest number."""


def difference_of(one: Tensor, other: Tensor) -> float:
    """The largest difference of two tensors, relative to the largest number of the first."""
    largest = max(one.abs().max().item(), 1e-30)
    return (one - other).abs().max().item() / largest


def first_difference(
    model: nn.Module, made: nn.Module, run: Callable[[nn.Module], object]
) -> tuple[str, Line]:
    """What to say of the first module that differs, and its line; nothing if only the whole does.

    Modules are compared by their paths, in the order in which those of the model end.
    """
    found: list[dict[str, _Call]] = []
    for each in (model, made):
        with _observed(each) as calls, torch.no_grad():
            run(each)
        found.append(calls)
    modules = dict(model.named_modules())
    for path, call in found[0].items():
        other = found[1].get(path)
        if not path or other is None:
            continue
        name = f"`{path}` (`{type(modules[path]).__name__}`)"
        if not _are_close(call.given, other.given):
            outer = modules[path.rpartition(".")[0]]
            return f"; what goes into {name} is the first that differs", _line(type(outer))
        if not _are_close(call.results, other.results):
            return f"; the first module that differs is {name}", _line(type(modules[path]))
    return "", Line()


@dataclass
class _Call:
    """What the first call of a module was given, and what it gave."""

    given: list[Tensor] = field(default_factory=list)
    results: list[Tensor] = field(default_factory=list)


@contextmanager
def _observed(model: nn.Module) -> Iterator[dict[str, _Call]]:
    """The first call of each module, by its path, while a model runs; the first to end is first."""
    found: dict[str, _Call] = {}
    begun: dict[nn.Module, list[Tensor]] = {}
    paths = {module: path for path, module in model.named_modules()}

    def before(module: nn.Module, args: Any, kwargs: Any) -> None:
        begun.setdefault(module, _copies((args, kwargs)))

    def behind(module: nn.Module, args: Any, result: Any) -> None:
        found.setdefault(paths[module], _Call(begun[module], _copies(result)))

    hooks = [each.register_forward_pre_hook(before, with_kwargs=True) for each in paths]
    hooks += [each.register_forward_hook(behind) for each in paths]
    try:
        yield found
    finally:
        for each in hooks:
            each.remove()


def _copies(nested: Any) -> list[Tensor]:
    """Tensors as they are now, which the model may write to."""
    return [each.clone() for each in tensors_in(nested)]


def _are_close(several: list[Tensor], others: list[Tensor]) -> bool:
    pairs = [*zip(several, others, strict=False)]
    return all(
        one.shape == other.shape and difference_of(one.double(), other.double()) <= CLOSE
        for one, other in pairs
        if one.numel()
    )


def _line(kind: type) -> Line:
    """Where a class says what it computes."""
    if kind.__module__.startswith("torch."):
        return Line()
    try:
        file = inspect.getsourcefile(kind.forward)  # type: ignore[attr-defined]
        _, number = inspect.getsourcelines(kind.forward)  # type: ignore[attr-defined]
    except (OSError, TypeError, AttributeError):
        return Line()
    return Line(file or "", number)
