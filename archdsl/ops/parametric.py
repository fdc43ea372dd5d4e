"""What has parameters: their names, kinds and defaults, and how values of them are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar

from archdsl.arithmetic import Value
from archdsl.ops.parameters import Initializer, Kind, Whole, shown
from archdsl.ops.reject import Reject


@dataclass(frozen=True)
class Parametric:
    """A frozen dataclass whose fields are parameters, under its `name` in the language."""

    name: ClassVar[str]
    positional: ClassVar[int] = 0
    """How many of its parameters may be given by position; the others need their keyword."""
    pytorch: ClassVar[Sequence[str]] = ()
    """The parameters of PyTorch's module, in its order, by their names there.

    It is only there where the order differs, so that a call in PyTorch's order is recognised.
    """
    pytorch_defaults: ClassVar[Mapping[str, Value]] = MappingProxyType({})
    """PyTorch's defaults that differ from ours."""

    @classmethod
    @cache
    def parameters(cls) -> dict[str, Kind]:
        """The parameters in order, each with what it takes."""
        return {field.name: field.metadata["kind"] for field in fields(cls)}

    @classmethod
    @cache
    def defaults(cls) -> dict[str, Any]:
        """The parameters that need not be given."""
        return {f.name: f.default for f in fields(cls) if f.default is not MISSING}

    @classmethod
    @cache
    def abouts(cls) -> dict[str, str]:
        """A short description of each parameter."""
        return {field.name: field.metadata["about"] for field in fields(cls)}

    @classmethod
    def is_usual(cls, values: Mapping[str, Any]) -> bool:
        """Whether people write such arguments: where a call can be read in two ways.

        A value of None is not known.
        """
        return True

    @classmethod
    def read(cls, values: Mapping[str, Value | Initializer]) -> dict[str, Any]:
        """Parameters in their own types; raises `Reject` where some of them cannot be."""
        read: dict[str, Any] = {}
        rejects: list[Reject] = []
        for name, value in values.items():
            try:
                read[name] = cls._read(name, value)
            except Reject as reject:
                rejects.append(reject)
        if rejects:
            first, *first.others = rejects
            raise first
        return read

    @classmethod
    def _read(cls, name: str, value: Value | Initializer) -> Any:
        kind = cls.parameters()[name]
        try:
            return kind.read(value)
        except TypeError:
            message = f"`{name}` of `{cls.name}` cannot have this value"
            help = "`floor(...)` rounds it down" if _is_fraction(kind, value) else ""
            raise Reject(message, name, kind.wanted, shown(value), help) from None

    def argument(self, name: str) -> Any:
        """The value of a parameter."""
        return getattr(self, name)

    def __str__(self) -> str:
        """The op as the language writes it, without what is left at its default."""
        defaults = self.defaults()
        written = []
        for name in self.parameters():
            value = self.argument(name)
            if name not in defaults:
                written.append(shown(value))
            elif value != defaults[name]:
                written.append(f"{name}={shown(value)}")
        return f"{self.name}({', '.join(written)})" if written else self.name


def _is_fraction(kind: Kind, value: Value | Initializer) -> bool:
    return isinstance(kind, Whole) and isinstance(value, float)
