"""Weight initialisation: calls of `nn.init`, and what an op specifies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from archdsl.backends.torch.validation.faults import Mismatch
from archdsl.ops.base import Op
from archdsl.ops.parameters import Initializer

InitCall: TypeAlias = tuple[str, tuple[tuple[str, object], ...]]
"""A function of `nn.init` with all its arguments."""

MODE: Mapping[str, float | str | None] = {"a": 0.0, "mode": "fan_in", "nonlinearity": "leaky_relu"}

FUNCTIONS: Mapping[str, Mapping[str, float | str | None]] = {
    "constant_": {"val": None},
    "zeros_": {},
    "ones_": {},
    "normal_": {"mean": 0.0, "std": 1.0},
    "uniform_": {"a": 0.0, "b": 1.0},
    "trunc_normal_": {"mean": 0.0, "std": 1.0, "a": -2.0, "b": 2.0},
    "kaiming_normal_": MODE,
    "kaiming_uniform_": MODE,
    "xavier_normal_": {"gain": 1.0},
    "xavier_uniform_": {"gain": 1.0},
}
"""The parameters of PyTorch's functions after the tensor, in order, with their defaults."""

CONSTANTS = {"zeros_": 0.0, "ones_": 1.0}


def start(function: str, *values: object, **keywords: object) -> InitCall:
    """A call of a function of `nn.init`, without the tensor; raises `Mismatch`."""
    if function not in FUNCTIONS:
        raise Mismatch(f"nn.init.{function} is called, which is not an initialisation")
    parameters = FUNCTIONS[function]
    given = {**dict(zip(parameters, values, strict=False)), **keywords}
    if len(given) < len(values) + len(keywords) or not given.keys() <= parameters.keys():
        raise Mismatch(f"nn.init.{function} does not take these arguments")
    if function in CONSTANTS:
        return _start("constant_", {"val": CONSTANTS[function]})
    return _start(function, {**parameters, **given})


def _start(function: str, given: Mapping[str, object]) -> InitCall:
    numbers = {n: float(v) if isinstance(v, int) else v for n, v in given.items()}
    return function, tuple(numbers.items())


def expected(op: Op) -> dict[str, InitCall]:
    """The initialisation of an op's weights by name, without those at PyTorch's default."""
    found = {}
    if (starts := op.starts()) is not None:
        if (weight := _of_scheme(starts.weight)) is not None:
            found["weight"] = weight
        if starts.written_bias is not None:
            found["bias"] = start("constant_", starts.written_bias)
    return found


def pytorch(op: Op) -> dict[str, InitCall]:
    """PyTorch's default initialisation of an op's weights, if it is a constant."""
    starts = op.starts()
    if starts is None or starts.weight.scheme != "gain":
        return {}
    return {"weight": start("ones_"), "bias": start("zeros_")}


def _of_scheme(initializer: Initializer) -> InitCall | None:
    given = dict(initializer.arguments)
    match initializer.scheme:
        case "default":
            return None
        case "gain":
            return start("constant_", given["gain"])
        case "constant":
            return start("constant_", given["value"])
        case "kaiming_normal" | "kaiming_uniform" as scheme:
            return start(f"{scheme}_", mode=f"fan_{given['fan']}", nonlinearity="relu")
        case scheme if "limit" in given:
            limit = float(given.pop("limit"))
            return start(f"{scheme}_", **given, a=-limit, b=limit)
        case scheme:
            return start(f"{scheme}_", **given)


def start_text(found: InitCall | None) -> str:
    """An initialisation in words."""
    if found is None:
        return "as in PyTorch"
    function, given = found
    return f"with {function}({', '.join(f'{name}={value!r}' for name, value in given)})"
