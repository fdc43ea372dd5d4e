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

    parameters: Mapping[str, Kind] = field(default_factory=dict)
    defaults: Mapping[str, Value] = field(default_factory=dict)

    def missing(self, given: Iterable[str]) -> list[str]:
        """The parameters that still need a value."""
        return [name for name in self.parameters if name not in {*self.defaults, *given}]


FAN = Scheme({"fan": Word(("in", "out"))}, {"fan": "in"})

SCHEMES = {
    "normal": Scheme({"std": Real(0)}),
    "uniform": Scheme({"limit": Real(0)}),
    "trunc_normal": Scheme({"std": Real(0), "limit": Real(0)}, {"limit": 2}),
    "kaiming_normal": FAN,
    "kaiming_uniform": FAN,
    "xavier_normal": Scheme(),
    "xavier_uniform": Scheme(),
}
"""Limits are absolute, as `trunc_normal`'s in PyTorch; `fan` counts a unit's inputs or outputs."""


def start_of(op: Any) -> Start:
    """How an op starts that has `bias`, `init` and `bias_init`.

    Where nothing is said of the bias, it is 0 beside a scheme, and else PyTorch's own.
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
            message = f"`{key}` of `{name}` cannot be this"
            raise Reject(message, key, kind.wanted, shown(values[key])) from None
    arguments = tuple([(key, values[key]) for key in scheme.parameters])
    expressions = {key: term.expression for key, term in given.items()}
    return Initializer(name, arguments, expressions)  # type: ignore[arg-type]
