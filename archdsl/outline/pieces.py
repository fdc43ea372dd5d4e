"""The pieces that a diagram may fold: steps, and scopes of them.

A step is what is drawn as one box however much is opened: an op, or a convolution fused with the
norm and the activation around it. A scope holds what a block, a label, a head or one turn of a
loop has made. Nodes are appended to a graph while their scope is run, so the nodes of a scope lie
one behind another; whatever is folded, no path leaves a box and comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal, TypeAlias

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
    are what it gives by name, if that is several tensors.
    """

    kind: ScopeKind
    name: str
    path: str
    pieces: tuple[Piece, ...]
    call: Instance | None = None
    loop: LoopNode | None = None
    results: Results = ()
    steps: int = field(init=False)
    nodes: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
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


Piece: TypeAlias = "Step | DiagramScope"
ScopeKind: TypeAlias = Literal["block", "label", "turn"]


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
