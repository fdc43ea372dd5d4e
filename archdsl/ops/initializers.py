"""How weights may start: the schemes of `torch.nn.init` that the language offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from archdsl.arithmetic import Value
from archdsl.ops.base import Reject
from archdsl.ops.parameters import Initializer, Kind, Real, Start, Word, shown
from archdsl.provenance import Term


@dataclass(frozen=True)
class Scheme:
    """The parameters of an initialisation, each with what it takes, and their defaults."""

    about: str
    parameters: Mapping[str, Kind] = field(default_factory=dict)
    defaults: Mapping[str, Value] = field(default_factory=dict)
    abouts: Mapping[str, str] = field(default_factory=dict)
    """A description of each parameter."""
    is_centred: bool = False
    """The numbers are around 0, where PyTorch's first argument is a mean or a lower limit."""

    def missing(self, given: Iterable[str]) -> list[str]:
        """The parameters that still need a value."""
        return [name for name in self.parameters if name not in {*self.defaults, *given}]


STD = "standard deviation"


def _of_fan(about: str) -> Scheme:
    abouts = {"fan": "whether to count the inputs or the outputs of a unit"}
    return Scheme(about, {"fan": Word(("in", "out"))}, {"fan": "in"}, abouts)


SCHEMES = {
    "zeros": Scheme("All numbers 0."),
    "ones": Scheme("All numbers 1."),
    "constant": Scheme("All numbers equal.", {"value": Real()}, abouts={"value": "the number"}),
    "normal": Scheme(
        "Normal distribution with mean 0.", {"std": Real(0)}, abouts={"std": STD}, is_centred=True
    ),
    "uniform": Scheme(
        "Uniform distribution from -limit to limit.",
        {"limit": Real(0)},
        abouts={"limit": "largest absolute value"},
        is_centred=True,
    ),
    "trunc_normal": Scheme(
        "Normal distribution with mean 0, truncated at a limit.",
        {"std": Real(0), "limit": Real(0)},
        {"limit": 2},
        {"std": STD, "limit": "largest absolute value, not in standard deviations"},
        is_centred=True,
    ),
    "kaiming_normal": _of_fan(
        "Normal distribution with variance 2 / fan, which keeps the variance through a ReLU "
        "(He et al., ICCV 2015)."
    ),
    "kaiming_uniform": _of_fan("Uniform distribution with variance 2 / fan."),
    "xavier_normal": Scheme(
        "Normal distribution with variance 2 / (inputs + outputs) (Glorot and Bengio, "
        "AISTATS 2010)."
    ),
    "xavier_uniform": Scheme("Uniform distribution with variance 2 / (inputs + outputs)."),
}
"""Limits are absolute, as `trunc_normal`'s in PyTorch; `fan` counts a unit's inputs or outputs."""


def start_of(op: Any) -> Start:
    """How an op starts that has `bias`, `init` and `bias_init`.

    By default, the bias is 0 with a scheme, else as in PyTorch.
    """
    if not op.bias:
        return Start(op.init, None)
    if op.bias_init is None:
        return Start(op.init, "default" if op.init.scheme == "default" else 0)
    return Start(op.init, op.bias_init)


def initializer(name: str, given: Mapping[str, Term]) -> Initializer:
    """The initialisation of that name, which misses nothing; raises `Reject`."""
    scheme = SCHEMES[name]
    values = {**scheme.defaults, **{key: term.value for key, term in given.items()}}
    for key, kind in scheme.parameters.items():
        try:
            kind.read(values[key])
        except TypeError:
            message = f"`{key}` of `{name}` cannot have this value"
            raise Reject(message, key, kind.wanted, shown(values[key])) from None
    arguments = tuple([(key, values[key]) for key in scheme.parameters])
    expressions = {key: term.expression for key, term in given.items()}
    return Initializer(name, arguments, expressions)  # type: ignore[arg-type]
