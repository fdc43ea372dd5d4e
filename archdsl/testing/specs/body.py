"""The body of a block or network under construction: the names that its layers may use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeVar

from archdsl.testing.specs.chance import Chance
from archdsl.testing.specs.kinds import KINDS

T = TypeVar("T")

DEEPEST = 2
"""Maximum nesting of merges, loops and conditions."""
HALVINGS = 2
"""Maximum number of times a network may shrink its axes; inputs are large enough."""


class Sort(Enum):
    """The meaning of a name, which determines where it may be used."""

    WIDTH = auto()
    "A positive multiple of 4: channels."
    KERNEL = auto()
    "An odd number from 1 to 5."
    COUNT = auto()
    "A number from 0 to 3."
    FLAG = auto()
    SHARE = auto()
    "A probability below 1."
    WORD = auto()
    WIDTHS = auto()
    COUNTS = auto()
    KERNELS = auto()
    ROWS = auto()
    "A list of pairs of a width and a kernel."
    LAYER = auto()
    "Any layer that keeps the shape."
    NORM = auto()
    "A layer that keeps the shape and takes `eps`."
    OPEN = auto()
    "A layer that is called with its channels, and keeps all positions."
    MORE = auto()
    "A layer that is called with its channels, at least as many as its input has."
    LAYERS = auto()
    "A list of layers that keep the shape."
    ITEMS = auto()
    "A list of layers that change the channels; it ends with the width of its block."
    WIRE = auto()
    WIRES = auto()


@dataclass(frozen=True)
class SpecParameter:
    """A parameter that a body may read; without `default` it is required."""

    name: str
    sort: Sort
    default: str = ""


@dataclass(frozen=True)
class SpecTensor:
    """Channels as an expression, and the layers so far that changed the positions."""

    channels: str
    trail: tuple[str, ...] = ()


@dataclass(frozen=True)
class SpecLabel:
    """A tensor that can be read by its label, and the scopes around it."""

    tensor: SpecTensor
    path: tuple[str, ...]


@dataclass(frozen=True)
class SpecBlock:
    """A block of the spec; `channels` of its result in terms of `c` and its parameters."""

    name: str
    text: str
    parameters: tuple[SpecParameter, ...]
    channels: str
    halvings: int
    kinds: frozenset[str]

    @property
    def has_head(self) -> bool:
        """Whether it has a training-only head, whose name must be unique in a network."""
        return "training-only head" in self.kinds

    @property
    def keeps_shape(self) -> bool:
        """Whether its result has the shape of its input, and only its width is required."""
        return self.channels == "c" and not self.halvings

    @property
    def is_open(self) -> bool:
        """Whether it requires only a width, which is its number of output channels."""
        first, *others = self.parameters
        needs_no_more = all(other.default for other in others)
        return self.channels == first.name and not self.halvings and needs_no_more


@dataclass
class Spoken:
    """The state of a whole spec: its axes, the number of its labels, and calls of its blocks.

    `blocks` are the texts of those that are written for one use.
    """

    axes: int = 2
    """The number of axes of positions that all its tensors have."""
    names: int = 0
    calls: dict[str, set[str]] = field(default_factory=dict)
    blocks: list[str] = field(default_factory=list)


@dataclass
class SpecBody:
    """The body under construction, and how often its layers may still shrink the axes."""

    chance: Chance
    spoken: Spoken
    parameters: Sequence[SpecParameter]
    sizes: tuple[str, ...]
    blocks: Sequence[SpecBlock] = ()
    kinds: set[str] = field(default_factory=set)
    channels: str = ""
    """The channels of the input, if they have a name."""
    halvings: int = 0
    labels: dict[str, SpecLabel] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    may_label: bool = True
    loops: int = 0
    headed: set[str] = field(default_factory=set)
    """The blocks with a head that are called already."""
    local: list[tuple[str, Sort]] = field(default_factory=list)

    def pick(self, values: Sequence[T]) -> T:
        """A random item."""
        return self.chance.pick(values)

    def number(self, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        return self.chance.number(least, most)

    def one_in(self, count: int) -> bool:
        """True once in `count` times."""
        return self.chance.number(1, count) == count

    def note(self, *kinds: str) -> None:
        """Record constructs of the spec; all must be in `KINDS`."""
        assert set(kinds) <= set(KINDS), kinds
        self.kinds.update(kinds)

    def name(self, stem: str) -> str:
        """A new name in the spec."""
        self.spoken.names += 1
        return f"{stem}{self.spoken.names}"

    def known(self, sort: Sort) -> list[str]:
        """The names of a sort that may be read here."""
        names = [each.name for each in self.parameters if each.sort is sort]
        return names + [name for name, found in self.local if found is sort]

    def remember(self, label: str, tensor: SpecTensor) -> None:
        """Let later layers read a tensor by its label."""
        self.labels[label] = SpecLabel(tensor, self.path)

    @contextmanager
    def scope(self, name: str) -> Iterator[None]:
        """A scope that may contain labels."""
        before = self.path, self.may_label
        self.path, self.may_label = (*self.path, name), True
        yield
        self.path, self.may_label = before

    @contextmanager
    def turn(self, *variables: tuple[str, Sort]) -> Iterator[None]:
        """An iteration of a loop, whose labels are not read after it."""
        before = self.may_label, self.labels, self.local
        self.may_label, self.labels = False, dict(self.labels)
        self.local = [*self.local, *variables]
        self.loops += 1
        yield
        self.loops -= 1
        self.may_label, self.labels, self.local = before

    @contextmanager
    def side(self) -> Iterator[None]:
        """A branch of a condition, whose labels are not read after it."""
        before = self.labels
        self.labels = dict(before)
        yield
        self.labels = before


def wrapped(expression: str) -> str:
    """An expression as an operand."""
    is_atom = re.fullmatch(r"[\w.]+(\([^()]*\)|\[[^\[\]]*\])?|\[[^\[\]]*\]", expression)
    return expression if is_atom else f"({expression})"


def reads(text: str, name: str) -> bool:
    """Whether a text reads a name; passing an argument of that name does not count."""
    return re.search(rf'(?<![\w@"])\b{name}\b(?!=[^=]|:)', text) is not None


def substituted(expression: str, values: dict[str, str]) -> str:
    """An expression with its names replaced by expressions."""
    if not values:
        return expression
    names = "|".join(map(re.escape, values))
    return re.sub(rf"\b({names})\b", lambda found: wrapped(values[found[1]]), expression)
