"""Modules that the language has no ops for, as `extern`s: `archdsl import --partial`."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import nn

from archdsl.importing.refusal import Refusal
from archdsl.ops.base import Shape
from archdsl.ops.parameters import shown
from archdsl.ops.tensor_type import TensorType


@dataclass(frozen=True)
class Extern:
    """A class of somebody else on tensors of some types: its declaration, but the name."""

    path: str
    arguments: str
    inputs: tuple[Shape, ...]
    result: Shape
    weights: int | None

    @property
    def kind(self) -> str:
        """The name of the class."""
        return self.path.rpartition(".")[2]

    @property
    def package(self) -> str:
        """What must be allowed for it to run."""
        return self.path.partition(".")[0]

    def text(self, name: str) -> str:
        """The declaration under a name."""
        signature = f"{', '.join(map(str, self.inputs))} -> {self.result}"
        arguments = f"({self.arguments})" if self.arguments else ""
        count = "" if self.weights is None else f", weights={self.weights}"
        made = f'"{self.path}"{arguments}{count}'
        return f"extern {name}: {signature} = {made}"


def extern_of(
    module: nn.Module,
    settings: Mapping[str, object],
    inputs: Sequence[Shape],
    result: Sequence[int],
    refusal: Refusal,
) -> Extern:
    """The declaration of a module's class; raises `refusal` where none can say how it is made."""
    kind = type(module)
    arguments = _arguments(kind, settings)
    if arguments is None or not _is_importable(kind):
        why = "how it was made is not known" if arguments is None else "it is no class of a module"
        help = f"no `extern` can stand for `{kind.__name__}`: {why}"
        raise Refusal(refusal.code, refusal.message, help, refusal.line)
    weights = sum(each.numel() for each in module.parameters())
    path = f"{kind.__module__}.{kind.__qualname__}"
    is_last = inputs[0].is_last and len(result) > 2
    shape: Shape = TensorType(tuple(result[1:]), is_last)
    return Extern(path, arguments, tuple(inputs), shape, weights)


def _is_importable(kind: type) -> bool:
    """Whether the class is found by its path, as one that is made in a function is not."""
    try:
        return getattr(importlib.import_module(kind.__module__), kind.__qualname__, None) is kind
    except ImportError:
        return False


def _arguments(kind: type, settings: Mapping[str, object]) -> str | None:
    """What the constructor is given, in the language; None where that cannot be written."""
    written: list[str] = []
    for name, parameter in inspect.signature(kind).parameters.items():
        if name not in settings:
            if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD:
                return None
            continue
        value = settings[name]
        if parameter.default is not parameter.empty and _is_equal(value, parameter.default):
            continue
        if not _is_literal(value):
            return None
        written.append(f"{name}={shown(value)}")
    return ", ".join(written)


def _is_equal(value: object, default: object) -> bool:
    return type(value) is type(default) and bool(value == default)


def _is_literal(value: object) -> bool:
    if isinstance(value, tuple | list):
        return bool(value) and all(_is_literal(each) for each in value)
    return isinstance(value, bool | int | float | str)
