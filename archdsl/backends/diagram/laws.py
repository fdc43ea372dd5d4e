"""The law by which the copies of a block vary: what a card `×6` must say to be true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isclose

from archdsl.arithmetic import Value
from archdsl.backends.diagram.pieces import Piece, Scope
from archdsl.graph import Graph, Port
from archdsl.ops.base import Shape
from archdsl.ops.parameters import shown_briefly
from archdsl.provenance import Term

MAXIMUM_LISTED = 4
"""So many values are written out where no law gives them."""


@dataclass(frozen=True)
class Law:
    """What all copies share, how they vary, and whether that is all there is to say.

    What is zero or false in all of them is left out.

    Every item is text: `width 64`, `in 64 → 224, +32 each`, `stride 2, then 1`.
    """

    shared: tuple[str, ...] = ()
    varied: tuple[str, ...] = ()
    is_complete: bool = True


def law(pieces: Sequence[Piece], graph: Graph) -> Law:
    """The law of some copies of one block, in their order."""
    shared, varied, complete = [], [], True
    for name, values in _quantities(pieces, graph).items():
        text = progression(values)
        complete = complete and text is not None
        if len(set(values)) == 1:
            shared += [f"{name} {shown_briefly(values[0])}"] if values[0] else []
        else:
            varied.append(f"{name} {text or _listed(values)}")
    return Law(tuple(shared), tuple(varied), complete)


def progression(values: Sequence[Value]) -> str | None:
    """The law of a row of values in words; None where there is none."""
    first, *rest = values
    if len({*values}) == 1:
        return shown_briefly(first)
    if len({*rest}) == 1:
        return f"{shown_briefly(first)}, then {shown_briefly(rest[0])}"
    numbers = [value for value in values if isinstance(value, int | float)]
    if len(numbers) < len(values) or any(isinstance(value, bool) for value in values):
        return None
    ends = f"{shown_briefly(numbers[0])} → {shown_briefly(numbers[-1])}"
    step = (numbers[-1] - numbers[0]) / (len(numbers) - 1)
    if all(isclose(each, first + turn * step) for turn, each in enumerate(numbers)):  # type: ignore[operator]
        return f"{ends}, {'+' if step > 0 else '−'}{shown_briefly(abs(step))} each"
    if numbers[0] and all(then == 2 * each for each, then in pairwise(numbers)):
        return f"{ends}, ×2 each"
    return None


def entry(piece: Piece, graph: Graph) -> Port:
    """The tensor that a piece reads first from outside."""
    inside = set(piece.nodes)
    return next(
        port for node in piece.nodes for port in graph[node].inputs if port.node not in inside
    )


def result(piece: Piece, graph: Graph) -> Shape:
    """The shape that a piece gives."""
    return graph[piece.nodes[-1]].shapes[0]


def _quantities(pieces: Sequence[Piece], graph: Graph) -> dict[str, list[Value]]:
    """The channels at the entry of every copy, where they vary, and the arguments of its block."""
    channels = [graph.shape(entry(piece, graph))[0] for piece in pieces]
    quantities: dict[str, list[Value]] = {}
    if len(set(channels)) > 1:
        quantities["in"] = [each if isinstance(each, int) else str(each) for each in channels]
    names = dict.fromkeys(name for piece in pieces for name in _arguments(piece))
    for name in names:
        values = [_argument(piece, name) for piece in pieces]
        if None not in values:
            quantities[name] = values  # type: ignore[assignment]
    return quantities


def _arguments(piece: Piece) -> list[str]:
    """The names of the arguments that a call gives, layers apart."""
    if not isinstance(piece, Scope) or piece.call is None:
        return []
    return [name for name, given in piece.call.arguments.items() if isinstance(given, Term)]


def _argument(piece: Piece, name: str) -> Value | None:
    """The value of an argument or of its default; None where it is no number, word or list."""
    if not isinstance(piece, Scope) or piece.call is None:
        return None
    given = piece.call.arguments.get(name, piece.call.frame.definitions.get(name))
    return given.value if isinstance(given, Term) else None


def _listed(values: Sequence[Value]) -> str:
    if len(values) <= MAXIMUM_LISTED:
        return ", ".join(map(shown_briefly, values))
    return f"{shown_briefly(values[0])} … {shown_briefly(values[-1])}"
