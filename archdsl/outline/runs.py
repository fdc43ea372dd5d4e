"""Runs: copies of one block, one behind another or side by side, which one card stands for."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import groupby

from archdsl.graph import Graph
from archdsl.ops.base import Shape
from archdsl.outline.fuse import is_join
from archdsl.outline.laws import Law, law, result
from archdsl.outline.pieces import DiagramScope, Piece, Step
from archdsl.outline.quantities import arguments
from archdsl.shapes import Dim

LEAST = 3
"""Minimum number of equal copies in a row of unequal ones that get a card."""


class Strength(IntEnum):
    """How readily copies become one card.

    `NONE`: never. `LOOPS`: the turns of a loop, where a law says how they vary. `ALIKE`: whatever
    is alike and of one size. `BLOCKS`: whatever is one block.
    """

    NONE = 0
    LOOPS = 1
    ALIKE = 2
    BLOCKS = 3


@dataclass(frozen=True)
class Run:
    """One piece, or several copies; `is_parallel` where these lie side by side."""

    pieces: tuple[Piece, ...]
    law: Law = field(default_factory=Law)
    is_parallel: bool = False


class Runs:
    """The runs of a network's scopes, each found once, however often the network is folded."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._known: dict[tuple[tuple[Piece, ...], Strength], tuple[Run, ...]] = {}
        self._keys: dict[Piece, Hashable] = {}
        self._laws: dict[tuple[Piece, ...], Law] = {}

    def of(self, pieces: tuple[Piece, ...], strength: Strength) -> tuple[Run, ...]:
        """The pieces of a scope in order, copies taken together."""
        if (pieces, strength) not in self._known:
            self._known[pieces, strength] = tuple(self._found(pieces, strength))
        return self._known[pieces, strength]

    def law(self, pieces: tuple[Piece, ...]) -> Law:
        """How some copies vary."""
        if pieces not in self._laws:
            self._laws[pieces] = law(pieces, self.graph)
        return self._laws[pieces]

    def _found(self, pieces: tuple[Piece, ...], strength: Strength) -> Iterator[Run]:
        if strength is Strength.NONE:
            yield from map(_single, pieces)
            return
        for _, alike in groupby(pieces, self._key):
            yield from self._split(tuple(alike), strength)

    def _split(self, pieces: tuple[Piece, ...], strength: Strength) -> Iterator[Run]:
        """The runs among neighbours that are one block."""
        graph = self.graph
        if strength is Strength.BLOCKS:
            yield self._run(pieces)
        elif strength is Strength.ALIKE:
            for _, same in groupby(pieces, lambda piece: _extent(result(piece, graph))):
                yield self._run(tuple(same))
        elif not any(piece.loop and _is_block(piece) for piece in pieces):
            yield from map(_single, pieces)
        elif self.law(pieces).is_complete:
            yield self._run(pieces)
        else:
            for _, same in groupby(pieces, lambda piece: arguments(piece, graph)):
                copies = tuple(same)
                few = len(copies) < LEAST
                yield from map(_single, copies) if few else [self._run(copies)]

    def _run(self, pieces: tuple[Piece, ...]) -> Run:
        is_parallel = len(pieces) > 1 and are_parallel(pieces, self.graph)
        return Run(pieces, self.law(pieces), is_parallel)

    def _key(self, piece: Piece) -> Hashable:
        """The key that copies of each other share; a join is never a copy."""
        return piece if is_join(piece, self.graph) else self._alike(piece)

    def _alike(self, piece: Piece) -> Hashable:
        if piece not in self._keys:
            self._keys[piece] = self._parts(piece)
        return self._keys[piece]

    def _parts(self, piece: Piece) -> Hashable:
        if isinstance(piece, DiagramScope):
            call = piece.call
            return piece.kind, call.block if call else tuple(map(self._alike, piece.pieces))
        return tuple([str(self.graph[node].op) for node in piece.nodes])


def _is_block(piece: Piece) -> bool:
    """Whether it is drawn as a box in its own right, and no mere group of others."""
    return isinstance(piece, Step) or piece.kind == "block"


def _single(piece: Piece) -> Run:
    return Run((piece,))


def are_parallel(pieces: Sequence[Piece], graph: Graph) -> bool:
    """Whether no copy reads what another makes."""
    owner = {node: index for index, piece in enumerate(pieces) for node in piece.nodes}
    return all(
        owner.get(port.node, index) == index
        for index, piece in enumerate(pieces)
        for node in piece.nodes
        for port in graph[node].inputs
    )


def _extent(shape: Shape) -> tuple[Dim, ...]:
    return shape.positions
