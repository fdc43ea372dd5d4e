"""Insets: what is inside of the blocks that a picture folds, one for every kind of copy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from archdsl.backends.diagram.compose import compose
from archdsl.backends.diagram.view import View
from archdsl.graph import Port
from archdsl.outline.fold import Cell, automatic
from archdsl.outline.kinds import Kind, kind
from archdsl.outline.labels import Wording, end_of
from archdsl.outline.pieces import DiagramScope
from archdsl.outline.reader import Outline
from archdsl.tree import Block

MOST_BOXES = 16
"""Maximum number of boxes in an inset before its blocks are folded too."""
MOST_KINDS = 2
"""Maximum number of kinds of copies shown for one block, the most frequent first."""


@dataclass(frozen=True, eq=False)
class Inset:
    """The inside of a block; `weight` is the number of boxes that are folded into its copies."""

    view: View
    weight: int


def insets(outline: Outline, cells: Sequence[Cell], wording: Wording) -> list[Inset]:
    """The inside of every block that is folded, each kind once; of one in an inset as well.

    One that is too large to tell anything is left out.
    """
    found: list[Inset] = []
    known: set[Block | str] = set()
    waiting = list(cells)
    while waiting:
        copies: dict[Block | str, list[DiagramScope]] = {}
        for scope in _folded(waiting):
            copies.setdefault(scope.call.block if scope.call else scope.name, []).append(scope)
        waiting = []
        for name in [each for each in copies if each not in known]:
            known.add(name)
            for alike, title in _kinds(copies[name], outline):
                inner = automatic(alike[0], outline.runs, MOST_BOXES)
                if not any(cell.is_stretch for cell in inner):
                    found.append(_inset(alike, title, inner, outline, wording))
                    waiting += inner
    return found


def _inset(
    alike: Sequence[DiagramScope],
    title: str,
    inner: Sequence[Cell],
    outline: Outline,
    wording: Wording,
) -> Inset:
    """The inside of the first of some copies that are alike."""
    scope = alike[0]
    results = dict(scope.results) or {"output": scope.nodes[-1]}
    outputs = {name: Port(node) for name, node in results.items()}
    shown = compose(scope, outline, inner, outputs, wording)
    name = wording.names.get(scope.path, title)
    return Inset(replace(shown, name=name), sum(each.steps for each in alike))


def _kinds(
    copies: Sequence[DiagramScope], outline: Outline
) -> Iterator[tuple[list[DiagramScope], str]]:
    """The copies of one block by their kinds, each with what is written above it."""
    kinds: dict[Kind, list[DiagramScope]] = {}
    for scope in copies:
        kinds.setdefault(kind(scope, outline.graph), []).append(scope)
    most = Counter({each: len(alike) for each, alike in kinds.items()}).most_common(MOST_KINDS)
    for each in [each for each in kinds if each in dict(most)]:
        first, *others = kinds[each]
        which = end_of(first.path) if first.path != first.name else ""
        which += f" and {len(others)} more" if others and len(kinds) > 1 else ""
        yield kinds[each], f"{first.name} ({which})" if which else first.name


def _folded(cells: Iterable[Cell]) -> Iterator[DiagramScope]:
    """The scopes that are folded, copies apart."""
    for cell in cells:
        if not cell.is_stretch:
            yield from [piece for piece in cell.pieces if isinstance(piece, DiagramScope)]
