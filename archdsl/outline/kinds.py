"""Kinds of copies: those of one block that do not consist of the same ops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from archdsl.graph import Graph
from archdsl.outline.fuse import is_join, label
from archdsl.outline.pieces import Piece, Step

Kind = tuple[str, ...]
"""The ops of a piece, in order, without their parameters."""


def kind(piece: Piece, graph: Graph) -> Kind:
    """The parts of a piece."""
    ops = [graph[node].op for node in piece.nodes]
    return tuple([op.name for op in ops if op is not None])


def difference(pieces: Sequence[Piece], graph: Graph) -> str:
    """In which the copies on a card differ: `first with downsample`; empty where all are alike.

    So it is where they differ in nothing that has a name: their law says why.
    """
    kinds = [kind(piece, graph) for piece in pieces]
    counts = Counter(kinds)
    if len(counts) < 2:
        return ""
    if len(counts) > 2:
        return f"{len(counts)} kinds of copies"
    # The rarer kind is told; of two that are equally often there, the first.
    rare = min(counts, key=lambda each: counts[each])
    other = next(each for each in counts if each != rare)
    which = "first" if kinds.index(rare) == 0 and counts[rare] == 1 else ""
    which = which or f"{counts[rare]} of {len(pieces)}"
    told = _told(pieces[kinds.index(rare)], pieces[kinds.index(other)], graph)
    return f"{which} {told}" if told else ""


def _told(rare: Piece, other: Piece, graph: Graph) -> str:
    """What one copy has that the other lacks, or lacks; empty where nothing has a name."""
    has, lacks = dict.fromkeys(_parts(rare, graph)), dict.fromkeys(_parts(other, graph))
    if more := [part for part in has if part not in lacks]:
        return f"with {more[0]}"
    if less := [part for part in lacks if part not in has]:
        return f"without {less[0]}"
    return ""


def _parts(copy: Piece, graph: Graph) -> Iterator[str]:
    """The names of what is in a copy, as people wrote them, and its joins by their symbols."""
    for step in _steps(copy):
        if is_join(step, graph):
            yield label(step.nodes[0], graph)
        keys = step.path.removeprefix(copy.path).strip(".").split(".")
        for depth, key in enumerate(keys, 1):
            if key and not key.isdecimal():
                yield ".".join(keys[:depth])


def _steps(piece: Piece) -> Iterator[Step]:
    waiting = [piece]
    while waiting:
        piece = waiting.pop()
        if isinstance(piece, Step):
            yield piece
        else:
            waiting += reversed(piece.pieces)
