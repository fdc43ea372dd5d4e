"""Formulas of weights: what a weight of a rewritten network is, over those of the old one.

A formula is data. It is printed, evaluated in any arithmetic (`Arithmetic`: floating-point tensors,
or exact fractions), and inverted where it only moves numbers (`inverse.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol, TypeAlias

Sign: TypeAlias = Literal["+", "-", "*", "/", "@"]


class Arithmetic(Protocol):
    """What tensors of some library lack in common; all else are their own operators."""

    def number(self, value: float) -> Any:
        """A number without dimensions."""

    def zeros(self, shape: Sequence[int]) -> Any:
        """A tensor of zeros, which may be written to."""

    def root(self, of: Any) -> Any:
        """The square root of every number."""

    def joined(self, parts: Sequence[Any], axis: int) -> Any:
        """Tensors one after another along an axis."""


@dataclass(frozen=True, eq=False)
class Formula:
    """A tensor that is computed; `parts` are the formulas that it is computed from."""

    @property
    def parts(self) -> tuple[Formula, ...]:
        """The formulas in it."""
        return ()

    def of(self, parts: Sequence[Any], arithmetic: Arithmetic) -> Any:
        """Its value, from those of its parts."""
        raise NotImplementedError

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys that it reads, in order, each once."""
        return tuple(dict.fromkeys(key for part in self.parts for key in part.keys))


@dataclass(frozen=True, eq=False)
class Key(Formula):
    """A weight of the old network."""

    name: str

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return (self.name,)

    def __str__(self) -> str:
        return f"`{self.name}`"


@dataclass(frozen=True, eq=False)
class Number(Formula):
    """A number, such as the one that a norm adds to a variance."""

    value: float

    def of(self, parts: Sequence[Any], arithmetic: Arithmetic) -> Any:
        return arithmetic.number(self.value)

    def __str__(self) -> str:
        return repr(self.value)


@dataclass(frozen=True, eq=False)
class Binary(Formula):
    """Two tensors, number by number, or as matrices (`@`)."""

    sign: Sign
    left: Formula
    right: Formula

    @property
    def parts(self) -> tuple[Formula, ...]:
        return self.left, self.right

    def of(self, parts: Sequence[Any], arithmetic: Arithmetic) -> Any:
        left, right = parts
        match self.sign:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
            case "@":
                return left @ right

    def __str__(self) -> str:
        return f"{_operand(self.left)} {self.sign} {_operand(self.right)}"


def _operand(formula: Formula) -> str:
    return f"({formula})" if isinstance(formula, Binary) else str(formula)


@dataclass(frozen=True, eq=False)
class Root(Formula):
    """The square root of every number."""

    inner: Formula

    @property
    def parts(self) -> tuple[Formula, ...]:
        return (self.inner,)

    def of(self, parts: Sequence[Any], arithmetic: Arithmetic) -> Any:
        return arithmetic.root(parts[0])

    def __str__(self) -> str:
        return f"sqrt({self.inner})"


@dataclass(frozen=True, eq=False)
class Shaped(Formula):
    """The same numbers under other sizes."""

    inner: Formula
    shape: tuple[int, ...]

    @property
    def parts(self) -> tuple[Formula, ...]:
        return (self.inner,)

    def of(self, parts: Sequence[Any], arithmetic: Arithmetic) -> Any:
        return parts[0].reshape(self.shape)

    def __str__(self) -> str:
        return f"{_operand(self.inner)}.reshape({', '.join(map(str, self.shape))})"


@dataclass(frozen=True, eq=False)
class Total(Formula):
    """The sum over the last axis."""

    inner: Formula

    @property
    def parts(self) -> tuple[Formula, ...]:
        return (self.inner,)

    def of(self, parts: Sequence[Any], arithmetic: Arithmetic) -> Any:
        return parts[0].sum(-1)

    def __str__(self) -> str:
        return f"{_operand(self.inner)}.sum(-1)"


@dataclass(frozen=True, eq=False)
class Joined(Formula):
    """Tensors one after another along an axis."""

    several: tuple[Formula, ...]
    axis: int = 0

    @property
    def parts(self) -> tuple[Formula, ...]:
        return self.several

    def of(self, parts: Sequence[Any], arithmetic: Arithmetic) -> Any:
        return arithmetic.joined(parts, self.axis)

    def __str__(self) -> str:
        return f"cat([{', '.join(map(str, self.several))}], {self.axis})"


@dataclass(frozen=True, eq=False)
class Either(Formula):
    """Tensors that need not be kept apart: the first of them, as of counters of batches."""

    several: tuple[Formula, ...]

    @property
    def parts(self) -> tuple[Formula, ...]:
        return self.several

    def of(self, parts: Sequence[Any], arithmetic: Arithmetic) -> Any:
        return parts[0]

    def __str__(self) -> str:
        return f"first([{', '.join(map(str, self.several))}])"


@dataclass(frozen=True, eq=False)
class Slice(Formula):
    """The numbers from `start` up to `stop` along an axis."""

    inner: Formula
    start: int
    stop: int
    axis: int = 0

    @property
    def parts(self) -> tuple[Formula, ...]:
        return (self.inner,)

    def of(self, parts: Sequence[Any], arithmetic: Arithmetic) -> Any:
        return parts[0][(slice(None),) * self.axis + (slice(self.start, self.stop),)]

    def __str__(self) -> str:
        return f"{_operand(self.inner)}[{':, ' * self.axis}{self.start}:{self.stop}]"


@dataclass(frozen=True, eq=False)
class Placed(Formula):
    """A kernel within a larger one of zeros: `start` is where it begins, one for every axis."""

    inner: Formula
    sizes: tuple[int, ...]
    shape: tuple[int, ...]
    start: tuple[int, ...]

    @property
    def parts(self) -> tuple[Formula, ...]:
        return (self.inner,)

    def of(self, parts: Sequence[Any], arithmetic: Arithmetic) -> Any:
        whole = arithmetic.zeros(self.shape)
        ranges = zip(self.start, self.sizes, strict=True)
        whole[tuple([slice(start, start + size) for start, size in ranges])] = parts[0]
        return whole

    def __str__(self) -> str:
        axes = zip(self.start, self.sizes, self.shape, strict=True)
        margins = [(start, whole - start - size) for start, size, whole in axes]
        return f"pad({self.inner}, {margins[2:]})"


@dataclass(frozen=True, eq=False)
class Copying(Formula):
    """The kernel of a convolution that passes on its input: 1 at `centre`, of its own channel."""

    shape: tuple[int, ...]
    centre: tuple[int, ...]

    def of(self, parts: Sequence[Any], arithmetic: Arithmetic) -> Any:
        whole = arithmetic.zeros(self.shape)
        for channel in range(self.shape[0]):
            whole[(channel, channel % self.shape[1], *self.centre)] += 1
        return whole

    def __str__(self) -> str:
        return f"identity({', '.join(map(str, self.shape))})"


def values(
    formulas: Mapping[str, Formula], state: Mapping[str, Any], arithmetic: Arithmetic
) -> dict[str, Any]:
    """The value of every formula, from the weights of the old network by key."""
    known: dict[Formula, Any] = {}

    def value(formula: Formula) -> Any:
        if isinstance(formula, Key):
            return state[formula.name]
        if formula not in known:
            known[formula] = formula.of([value(part) for part in formula.parts], arithmetic)
        return known[formula]

    return {key: value(formula) for key, formula in formulas.items()}
