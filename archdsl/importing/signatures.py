"""What a module's own Python calls its inputs, results and parameters."""

from __future__ import annotations

import inspect

from torch import nn

from archdsl.importing.naming import is_free
from archdsl.importing.trace import Frame, Value
from archdsl.resolve.reserved import fault_of


def input_names(module: nn.Module, count: int) -> list[str]:
    """What a module calls the tensors that come in, as far as labels may be called so."""
    names = list(inspect.signature(module.forward).parameters)
    is_legal = count == 1 or all(is_free(name) and not fault_of(name) for name in names)
    return names if len(names) == count and is_legal else [f"x{place}" for place in range(count)]


def settings_of(module: nn.Module) -> dict[str, object]:
    """The parameters of a class's constructor whose value its object remembers."""
    try:
        names = inspect.signature(type(module)).parameters
    except (TypeError, ValueError):
        return {}
    found = {name: getattr(module, name, None) for name in names}
    return {name: each for name, each in found.items() if isinstance(each, int | float | str)}


def result_names(frame: Frame) -> list[str]:
    """The names of several results: the keys of a dictionary, the fields of a named tuple."""
    result = frame.result
    fields = getattr(result, "_fields", None)
    if fields is not None:
        result = dict(zip(fields, result, strict=True))
    if not isinstance(result, dict):
        return []
    names = [str(name) for name, value in result.items() if value is not None]
    is_flat = all(isinstance(value, Value | None) for value in result.values())
    is_legal = all(name.isidentifier() and not fault_of(name) for name in names)
    return names if is_flat and is_legal else []
