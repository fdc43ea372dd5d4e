"""Two lists of names beside each other: what both have, and what lies between."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise


@dataclass(frozen=True)
class Stretch:
    """A part of each of two lists, from a number up to another; `is_equal`: both have it."""

    is_equal: bool
    first: slice
    second: slice


def aligned(first: Sequence[Hashable], second: Sequence[Hashable]) -> Iterator[Stretch]:
    """The stretches of two lists, in their order.

    Where every name stands once and those of both lists stand in one order, which is the rule for
    layers, that takes time in proportion to their number. `difflib`, which gives the same there,
    takes its square.
    """
    numbers = {name: number for number, name in enumerate(second)}
    pairs = [(i, numbers[name]) for i, name in enumerate(first) if name in numbers]
    is_once = len(numbers) == len(second) and len({*first}) == len(first)
    is_in_order = all(a[1] < b[1] for a, b in pairwise(pairs))
    if is_once and is_in_order:
        yield from _between([(*pair, 1) for pair in pairs], len(first), len(second))
    else:
        matcher = SequenceMatcher(None, first, second, autojunk=False)
        blocks = [(each.a, each.b, each.size) for each in matcher.get_matching_blocks()]
        yield from _between(blocks, len(first), len(second))


def _between(blocks: Sequence[tuple[int, int, int]], first: int, second: int) -> Iterator[Stretch]:
    """The stretches around blocks that are equal, each from two numbers on, with its length."""
    at, other = 0, 0
    for start, beside, length in (*blocks, (first, second, 0)):
        if (at, other) != (start, beside):
            yield Stretch(False, slice(at, start), slice(other, beside))
        at, other = start + length, beside + length
        if length:
            yield Stretch(True, slice(start, at), slice(beside, other))
