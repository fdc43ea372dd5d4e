"""Layers that take turns while a rate grows: `shift=3 if i % 2 == 1 else 0`, as Swin has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archdsl.importing.rates import Rate
from archdsl.importing.terms import Term, Text, filled, values

LEAST = 4
"""So few turns, or fewer, are no law."""


def alternating(run: Sequence[Term], rate: Rate) -> Term | None:
    """Links as one loop, some of whose arguments grow, and some have two values in turn."""
    columns = [*zip(*map(values, run), strict=True)]
    starts = {start for column in columns if (start := _start(column, rate)) is not None}
    if len(run) <= LEAST or len(starts) != 1:
        return None
    (start,) = starts
    body = [_expression(column, rate, start) for column in columns]
    if any(each is None for each in body):
        return None
    made = filled(run[0], iter([each for (each,) in body]))  # type: ignore[misc]
    # What counts turns has no meaning in an argument, so only equal loops are one block.
    law = (rate, *[each for each in values(made) if isinstance(each, Text)])
    return Term("loop", law, (made,), (("start", start), ("n", len(run))))


def _start(column: Sequence[Any], rate: Rate) -> int | None:
    """Which step of growing rates a column begins with; None for any other column."""
    first = rate.step(column[0])
    steps = [rate.step(value) for value in column]
    is_growing = first is not None and steps == [first + turn for turn in range(len(column))]
    return first if is_growing else None


def _expression(column: Sequence[Any], rate: Rate, start: int) -> tuple[Any] | None:
    """What stands for a column in a loop over `i` from a start; None where nothing does."""
    if _start(column, rate) is not None:
        return (Text(rate.text("i")),)
    even, odd = {*map(_key, column[::2])}, {*map(_key, column[1::2])}
    if len(even) != 1 or len(odd) != 1:
        return None
    first, second = column[:2]
    if even == odd:
        return (first,)
    if not all(isinstance(each, int | float) for each in (first, second)):
        return None
    # The odd turns are those that are named.
    one, other = (first, second) if start % 2 else (second, first)
    return (Text(f"{_shown(one)} if i % 2 == 1 else {_shown(other)}"),)


def _shown(value: float) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _key(value: Any) -> tuple[type, Any]:
    return type(value), value
