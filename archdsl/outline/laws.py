"""The law by which the copies of a block vary: what a card `×6` must say to be true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isclose

from archdsl.arithmetic import Value
from archdsl.graph import Graph
from archdsl.ops.base import Shape
from archdsl.ops.parameters import shown_briefly
from archdsl.outline.pieces import Piece
from archdsl.outline.quantities import quantities

MAXIMUM_LISTED = 4
"""Maximum number of values written out if no law describes them."""
LONGEST_VALUE = 24
"""Maximum number of letters shown of a value."""


@dataclass(frozen=True)
class Law:
    """What all copies share, how they vary, and whether that describes them fully.

    What is zero or false in all of them is left out.

    Every item is text: `width 64`, `in 64 → 224, +32 each`, `stride 2, then 1`.
    """

    shared: tuple[str, ...] = ()
    varied: tuple[str, ...] = ()
    is_complete: bool = True


def law(pieces: Sequence[Piece], graph: Graph) -> Law:
    """The law of some copies of one block, in their order."""
    shared, varied, complete = [], [], True
    for name, values in quantities(pieces, graph):
        text = progression(values)
        complete = complete and text is not None
        if len(set(values)) == 1:
            shared += [f"{name} {shown(values[0])}"] if values[0] else []
        else:
            varied.append(f"{name} {text or _listed(values)}")
    return Law(tuple(shared), tuple(varied), complete)


def progression(values: Sequence[Value]) -> str | None:
    """The law of a row of values in words; None without a law."""
    first, *rest = values
    if len({*values}) == 1:
        return shown(first)
    if len({*rest}) == 1:
        return f"{shown(first)}, then {shown(rest[0])}"
    numbers = [value for value in values if isinstance(value, int | float)]
    if len(numbers) < len(values) or any(isinstance(value, bool) for value in values):
        return None
    ends = f"{shown(numbers[0])} → {shown(numbers[-1])}"
    step = (numbers[-1] - numbers[0]) / (len(numbers) - 1)
    if all(isclose(each, first + turn * step) for turn, each in enumerate(numbers)):  # type: ignore[operator]
        return f"{ends}, {'+' if step > 0 else '−'}{shown(abs(step))} each"
    if numbers[0] and all(then == 2 * each for each, then in pairwise(numbers)):
        return f"{ends}, ×2 each"
    return None


def shown(value: Value) -> str:
    """A value as a card has it, of a long one the beginning."""
    text = shown_briefly(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def result(piece: Piece, graph: Graph) -> Shape:
    """The shape that a piece gives."""
    return graph[piece.nodes[-1]].shape


def _listed(values: Sequence[Value]) -> str:
    if len(values) <= MAXIMUM_LISTED:
        return ", ".join(map(shown, values))
    return f"{shown(values[0])} … {shown(values[-1])}"
