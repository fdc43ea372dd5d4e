"""Two networks in one scene: what is equal once, what differs side by side.

Both are written into the same tables, so equal boxes have one definition. Chains are aligned by
definitions, then, between what is equal, by blocks: two scopes of one block that differ become one,
in which the same is done again. What is left on either side is a branch of a fork.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from archdsl.backends.scene.columns import columns
from archdsl.backends.scene.containers import OUTSIDE, contain
from archdsl.backends.scene.fields import BLIND
from archdsl.backends.scene.tables import Tables
from archdsl.backends.scene.words import said_alike
from archdsl.backends.scene.write import NOTHING, Scene, facts, rows, written
from archdsl.fonts import text_width
from archdsl.graph import Graph
from archdsl.outline.labels import Text
from archdsl.outline.measure import LARGE, SMALL, text_extent
from archdsl.outline.reader import outline
from archdsl.work import long_work

FIRST, SECOND = 1, 2
"""The sides, as references to boxes name them."""
ONLY_FIRST, ONLY_SECOND = 8, 16
"""The bits of edges that only one of both networks has."""

Row = dict[str, Any]
Part = Any
"""A place in a chain, a fork or what is beside it, as `y` of a definition has them."""


@long_work()
def compared(first: Graph, second: Graph) -> Scene:
    """The scene of two networks; `sides` are their names, none where there is no difference."""
    tables, found = Tables(), [outline(first), outline(second)]
    tops = [*map(contain, found)]
    alike = said_alike(*zip(found, tops, strict=True))
    numbers = [written(*each, tables, alike) for each in zip(found, tops, strict=True)]
    one, other = (facts(each, tables) for each in found)
    merger = _Merger(tables)
    top = numbers[0] if numbers[0] == numbers[1] else merger.merged(*numbers)
    said = {key: _both(one[key], other[key], tables) for key in ("name", "file", "costs")}
    ports = {key: [*_ports(one[key], other[key], tables)] for key in ("inputs", "results", "heads")}
    counts = {key: one[key] if one[key] == other[key] else "" for key in ("params", "macs")}
    parts = {"top": top, "open": merger.opened(top), "columns": [columns(o.costs) for o in found]}
    is_same = numbers[0] == numbers[1] and all(one[key] == other[key] for key in ports)
    names = {"sides": [] if is_same else [first.name, second.name]}
    return Scene(one | said | ports | counts | names | parts | rows(tables))


def _both(one: Any, other: Any, tables: Tables) -> str:
    return str(one) if one == other else f"{one} | {other}"


def _ports(one: Sequence[Any], other: Sequence[Any], tables: Tables) -> Iterator[list[Any]]:
    """The inputs or outputs of both by their places, each with the names and shapes of both."""
    for place in range(max(len(one), len(other))):
        pair = [each[place] for each in (one, other) if place < len(each)]
        (name, shape), (other_name, other_shape) = pair[0], pair[-1]
        yield [_both(name, other_name, tables), tables.shape_of_both(shape, other_shape)]


@dataclass
class _Children:
    """The boxes of a merged scope, and which of them the boxes of either side are."""

    references: list[tuple[Any, ...]] = field(default_factory=list)
    places: tuple[dict[int, int], dict[int, int]] = field(default_factory=lambda: ({}, {}))

    def add(self, reference: tuple[Any, ...], first: int | None, second: int | None) -> int:
        """Add a box that is one of each side, or of one alone."""
        place = len(self.references)
        side = 0 if None not in (first, second) else FIRST if second is None else SECOND
        self.references.append((*reference[:5], side) if side else reference[:5])
        for places, own in zip(self.places, (first, second), strict=True):
            if own is not None:
                places[own] = place
        return place


@dataclass(frozen=True)
class _Merger:
    tables: Tables
    made: dict[int, tuple[int, int]] = field(default_factory=dict)
    """The merged definitions, each with those that it is made of."""

    def row(self, number: int) -> Row:
        """A definition."""
        return dict(self.tables.defs.rows[number])

    def merged(self, first: int, second: int) -> int:
        """The definition of two scopes that differ."""
        one, other = self.row(first), self.row(second)
        children = _Children()
        chain = tuple(self._chain(one, other, one["y"], other["y"], children))
        row = {
            **self._words(one, other),
            "c": tuple(children.references),
            "y": chain,
            "e": tuple(_edges(one, other, children)),
        }
        kept = tuple([(key, value) for key, value in row.items() if value not in NOTHING])
        number = self.tables.defs.number(kept)
        self.made[number] = first, second
        return number

    def opened(self, top: int) -> list[str]:
        """The boxes in which there are differences, by their places."""
        found: list[str] = []
        waiting: list[tuple[tuple[int, ...], int]] = [((), top)] if top in self.made else []
        while waiting:
            places, number = waiting.pop()
            for place, reference in enumerate(self.row(number)["c"]):
                if reference[0] in self.made:
                    found.append(".".join(map(str, (*places, place))))
                    waiting.append(((*places, place), reference[0]))
        return found

    def _words(self, one: Row, other: Row) -> Row:
        """What a box says of both: once where they say the same."""
        text = {
            key: _both(one.get(key, ""), other.get(key, ""), self.tables)
            for key in ("t", "b", "a", "s")
        }
        lines = one.get("l", ())
        if lines != other.get("l", ()):
            lines = tuple([" · ".join(each.get("l", ())) or "–" for each in (one, other)])
        said = Text(text["t"], text["b"], text["a"], lines)
        extent = text_extent(said)
        shapes = {
            key: tuple(self._shapes(one.get(key, ()), other.get(key, ()))) for key in ("i", "u")
        }
        counts = {key: _both(one.get(key, 0), other.get(key, 0), self.tables) for key in ("P", "M")}
        same = {key: one[key] for key in ("k", "B", "T") if one.get(key, 0) == other.get(key, 1)}
        return {
            "k": one["k"], **same, **text, **shapes, **counts, "l": lines,
            "z": (round(extent.width, 1), round(extent.height, 1)),
            "w": round(text_width(text["t"], LARGE, bold=True), 1),
            "sw": round(text_width(text["s"], SMALL), 1),
            "N": max(one.get("N", 0), other.get("N", 0)),
            "NN": (one.get("N", 0), other.get("N", 0)),
        }  # fmt: skip

    def _shapes(self, one: Sequence[int], other: Sequence[int]) -> Iterator[int]:
        for place in range(max(len(one), len(other))):
            pair = [each[place] for each in (one, other) if place < len(each)]
            yield self.tables.shape_of_both(pair[0], pair[-1])

    def _chain(
        self, one: Row, other: Row, parts: Sequence[Part], others: Sequence[Part], into: _Children
    ) -> Iterator[Part]:
        """The parts of two chains: equal ones, then what lies between them."""
        mine = [_key(one, part) for part in parts]
        for tag, a, b, c, d in _opcodes(mine, [_key(other, part) for part in others]):
            if tag == "equal":
                for part, twin in zip(parts[a:b], others[c:d], strict=True):
                    yield self._equal(one, part, twin, into)
            else:
                yield from self._alike(one, other, parts[a:b], others[c:d], into)

    def _alike(
        self, one: Row, other: Row, parts: Sequence[Part], others: Sequence[Part], into: _Children
    ) -> Iterator[Part]:
        """Between equal parts: scopes of one block are merged in their order, the rest is apart."""
        mine = [self._block(one, part) for part in parts]
        for tag, a, b, c, d in _opcodes(mine, [self._block(other, part) for part in others]):
            if tag == "equal":
                for part, twin in zip(parts[a:b], others[c:d], strict=True):
                    yield self._pair(one, other, part, twin, into)
            else:
                first = tuple(_moved(one, parts[a:b], into, FIRST))
                second = tuple(_moved(other, others[c:d], into, SECOND))
                yield ("p", (first, second), -1)

    def _pair(self, one: Row, other: Row, part: Part, twin: Part, into: _Children) -> Part:
        """A scope or a fork that both have, with differences in it."""
        if isinstance(part, int):
            reference, second = one["c"][part], other["c"][twin]
            return into.add((self.merged(reference[0], second[0]), *reference[1:]), part, twin)
        pairs = zip(part[1], twin[1], strict=True)
        branches = tuple([tuple(self._chain(one, other, *pair, into)) for pair in pairs])
        return ("p", branches, into.add(one["c"][part[2]], part[2], twin[2]))

    def _block(self, row: Row, part: Part) -> Hashable:
        """What scopes or forks that can be merged have in common; else equal to no other part."""
        if isinstance(part, int):
            inner = self.row(row["c"][part][0])
            block = inner.get("B") or inner["t"]
            return (inner["k"], block, bool(inner.get("n"))) if "c" in inner else object()
        is_joined = part[0] == "p" and part[2] >= 0
        return ("p", len(part[1]), row["c"][part[2]][0]) if is_joined else object()

    def _equal(self, one: Row, part: Part, twin: Part, into: _Children) -> Part:
        """A part that both have, with the places of both."""
        if isinstance(part, int):
            return into.add(one["c"][part], part, twin)
        if part[0] == "a":
            pairs = zip(part[1], twin[1], strict=True)
            return ("a", tuple([self._equal(one, a, b, into) for a, b in pairs]))
        branches = tuple(
            [
                tuple([self._equal(one, a, b, into) for a, b in zip(branch, its, strict=True)])
                for branch, its in zip(part[1], twin[1], strict=True)
            ]
        )
        join = -1 if part[2] < 0 else into.add(one["c"][part[2]], part[2], twin[2])
        return ("p", branches, join)


def _opcodes(
    first: Sequence[Hashable], second: Sequence[Hashable]
) -> list[tuple[str, int, int, int, int]]:
    """How one row becomes another: `(tag, i1, i2, j1, j2)`, as `difflib` has it."""
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return [*matcher.get_opcodes()]


def _key(row: Row, part: Part) -> Hashable:
    """What equal parts of chains have in common."""
    match part:
        case int():
            return ("c", row["c"][part][0])
        case ("a", chain):
            return ("a", *[_key(row, each) for each in chain])
        case (_, branches, join):
            inner = [tuple([_key(row, each) for each in branch]) for branch in branches]
            return ("p", *inner, -1 if join < 0 else row["c"][join][0])
    raise AssertionError(part)


def _moved(row: Row, parts: Sequence[Part], into: _Children, side: int) -> Iterator[Part]:
    """Parts that one network alone has."""

    def add(place: int) -> int:
        own = (place, None) if side == FIRST else (None, place)
        return into.add(row["c"][place], *own)

    for part in parts:
        match part:
            case int():
                yield add(part)
            case ("a", chain):
                yield ("a", tuple(_moved(row, chain, into, side)))
            case (_, branches, join):
                inner = tuple([tuple(_moved(row, each, into, side)) for each in branches])
                yield ("p", inner, -1 if join < 0 else add(join))


def _edges(one: Row, other: Row, children: _Children) -> Iterator[tuple[int, ...]]:
    """The tensors of both, each of them once; those of one alone are marked."""
    found: dict[tuple[int, int, int, int], list[int]] = {}
    for row, places, side in zip(
        (one, other), children.places, (ONLY_FIRST, ONLY_SECOND), strict=True
    ):
        ends: Mapping[int, int] = {**places, OUTSIDE: OUTSIDE}
        for source, port, target, to_port, *bits in row.get("e", ()):
            key = ends[source], port, ends[target], to_port
            found.setdefault(key, []).append((bits[0] if bits else 0) | side)
    for key, bits in found.items():
        both = bits[0] & bits[-1] if len(bits) > 1 else bits[0]
        yield (*key, both) if both else key


assert not BLIND & (ONLY_FIRST | ONLY_SECOND)
