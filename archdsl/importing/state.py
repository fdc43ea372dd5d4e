"""Numbers that a model may keep from run to run, beside its weights and tensors.

They are in its modules and their classes, and in what the functions of these can see: names of
their files, variables around them, default arguments, names of other files.
"""

from __future__ import annotations

import inspect
import itertools
import operator
import random
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from logging import Logger
from types import CodeType, FunctionType, ModuleType
from typing import Any

from torch import Tensor, nn

from archdsl.importing.refusal import Refusal

OWN = frozenset({*vars(nn.Module()), *dir(nn.Module)})
"""The attributes that each module has."""
DEPTH = 4
"""How far into lists, dictionaries and objects of a module is looked."""
MOST = 10_000
"""Of what has more parts, only the number of them is known."""
NEVER = (type, nn.Module, Tensor, ModuleType, Logger)
"""What is no plain object; of tensors and modules the numbers are compared in other ways."""
LIBRARIES = frozenset({"torch", "numpy", "archdsl", *sys.stdlib_module_names})
"""Packages whose functions keep nothing of a model; what a user runs, `__main__`, is none."""


def numbers_of(model: nn.Module) -> dict[str, object]:
    """What modules keep, by path and attribute, and what their functions see, by name."""
    found = {
        f"{path}.{name}".strip("."): value
        for path, module in model.named_modules()
        for name, value in {**_of_class(type(module)), **vars(module)}.items()
        if name not in OWN
    }
    plain = {name: _plain(value) for name, value in {**_around(model), **found}.items()}
    return {name: value for name, value in plain.items() if value is not None}


def require_unchanged(before: Mapping[str, object], model: nn.Module) -> None:
    """Refuse (E0988) a model that has changed numbers of its own, in runs on equal batches."""
    for name, value in numbers_of(model).items():
        if before.get(name, value) != value:
            raise Refusal("E0988", f"the model changes its own `{name}` from run to run")


def _of_class(kind: type) -> dict[str, object]:
    """The numbers of a class, and its lists, which a module may change for all modules of it."""
    found = {} if _is_library(kind) else dict(vars(kind))
    return {n: each for n, each in found.items() if isinstance(each, int | float | list | dict)}


def _plain(value: object, depth: int = DEPTH) -> object:
    """Numbers, words, and states of generators in a value, as what can be compared."""
    if isinstance(value, int | float | str):
        return value
    if isinstance(value, random.Random):
        return value.getstate()
    if isinstance(value, itertools.count):
        return repr(value)
    if isinstance(value, Iterator):
        return operator.length_hint(value, -1)
    if type(value).__module__.startswith("numpy.random"):
        return repr(getattr(value, "bit_generator", value).state)  # type: ignore[attr-defined]
    if isinstance(value, list | tuple | set | deque | dict) and len(value) > MOST:
        return len(value)
    if isinstance(value, list | tuple | set | deque):
        return [_plain(each, depth - 1) for each in value] if depth else None
    if isinstance(value, dict):
        found = {str(k): _plain(each, depth - 1) for k, each in value.items()} if depth else {}
        # What is computed once for a size, and kept, is no number.
        return {name: each for name, each in found.items() if each is not None}
    is_object = hasattr(value, "__dict__") and not isinstance(value, NEVER) and not callable(value)
    return _plain(vars(value), depth - 1) if depth and is_object else None


def _around(model: nn.Module) -> dict[str, object]:
    """What the functions of a model's classes see outside of it, by its name."""
    kinds = dict.fromkeys(kind for module in model.modules() for kind in type(module).__mro__)
    waiting = [each for kind in kinds for each in _functions(kind)]
    found: dict[str, object] = {}
    seen = {*waiting}
    while waiting:
        for name, value in _seen_by(waiting.pop()):
            several = _functions(value)
            waiting += [each for each in several if each not in seen]
            seen.update(several)
            found[name] = _of_class(value) if isinstance(value, type) else value
    return found


def _functions(value: object) -> list[FunctionType]:
    """The functions that a name may stand for: itself, or those of a class."""
    several = [value]
    if isinstance(value, type):
        several = [*vars(value).values()]
    plain = [inspect.unwrap(getattr(each, "__func__", each)) for each in several if callable(each)]
    return [each for each in plain if isinstance(each, FunctionType) and not _is_library(each)]


def _is_library(value: Any) -> bool:
    return str(getattr(value, "__module__", "")).partition(".")[0] in LIBRARIES


def _seen_by(function: FunctionType) -> Iterator[tuple[str, object]]:
    """What a function can read that is no variable of its own."""
    names = _names(function.__code__)
    for name in names & function.__globals__.keys():
        value = function.__globals__[name]
        if not isinstance(value, ModuleType):
            yield f"{function.__module__}.{name}", value
        elif value.__name__.partition(".")[0] not in LIBRARIES:
            inner = names & vars(value).keys()
            yield from ((f"{value.__name__}.{each}", vars(value)[each]) for each in inner)
    place = f"{function.__module__}.{function.__qualname__}"
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield f"{place}.{name}", cell.cell_contents
        except ValueError:  # It is not yet filled.
            continue
    yield f"{place}.defaults", [*(function.__defaults__ or ())]
    yield f"{place}.keywords", dict(function.__kwdefaults__ or {})


def _names(code: CodeType) -> set[str]:
    """The names in a function and in the functions within it."""
    inner = [_names(each) for each in code.co_consts if isinstance(each, CodeType)]
    return {*code.co_names}.union(*inner)
