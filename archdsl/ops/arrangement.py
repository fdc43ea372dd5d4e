"""Patterns that say how the sizes of a tensor are split, reordered and joined.

The notation is that of einops, without sums and repeats, with a `;` before channels that are last:
`"(h p) (w q); c -> (h w) (p q); c"`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

TOKEN = re.compile(r"\s*(->|[A-Za-z_][A-Za-z0-9_]*|1(?![0-9])|[();]|\S[A-Za-z0-9_.]*)")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

Item = tuple[str, ...]
"""The names of one size, which is their product; none for a size of 1."""


class Unreadable(Exception):
    """A pattern that means nothing; the message says why."""


@dataclass(frozen=True)
class Side:
    """What stands on one side of the arrow."""

    items: tuple[Item, ...]
    is_last: bool

    @property
    def names(self) -> Item:
        """All names, in order."""
        return tuple([name for item in self.items for name in item])

    @property
    def has_last(self) -> bool:
        """Whether its channels are behind positions: channels alone are first and last."""
        return self.is_last and len(self.items) > 1

    def __str__(self) -> str:
        texts = [_text(item) for item in self.items]
        return f"{' '.join(texts[:-1])}; {texts[-1]}" if self.is_last else " ".join(texts)


@dataclass(frozen=True)
class Step:
    """One call of a tensor's method, on dimensions that are counted with the batch.

    The method is `unflatten` with a dimension and the names of its factors, `squeeze` or
    `unsqueeze` with a dimension, `permute` with all in their new order, `transpose` with two that
    change places, or `flatten` with the first and the last of some.
    """

    method: str
    dimensions: tuple[int, ...]
    factors: Item = ()


@dataclass(frozen=True)
class Arrangement:
    """A pattern that was read: how sizes come in, and how they go out."""

    before: Side
    after: Side

    @property
    def changes_nothing(self) -> bool:
        """Whether both sides are the same."""
        return self.before.items == self.after.items and self.before.has_last == self.after.has_last

    @property
    def keeps_order(self) -> bool:
        """Whether sizes that are joined stand side by side before too, so that nothing moves."""
        places = {name: place for place, name in enumerate(self.before.names)}
        return all(
            places[second] == places[first] + 1
            for item in self.after.items
            for first, second in pairwise(item)
        )

    @property
    def order(self) -> tuple[int, ...]:
        """For every name behind the arrow its place before it, counted with the batch."""
        return (0, *[self.before.names.index(name) + 1 for name in self.after.names])

    def steps(self) -> Iterator[Step]:
        """The calls that make it, in their order."""
        yield from _splits(self.before.items)
        for place in reversed([at for at, item in enumerate(_flat(self.before)) if not item]):
            yield Step("squeeze", (place + 1,))
        order = self.order
        moved = tuple([place for place, source in enumerate(order) if place != source])
        if len(moved) == 2:
            yield Step("transpose", moved)
        elif moved or self.before.items == self.after.items:
            yield Step("permute", order)
        yield from _joins(self.after.items)
        for place in [at for at, item in enumerate(self.after.items) if not item]:
            yield Step("unsqueeze", (place + 1,))


@lru_cache(maxsize=1024)
def arrangement(text: str) -> Arrangement:
    """A pattern read; raises `Unreadable`."""
    tokens = TOKEN.findall(text)
    if tokens.count("->") != 1:
        raise Unreadable("it has one arrow `->` between what comes in and what goes out")
    arrow = tokens.index("->")
    before, after = _side(tokens[:arrow]), _side(tokens[arrow + 1 :])
    for side in (before, after):
        for name in [name for name in side.names if side.names.count(name) > 1]:
            raise Unreadable(f"`{name}` stands twice on one side")
    lost, new = [{*before.names} - {*after.names}, {*after.names} - {*before.names}]
    for name in sorted(lost):
        raise Unreadable(f"`{name}` is lost: every name stands once on each side")
    for name in sorted(new):
        raise Unreadable(f"`{name}` is not on the left: every name stands once on each side")
    return Arrangement(before, after)


def unknown_of(item: Item, known: Collection[str]) -> Item:
    """The names of a size that has no known factor for them."""
    return tuple([name for name in item if name not in known])


def _side(tokens: Sequence[str]) -> Side:
    items: list[Item] = []
    group: list[str] | None = None
    last = 0
    for word in tokens:
        if word == "(" and group is None:
            group = []
        elif word == ")" and group:
            items.append(tuple(group))
            group = None
        elif word == ";" and group is None and not last:
            last = len(items) + 1
        elif NAME.match(word) and group is not None:
            group.append(word)
        elif NAME.match(word) or (word == "1" and group is None):
            items.append(() if word == "1" else (word,))
        else:
            raise Unreadable(f"`{word}` means nothing here")
    if group is not None:
        raise Unreadable("a `(` is never closed")
    if not items:
        raise Unreadable("a side is empty")
    if last and last != len(items):
        raise Unreadable("behind a `;` stand the channels, one size")
    return Side(tuple(items), bool(last))


def _text(item: Item) -> str:
    return f"({' '.join(item)})" if _is_group(item) else item[0] if item else "1"


def _is_group(item: Item) -> bool:
    return len(item) > 1


def _flat(side: Side) -> list[Item]:
    """The sizes of a side once its groups are split."""
    parts: list[Item] = []
    for item in side.items:
        parts += [(name,) for name in item] if item else [()]
    return parts


def _splits(items: Sequence[Item]) -> Iterator[Step]:
    place = 1
    for item in items:
        if _is_group(item):
            yield Step("unflatten", (place,), item)
        place += max(1, len(item))


def _joins(items: Sequence[Item]) -> Iterator[Step]:
    """The groups joined, from the first on; sizes of 1 are not there yet."""
    for place, item in enumerate([each for each in items if each], 1):
        if _is_group(item):
            yield Step("flatten", (place, place + len(item) - 1))
