"""Insets: what is inside of the blocks that a picture folds, one for every block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archdsl.backends.diagram.fold import Cell, automatic
from archdsl.backends.diagram.outline import Outline
from archdsl.backends.diagram.pieces import DiagramScope
from archdsl.backends.diagram.view import View, view
from archdsl.graph import Port
from archdsl.tree import Block

MOST_BOXES = 16
"""So many boxes an inset may have before blocks in it are folded as well."""


@dataclass(frozen=True, eq=False)
class Inset:
    """The inside of a block; `weight` is the number of boxes that are folded into its copies."""

    view: View
    weight: int


def insets(outline: Outline, cells: Sequence[Cell]) -> list[Inset]:
    """The inside of every block that is folded, each once; of one in an inset as well.

    One that is too large to tell anything is left out.
    """
    found: list[Inset] = []
    known: set[Block | str] = set()
    waiting = list(cells)
    while waiting:
        copies: dict[Block | str, list[DiagramScope]] = {}
        for scope in _folded(waiting):
            name = scope.call.block if scope.call else scope.name
            copies.setdefault(name, []).append(scope)
        waiting = []
        for name in [each for each in copies if each not in known]:
            known.add(name)
            scope = _typical(copies[name])
            inner = automatic(scope, outline.graph, MOST_BOXES)
            if any(cell.is_stretch for cell in inner):
                continue
            shown = view(scope, outline, inner, {"output": Port(scope.nodes[-1])})
            found.append(Inset(shown, sum(each.steps for each in copies[name])))
            waiting += inner
    return found


def _folded(cells: Iterable[Cell]) -> Iterator[DiagramScope]:
    """The scopes that are folded, copies apart."""
    for cell in cells:
        if not cell.is_stretch:
            yield from [piece for piece in cell.pieces if isinstance(piece, DiagramScope)]


def _typical(copies: Sequence[DiagramScope]) -> DiagramScope:
    """The first of the copies that are as most are, by the number of their boxes."""
    sizes = Counter(scope.steps for scope in copies)
    steps, _ = max(sizes.items(), key=lambda item: (item[1], item[0]))
    return next(scope for scope in copies if scope.steps == steps)
