"""Folding: which scopes are expanded, and what becomes one box."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby, islice

from archdsl.graph import Graph
from archdsl.outline.laws import Law, result
from archdsl.outline.pieces import DiagramScope, Piece, Step, common_path, scopes
from archdsl.outline.runs import Run, Runs, Strength

MOST_BOXES = 25
"""A figure of more boxes is no longer taken in at a glance."""


@dataclass(frozen=True)
class Cell:
    """A box: a step, a folded scope, or several pieces on one card.

    `scope` is what a card is all there is of; `around` are the open scopes from the outside in.
    `is_stretch` where the pieces have nothing in common but that they are neighbours.
    """

    pieces: tuple[Piece, ...]
    law: Law = field(default_factory=Law)
    is_parallel: bool = False
    scope: DiagramScope | None = None
    around: tuple[DiagramScope, ...] = ()
    is_stretch: bool = False

    @property
    def nodes(self) -> tuple[int, ...]:
        """The nodes of the graph that the box stands for, in order."""
        return tuple([node for piece in self.pieces for node in piece.nodes])

    @property
    def path(self) -> str:
        """The path of all that it holds."""
        return self.scope.path if self.scope else common_path(self.pieces)

    @property
    def steps(self) -> int:
        """The number of boxes that it hides."""
        return sum(1 if isinstance(piece, Step) else piece.steps for piece in self.pieces)


@dataclass(frozen=True)
class Folding:
    """A choice: the scopes that are open, those whose copies stay apart, and how runs are made."""

    opened: frozenset[DiagramScope]
    strength: Strength = Strength.LOOPS
    apart: frozenset[DiagramScope] = frozenset()


def cells(root: DiagramScope, folding: Folding, runs: Runs) -> list[Cell]:
    """The boxes of a network, from the first to the last."""
    return list(_cells(root, folding, runs, ()))


def whole(root: DiagramScope) -> Folding:
    """Everything open."""
    return Folding(frozenset(scopes(root)), Strength.NONE)


def to_depth(root: DiagramScope, depth: int) -> Folding:
    """Everything open that lies less than `depth` scopes deep; turns of loops are no level."""
    opened: set[DiagramScope] = set()
    waiting = [(root, 0)]
    while waiting:
        scope, level = waiting.pop()
        if level < depth:
            opened.add(scope)
            inner = [piece for piece in scope.pieces if isinstance(piece, DiagramScope)]
            waiting += [(each, level + (each.kind != "turn")) for each in inner]
    return Folding(frozenset(opened))


def automatic(
    root: DiagramScope, runs: Runs, limit: int = MOST_BOXES, kept: Collection[str] = ()
) -> list[Cell]:
    """The boxes of the folded view, at most `limit`; nothing is folded if that fits.

    Boxes whose path is `kept` stay apart from their neighbours as long as that fits.
    """
    folding = chosen(root, runs, limit)
    found = cells(root, folding, runs)
    return found if len(found) <= limit else _stretches(found, runs.graph, limit, kept)


def chosen(root: DiagramScope, runs: Runs, limit: int = MOST_BOXES) -> Folding:
    """The folding that shows most at one glance; it may still be too much."""
    if root.steps <= limit:
        return whole(root)
    for strength in (Strength.LOOPS, Strength.ALIKE, Strength.BLOCKS):
        folding = _widen(root, runs, strength, limit)
        found = _some(root, folding, runs, limit)
        if len(found) <= limit and not any(_hides_most(cell, root) for cell in found):
            return folding
    opened = frozenset(each for each in scopes(root) if _is_transparent(each))
    return Folding(opened, Strength.BLOCKS)


def _some(root: DiagramScope, folding: Folding, runs: Runs, limit: int) -> list[Cell]:
    """The boxes of a network; of more than a limit only so many that they are seen to be more."""
    return list(islice(_cells(root, folding, runs, ()), limit + 1))


def _cells(
    scope: DiagramScope, folding: Folding, runs: Runs, around: tuple[DiagramScope, ...]
) -> Iterator[Cell]:
    for run in _runs(scope, folding, runs):
        first = run.pieces[0]
        if len(run.pieces) > 1 or isinstance(first, Step):
            yield Cell(run.pieces, run.law, run.is_parallel, around=around)
        elif first in folding.opened:
            yield from _cells(first, folding, runs, (*around, first))
        else:
            yield replace(_closed(first, folding, runs), around=around)


def _runs(scope: DiagramScope, folding: Folding, runs: Runs) -> Iterator[Run]:
    """The runs of an open scope; a scope that is open within it is a copy of nothing."""
    strength = Strength.NONE if scope in folding.apart else folding.strength
    for is_open, pieces in groupby(scope.pieces, folding.opened.__contains__):
        yield from runs.of(tuple(pieces), Strength.NONE if is_open else strength)


def _closed(scope: DiagramScope, folding: Folding, runs: Runs) -> Cell:
    """A folded scope; one that holds nothing but copies is a card of these."""
    inner = runs.of(scope.pieces, folding.strength)
    if len(inner) == 1 and len(inner[0].pieces) > 1:
        return Cell(inner[0].pieces, inner[0].law, inner[0].is_parallel, scope)
    return Cell((scope,), runs.law((scope,)), scope=scope)


def _widen(root: DiagramScope, runs: Runs, strength: Strength, limit: int) -> Folding:
    """The scopes that are always expanded, then as many labels and stages as fit."""
    # Whoever opens a scope that is a box gets at least one for it: more never becomes less.
    turns = frozenset(each for each in scopes(root) if each.kind == "turn")
    opened = frozenset({root}) | (turns if strength < Strength.BLOCKS else frozenset())

    def open_too(more: frozenset[DiagramScope]) -> list[Cell]:
        return _some(root, Folding(opened | more, strength), runs, limit)

    while len(shown := open_too(opened)) <= limit:
        closed = [each for each in map(_lone, shown) if each and _is_transparent(each)]
        more = _first_fit(closed, limit, open_too)
        if not more:
            break
        opened |= more
    return Folding(opened, strength)


def _first_fit(
    closed: Sequence[DiagramScope],
    limit: int,
    trial: Callable[[frozenset[DiagramScope]], list[Cell]],
) -> frozenset[DiagramScope]:
    """All of the closed scopes, else those of one kind, whatever is the first to fit."""
    kinds = dict.fromkeys(scope.call.block if scope.call else None for scope in closed)
    groups = [closed, *[[s for s in closed if (s.call and s.call.block) is k] for k in kinds]]
    for group in groups:
        if group and len(trial(frozenset(group))) <= limit:
            return frozenset(group)
    return frozenset()


def _lone(cell: Cell) -> DiagramScope | None:
    """The scope that a box stands for, where it is neither a step nor a card."""
    (first, *others) = cell.pieces
    return first if isinstance(first, DiagramScope) and not others else None


def _is_transparent(scope: DiagramScope) -> bool:
    """Whether readers lose nothing where a scope is opened: a label, a turn or a stage."""
    return scope.kind != "block" or scope.repeats


def _hides_most(cell: Cell, root: DiagramScope) -> bool:
    scope = _lone(cell)
    return scope is not None and _is_transparent(scope) and 2 * scope.steps > root.steps


def _stretches(
    found: Sequence[Cell], graph: Graph, limit: int, kept: Collection[str]
) -> list[Cell]:
    """Boxes that follow each other put together: between stages, of one image size, then evenly."""
    stages = [cell for cell in found if cell.scope or len(cell.pieces) > 1 or cell.path in kept]
    named = [cell for cell in stages if cell.path in kept]
    of_size = partial(_size, graph=graph)
    for alone, key in (stages, of_size), (stages, None), (named, of_size), ([], of_size):
        by_size = _neighbours(found, alone, key)
        if len(by_size) <= limit:
            return list(map(_stretch, by_size))
    each = -(-len(by_size) // limit)
    parts = [by_size[start : start + each] for start in range(0, len(by_size), each)]
    return [_stretch([cell for group in part for cell in group]) for part in parts]


def _neighbours(
    found: Sequence[Cell], alone: Sequence[Cell], key: Callable[[Cell], object] | None
) -> list[list[Cell]]:
    """Boxes that follow each other and have one key, those that stay `alone` apart."""
    apart = {id(cell) for cell in alone}

    def told_by(cell: Cell) -> object:
        return id(cell) if id(cell) in apart else (key(cell) if key else None, "together")

    return [list(same) for _, same in groupby(found, told_by)]


def _size(cell: Cell, graph: Graph) -> object:
    return result(cell.pieces[-1], graph).positions


def _stretch(found: Sequence[Cell]) -> Cell:
    if len(found) == 1:
        return found[0]
    return Cell(tuple([piece for cell in found for piece in cell.pieces]), is_stretch=True)
