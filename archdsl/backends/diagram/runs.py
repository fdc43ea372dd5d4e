"""Runs: copies of one block, one behind another or side by side, which one card stands for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import groupby

from archdsl.backends.diagram.fuse import is_join
from archdsl.backends.diagram.laws import Law, law, result
from archdsl.backends.diagram.pieces import DiagramScope, Piece, Step
from archdsl.backends.diagram.quantities import arguments
from archdsl.graph import Graph
from archdsl.ops.base import Shape
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


def runs(pieces: Sequence[Piece], graph: Graph, strength: Strength) -> Iterator[Run]:
    """The pieces of a scope in order, copies taken together."""
    if strength is Strength.NONE:
        yield from map(_single, pieces)
        return
    for _, alike in groupby(pieces, _key(graph)):
        yield from _split(tuple(alike), graph, strength)


def _split(pieces: tuple[Piece, ...], graph: Graph, strength: Strength) -> Iterator[Run]:
    """The runs among neighbours that are one block."""
    if strength is Strength.BLOCKS:
        yield _run(pieces, graph)
    elif strength is Strength.ALIKE:
        for _, same in groupby(pieces, lambda piece: _extent(result(piece, graph))):
            yield _run(tuple(same), graph)
    elif not any(piece.loop and _is_block(piece) for piece in pieces):
        yield from map(_single, pieces)
    elif law(pieces, graph).is_complete:
        yield _run(pieces, graph)
    else:
        for _, same in groupby(pieces, lambda piece: arguments(piece, graph)):
            copies = tuple(same)
            few = len(copies) < LEAST
            yield from map(_single, copies) if few else [_run(copies, graph)]


def _is_block(piece: Piece) -> bool:
    """Whether it is drawn as a box in its own right, and no mere group of others."""
    return isinstance(piece, Step) or piece.kind == "block"


def _single(piece: Piece) -> Run:
    return Run((piece,))


def _run(pieces: tuple[Piece, ...], graph: Graph) -> Run:
    return Run(pieces, law(pieces, graph), len(pieces) > 1 and _are_parallel(pieces, graph))


def _are_parallel(pieces: Sequence[Piece], graph: Graph) -> bool:
    """Whether no copy reads what another makes."""
    owner = {node: index for index, piece in enumerate(pieces) for node in piece.nodes}
    return all(
        owner.get(port.node, index) == index
        for index, piece in enumerate(pieces)
        for node in piece.nodes
        for port in graph[node].inputs
    )


def _key(graph: Graph) -> Callable[[Piece], Hashable]:
    """The key that copies of each other share; a join is never a copy."""

    def alike(piece: Piece) -> Hashable:
        if isinstance(piece, DiagramScope):
            return piece.kind, piece.call.block if piece.call else tuple(map(alike, piece.pieces))
        return tuple([str(graph[node].op) for node in piece.nodes])

    return lambda piece: piece if is_join(piece, graph) else alike(piece)


def _extent(shape: Shape) -> tuple[Dim, ...]:
    return shape.positions
