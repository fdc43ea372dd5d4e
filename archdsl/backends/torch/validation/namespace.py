"""The namespace of generated code during validation: stand-ins, and nothing else.

Code may import six modules, each with the names that generated code uses.
"""

from __future__ import annotations

import builtins
import collections.abc
import functools
import itertools
import math
import typing
from collections.abc import Mapping, Sequence
from types import MappingProxyType, SimpleNamespace
from typing import Any

from archdsl.arithmetic import MAXIMUM_LENGTH
from archdsl.backends.torch.names import BUILTINS
from archdsl.backends.torch.validation import layers
from archdsl.backends.torch.validation.containers import ModuleDict, ModuleList, Sequential
from archdsl.backends.torch.validation.faults import Mismatch
from archdsl.backends.torch.validation.modules import Identity, StubModule
from archdsl.backends.torch.validation.record import Record
from archdsl.backends.torch.validation.starts import FUNCTIONS, start
from archdsl.backends.torch.validation.tensors import StubTensor
from archdsl.backends.torch.validation.weights import FUNCTIONS as FUNCTIONS_OF_DATA
from archdsl.backends.torch.validation.weights import StubParameter

CONTAINERS = (Identity, Sequential, ModuleList, ModuleDict)


class Functions:
    """The functions of a PyTorch module, created on access."""

    def __init__(self, record: Record, prefix: str) -> None:
        self._record = record
        self._prefix = prefix

    def __getattr__(self, name: str) -> Any:
        callee = f"{self._prefix}.{name}"
        made = function(self._record, callee)
        setattr(self, name, made)
        return made


class Classes:
    """`torch.nn`: containers, and a layer class for every other name."""

    functional: Functions

    def __init__(self, record: Record) -> None:
        base = type("Module", (StubModule,), {"__record__": record})
        self.Module = base
        for container in CONTAINERS:
            setattr(self, container.__name__, type(container.__name__, (container, base), {}))
        self.Parameter = StubParameter
        self.init = _initialisations()

    def __getattr__(self, name: str) -> Any:
        if not name[:1].isupper():
            # Names without a class in PyTorch must be rejected.
            raise AttributeError(f"module 'torch.nn' has no attribute {name!r}")
        made = layer_class(self, f"nn.{name}")
        setattr(self, name, made)
        return made


def layer_class(nn: Classes, callee: str, base: type | None = None) -> type:
    """The class of a layer; an op's own class may be derived from another."""
    bases = (base,) if base else (layers.StubLayer, nn.Module)
    return type(callee.removeprefix("nn."), bases, {"__callee__": callee})


def function(record: Record, callee: str) -> Any:
    """A function of PyTorch, or an op's own function."""

    def call(*positional: object, **keywords: object) -> StubTensor:
        return record.call(callee, positional, keywords)

    return call


def _initialisations() -> SimpleNamespace:
    def initialisation(name: str) -> Any:
        def call(weight: object, *values: object, **keywords: object) -> object:
            layers.start(weight, start(name, *values, **keywords))
            return weight

        return call

    return SimpleNamespace(**{name: initialisation(name) for name in FUNCTIONS})


def pytorch(record: Record) -> dict[str, Any]:
    """The names of PyTorch: `torch`, `nn`, `F` and `Tensor`."""
    functions, nn = Functions(record, "F"), Classes(record)
    nn.functional = functions
    torch = Functions(record, "torch")
    vars(torch).update(nn=nn, Tensor=StubTensor, **FUNCTIONS_OF_DATA)
    return {"torch": torch, "nn": nn, "F": functions, "Tensor": StubTensor}


def namespace(
    names: Mapping[str, Any], foreign: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, Any]:
    """The globals of generated code; `foreign` are modules of others that it may import."""
    torch = names["torch"]
    importable = {
        "torch": torch,
        "torch.nn.functional": torch,
        "math": SimpleNamespace(floor=math.floor, ceil=math.ceil, log=math.log),
        "collections": SimpleNamespace(OrderedDict=collections.OrderedDict),
        "collections.abc": SimpleNamespace(
            Callable=collections.abc.Callable, Sequence=collections.abc.Sequence
        ),
        "functools": SimpleNamespace(partial=functools.partial),
        "itertools": SimpleNamespace(accumulate=itertools.accumulate),
        "typing": SimpleNamespace(Final=typing.Final, NamedTuple=typing.NamedTuple),
    } | dict(foreign)

    def known(
        name: str, globals: object = None, locals: object = None, names: object = (), level: int = 0
    ) -> Any:
        if name not in importable or level:
            raise ImportError(f"{name} is imported")
        return importable[name]

    own = {name: getattr(builtins, name) for name in BUILTINS}
    own |= {"range": _range, "__import__": known, "__build_class__": builtins.__build_class__}
    return {"__builtins__": own, "__name__": "generated"}


def _range(*bounds: int) -> Sequence[int]:
    """`range`, limited to the length of a list of the language."""
    made = range(*bounds)
    if len(made) > MAXIMUM_LENGTH:
        raise Mismatch(f"a loop has {len(made)} iterations")
    return made
