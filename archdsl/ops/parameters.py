"""The parameters of operators: what values each of them takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field
from typing import Any, Protocol

from archdsl.arithmetic import Value, whole
from archdsl.provenance import Expression

MAXIMUM = 2**31 - 1
"""The largest size, count or stride."""


@dataclass(frozen=True)
class Initializer:
    """How a weight starts: a scheme of `torch.nn.init` with its arguments, or "default".

    `expressions` are those of arguments that the author gave; they do not tell two apart.
    """

    scheme: str = "default"
    arguments: tuple[tuple[str, float | str], ...] = ()
    expressions: Mapping[str, Expression] = field(default_factory=dict, compare=False)

    @property
    def form(self) -> tuple[str, ...]:
        """Words that are accepted besides numbers."""
        words = [value for _, value in self.arguments if isinstance(value, str)]
        return (self.scheme, *words)


UNIT_GAIN = Initializer("gain", (("gain", 1),))
"""How the gain of a normalisation starts in PyTorch."""


@dataclass(frozen=True)
class Start:
    """How the weight and the bias of an op start; None for a bias that there is not.

    What starts as PyTorch starts it is "default".
    """

    weight: Initializer
    bias: float | str | None

    @property
    def written_bias(self) -> float | str | None:
        """The value that a bias is set to; None if no code sets it."""
        return None if self.bias == "default" else self.bias

    @property
    def is_default(self) -> bool:
        """Whether the op starts as PyTorch starts it."""
        return self.weight in (Initializer(), UNIT_GAIN) and self.written_bias is None


class Kind(Protocol):
    """The values that a parameter accepts."""

    @property
    def wanted(self) -> str:
        """These values in words."""

    def read(self, value: Value | Initializer) -> Value | Initializer:
        """The value in its own type; raises `TypeError` for any other value."""


@dataclass(frozen=True)
class Whole:
    """A whole number, or a list with one for each axis; `32.0` is one too, and so may be words."""

    least: int = 1
    lists: tuple[int, ...] = ()
    """How many numbers a list of them may have."""
    words: tuple[str, ...] = ()

    @property
    def wanted(self) -> str:
        """These values in words."""
        *lengths, longest = map(str, self.lists or (0,))
        several = [f"a list of {' or '.join([', '.join(lengths), longest])}"] if lengths else []
        words = [f'"{word}"' for word in self.words]
        least = f" of {self.least} or more" if self.least >= 0 else ""
        return " or ".join([f"a whole number{least}", *several, *words])

    def read(self, value: Value | Initializer) -> Value:
        """The number or numbers."""
        if isinstance(value, str) and value in self.words:
            return value
        if not isinstance(value, tuple):
            return self._one(value)
        if len(value) not in self.lists:
            raise TypeError
        return tuple([self._one(each) for each in value])

    def _one(self, value: Value | Initializer) -> int:
        number = whole(value)  # type: ignore[arg-type]
        if not self.least <= number <= MAXIMUM:
            raise TypeError
        return number


@dataclass(frozen=True)
class Real:
    """A number that may have a fraction, from `least` to `most`; `above` leaves `least` out.

    It may be a word instead.
    """

    least: float = float("-inf")
    most: float = float("inf")
    above: bool = False
    word: str | None = None

    @property
    def wanted(self) -> str:
        """These values in words."""
        return f'{self._number} or "{self.word}"' if self.word else self._number

    @property
    def _number(self) -> str:
        if self.above:
            return f"a number greater than {self.least:g}"
        if self.most < float("inf"):
            return f"a number from {self.least:g} to {self.most:g}"
        return "a number" if self.least < 0 else f"a number of {self.least:g} or more"

    def read(self, value: Value | Initializer) -> Value:
        """The number as it was written."""
        if isinstance(value, str) and value == self.word:
            return value
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise TypeError
        if not self.least <= value <= self.most or (self.above and value == self.least):
            raise TypeError
        return value


@dataclass(frozen=True)
class Truth:
    """`true` or `false`."""

    wanted: str = "true or false"

    def read(self, value: Value | Initializer) -> Value:
        """The truth value."""
        if isinstance(value, bool):
            return value
        raise TypeError


@dataclass(frozen=True)
class Word:
    """One of some strings."""

    words: tuple[str, ...]

    @property
    def wanted(self) -> str:
        """These values in words."""
        return " or ".join(f'"{word}"' for word in self.words)

    def read(self, value: Value | Initializer) -> Value:
        """The word."""
        if isinstance(value, str) and value in self.words:
            return value
        raise TypeError


@dataclass(frozen=True)
class Text:
    """Any string."""

    wanted: str = "a string"

    def read(self, value: Value | Initializer) -> Value:
        """The string."""
        if isinstance(value, str):
            return value
        raise TypeError


@dataclass(frozen=True)
class Plain:
    """A number, a truth value, a string, or a list of such."""

    wanted: str = "a number, a truth value, a string, or a list of such"

    def read(self, value: Value | Initializer) -> Value:
        """The value as it is."""
        if isinstance(value, Initializer):
            raise TypeError
        return value


@dataclass(frozen=True)
class Initialization:
    """An initialisation, or the word for PyTorch's own."""

    wanted: str = 'an initialisation such as `kaiming_normal("out")`, or "default"'

    def read(self, value: Value | Initializer) -> Initializer:
        """The initialisation."""
        if isinstance(value, Initializer):
            return value
        if value == "default":
            return Initializer()
        raise TypeError


MOST_SIZES = 4


@dataclass(frozen=True)
class SizeList:
    """The sizes of a tensor, in numbers.

    Where the channels are last, they are behind a list of the positions: `((197,), 768)` is what
    the language writes `[197; 768]`.
    """

    wanted: str = "one to four sizes in numbers, such as `[197; 768]` or `[8, 7, 7]`"

    def read(self, value: Value | Initializer) -> Value:
        """The sizes."""
        match value:
            case (tuple() as positions, channels):
                sizes = (*positions, channels)
                return self._read(sizes)[:-1], self._read(sizes)[-1]
            case tuple():
                return self._read(value)
        raise TypeError

    def _read(self, sizes: tuple[Value, ...]) -> tuple[Value, ...]:
        if not 1 <= len(sizes) <= MOST_SIZES:
            raise TypeError
        read = Whole(lists=(len(sizes),)).read(sizes)
        assert isinstance(read, tuple)
        return read


@dataclass(frozen=True)
class Filling:
    """What a learned tensor starts as."""

    wanted: str = "`zeros`, `ones`, or an initialisation such as `normal(0.02)`"

    def read(self, value: Value | Initializer) -> Initializer:
        """The initialisation."""
        if isinstance(value, Initializer) and value.scheme != "default":
            return value
        raise TypeError


def parameter(kind: Kind, default: object = MISSING, *, about: str = "") -> Any:
    """A parameter of an op, as a field of its class; without `default` it must be given.

    `about` says in a few words what it is.
    """
    return field(default=default, metadata={"kind": kind, "about": about})


def shown(value: object) -> str:
    """A value as the language writes it."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case tuple():
            return f"[{', '.join(map(shown, value))}]"
        case Initializer() if value == Initializer():
            return '"default"'
        case Initializer():
            arguments = ", ".join(f"{name}={shown(each)}" for name, each in value.arguments)
            return f"{value.scheme}({arguments})" if arguments else value.scheme
    return str(value)


def shown_briefly(value: object) -> str:
    """A value as a diagram writes it: words without quotation marks, fractions in short."""
    if isinstance(value, float):
        return f"{value:.3g}"
    return value if isinstance(value, str) else shown(value)
