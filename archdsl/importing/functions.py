"""The functions of PyTorch that are ops by their own PyTorch forms.

A function that an op names in its form is that op, by the module that stands in the same form:
`F.max_pool2d(x, 3)` is what `nn.MaxPool2d(3)` is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from archdsl.importing.arranging import Held
from archdsl.importing.modules.table import forms
from archdsl.importing.tensors import Tensors
from archdsl.importing.trace import Node

Rule = Callable[[Tensors, Node], Held | list[Held]]
"""What a function is in the language: its results, after the steps that make them."""


@cache
def modules_of_functions() -> Mapping[str, str]:
    """The class of `torch.nn` for every function that stands beside it in the form of an op."""
    found: dict[str, str] = {}
    for _, form, _ in forms():
        if form.module and form.function and form.function.callee and not form.definition:
            name = form.function.callee.rpartition(".")[2]
            found.setdefault(name, form.module.callee.removeprefix("nn."))
    return found


def arguments_of(node: Node) -> dict[str, Any]:
    """The arguments of a function by name, without those that are at their defaults."""
    for names, count, defaults in _signatures(node.name):
        if len(node.args) <= count and node.kwargs.keys() <= {*names}:
            given = dict(zip(names, node.args, strict=False)) | node.kwargs
            return {k: v for k, v in given.items() if k not in defaults or v != defaults[k]}
    return dict(enumerate(node.args)) | node.kwargs  # type: ignore[return-value]


@cache
def _signatures(name: str) -> list[tuple[list[str], int, dict[str, Any]]]:
    """The names of a function's parameters, how many go by position, and their defaults.

    There may be several: one for each of its overloads.
    """
    plain = name.rstrip("_")
    found = []
    for function in (getattr(functional, f"_{plain}", None), getattr(functional, plain, None)):
        if not inspect.isfunction(function):
            continue
        parameters = inspect.signature(function).parameters.values()
        if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters):
            # It chooses between two functions, of which the first is the plain one.
            continue
        given = {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}
        found.append(([p.name for p in parameters], len(parameters), given))
    packet = getattr(torch.ops.aten, plain, None)
    for overload in packet.overloads() if packet is not None else ():
        schema = getattr(packet, overload)._schema.arguments
        given = {each.name: each.default_value for each in schema if each.has_default_value()}
        count = sum(not each.kwarg_only for each in schema)
        found.append(([each.name for each in schema], count, given))
    return found


NEITHER = frozenset({"inplace", "training", "input", "self", "_stacklevel", "dtype"})


def by_module(tensors: Tensors, node: Node) -> Held | None:
    """A function that is the op of a module."""
    name = modules_of_functions().get(node.name.rstrip("_"), "")
    kind = getattr(nn, name, None)
    if kind is None or len(node.inputs) != 1:
        return None
    given = arguments_of(node)
    if given.get("training") is False and name.startswith("Dropout"):
        return tensors.held(node.inputs[0])
    known = inspect.signature(kind).parameters
    settings = {key: value for key, value in given.items() if key not in NEITHER}
    if not settings.keys() <= known.keys():
        return None
    try:
        with torch.device("meta"):
            module = kind(**settings)
    except (TypeError, ValueError):
        return None
    found = tensors.module(module, node.inputs[0], node, "")
    if found is None:
        said = ", ".join(f"{key}={value}" for key, value in settings.items())
        tensors.refuse(node, f"calls `{node.name}` with settings that no op has: {said}")
    return found
