"""Text that all boxes of one block share, so that each can show only what differs."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

from archdsl.outline.fold import Cell
from archdsl.outline.pieces import DiagramScope


def common(cells: Sequence[Cell]) -> list[frozenset[str] | None]:
    """For every cell what all cells of its block share; None where it is the only one."""
    shared = by_block(cells)
    return [shared[block_of(cell)] for cell in cells]


def by_block(cells: Iterable[Cell]) -> Mapping[Hashable, frozenset[str] | None]:
    """What all cells of a block share; None where there is only one."""
    groups: dict[Hashable, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(block_of(cell), []).append(cell)
    return {block: _shared(alike) for block, alike in groups.items()}


def _shared(alike: Sequence[Cell]) -> frozenset[str] | None:
    if len(alike) == 1:
        return None
    first, *others = [frozenset(cell.law.shared) for cell in alike]
    return first.intersection(*others)


def block_of(cell: Cell) -> Hashable:
    """The block that a cell stands for; a cell of none is alone."""
    first = cell.pieces[0]
    if isinstance(first, DiagramScope) and not cell.is_stretch:
        return first.call.block if first.call else first.name
    return cell
