"""The pieces that a diagram may fold: steps, and scopes of them.

A step is what is drawn as one box however much is opened: an op, or a convolution fused with the
norm and the activation around it. A scope holds what a block, a label, a head or one turn of a
loop has made. Nodes are appended to a graph while their scope is run, so the nodes of a scope lie
one behind another; whatever is folded, no path leaves a box and comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, takewhile
from typing import Literal, TypeAlias

from archdsl.source import Span
from archdsl.tree import Instance, LoopNode, Results


@dataclass(frozen=True, eq=False)
class Step:
    """Ops that are one box; `loop` is the loop of which they are one turn."""

    nodes: tuple[int, ...]
    path: str
    loop: LoopNode | None = None


@dataclass(frozen=True, eq=False)
class DiagramScope:
    """A scope that can be folded into a box.

    `kind` is "block", "label" (heads included) or "turn" (of a loop); `call` is the application of
    a block that the scope stands for. `path` is the prefix of its state-dict keys, and `results`
    are what it gives by name, if that is several tensors. `parts` is what it consists of as it is
    written, `pieces` the same in order of evaluation. `site` is where it is written, if anywhere.
    """

    kind: ScopeKind
    name: str
    path: str
    parts: tuple[Part, ...]
    call: Instance | None = None
    loop: LoopNode | None = None
    results: Results = ()
    site: Span | None = None
    pieces: tuple[Piece, ...] = field(init=False)
    steps: int = field(init=False)
    nodes: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pieces", tuple(in_order(self.parts)))
        object.__setattr__(self, "steps", sum(map(size, self.pieces)))
        object.__setattr__(self, "nodes", tuple([n for piece in self.pieces for n in piece.nodes]))

    @property
    def title(self) -> str:
        """Its name, with its path if that differs."""
        return f"{self.name} ({self.path})" if self.path not in ("", self.name) else self.name

    @property
    def repeats(self) -> bool:
        """Whether it consists of the turns of loops, as a stage does."""
        return any(piece.loop for piece in self.pieces)


@dataclass(frozen=True, eq=False)
class Fork:
    """Branches side by side; `join` is what joins them, None where they end in several tensors."""

    branches: tuple[tuple[Part, ...], ...]
    join: Piece | None = None


@dataclass(frozen=True, eq=False)
class Aside:
    """Parts beside the main path, such as a head that gives an output in training alone."""

    parts: tuple[Part, ...]


Piece: TypeAlias = "Step | DiagramScope"
Part: TypeAlias = "Piece | Fork | Aside"
ScopeKind: TypeAlias = Literal["block", "label", "turn"]


def in_order(parts: Iterable[Part]) -> Iterator[Piece]:
    """The pieces that some parts consist of, in order of evaluation."""
    for part in parts:
        match part:
            case Fork():
                yield from chain.from_iterable(map(in_order, part.branches))
                yield from [part.join] if part.join else ()
            case Aside():
                yield from in_order(part.parts)
            case _:
                yield part


def rearranged(
    parts: Iterable[Part], change: Callable[[Piece], Sequence[Part]]
) -> tuple[Part, ...]:
    """The parts with others in the place of every piece; what is left empty goes."""
    made: list[Part] = []
    for part in parts:
        match part:
            case Fork():
                branches = tuple([rearranged(each, change) for each in part.branches])
                join = tuple(in_order(change(part.join))) if part.join else ()
                made += [Fork(branches, *join)] if any(branches) or join else []
            case Aside():
                aside = rearranged(part.parts, change)
                made += [Aside(aside)] if aside else []
            case _:
                made += change(part)
    return tuple(made)


def size(piece: Piece) -> int:
    """The number of steps that a piece holds."""
    return 1 if isinstance(piece, Step) else piece.steps


def scopes(piece: Piece) -> Iterator[DiagramScope]:
    """A scope and all scopes in it."""
    waiting = [piece]
    while waiting:
        piece = waiting.pop()
        if isinstance(piece, DiagramScope):
            yield piece
            waiting += reversed(piece.pieces)


def common_path(pieces: Sequence[Piece]) -> str:
    """The path that all pieces lie in: of one piece its own."""
    parts = [piece.path.split(".") for piece in pieces]
    shared = takewhile(lambda names: len({*names}) == 1, zip(*parts, strict=False))
    return ".".join(names[0] for names in shared)
