"""The difference of two networks: removed and added layers, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archdsl.backends.table.alignment import aligned
from archdsl.backends.table.cells import Cell, Data, Effect, data, layout, shown
from archdsl.backends.table.columns import COLUMNS, Figures, output_of
from archdsl.backends.table.grid import Grid, Heading
from archdsl.backends.table.rows import TableRow
from archdsl.ops.base import shape_text
from archdsl.shapes import UNKNOWN, Unknown

EFFECTS = ("params", "macs", "weights", "activations", "saved")
"""The figures that add up over the layers of a network."""


@dataclass(frozen=True)
class Change:
    """A row that only one of two networks has, and what it adds to each figure, or takes away.

    `sign` is `-` for the first network and `+` for the second.
    """

    sign: str
    path: str
    op: str
    output: Cell
    effects: tuple[Cell, ...]


def changes(first: Figures, second: Figures, effects: Sequence[str]) -> list[Change]:
    """The rows in which two networks differ, with `effects`, some of `EFFECTS`.

    Rows differ in path, layers, shapes, or any of `effects`: in nothing that is not shown.
    """
    paths, others = ([*_numbered(figures.rows)] for figures in (first, second))
    found: list[Change] = []
    for stretch in aligned(paths, others):
        before, after = first.rows[stretch.first], second.rows[stretch.second]
        if not stretch.is_equal:
            found += [_change("-", first, row, effects) for row in before]
            found += [_change("+", second, row, effects) for row in after]
            continue
        for row, other in zip(before, after, strict=True):
            if _sign(first, row, effects) != _sign(second, other, effects):
                found += [_change("-", first, row, effects), _change("+", second, other, effects)]
    return found


def _numbered(rows: Iterable[TableRow]) -> Iterator[tuple[str, int]]:
    """The paths of rows; that of a shared layer is there once for every use."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row.path] += 1
        yield row.path, counts[row.path]


def changes_grid(
    title: str, found: Sequence[Change], effects: Sequence[str], notes: Sequence[str]
) -> Grid:
    """The changes as a table in the form of a `diff`, with their sums below."""
    headings = [Heading(text, text) for text in ("", "layer", "op", "output")]
    headings += [COLUMNS[name].head(name) for name in effects]
    rows = [[c.sign, c.path, c.op, c.output, *map(_signed, c.effects)] for c in found]
    sums = [_sum([change.effects[index] for change in found]) for index in range(len(effects))]
    total: list[Cell] = ["", "change", "", "", *map(_signed, sums)] if effects else []
    return Grid(title, headings, rows, total, notes, keys=2)


def changes_data(found: Sequence[Change], effects: Sequence[str]) -> Data:
    """The changes as JSON has them."""
    return [
        {
            "change": change.sign,
            "path": change.path,
            "op": change.op,
            "output": data(change.output),
            **layout(change.output),
            **{
                COLUMNS[name].key(name): data(effect)
                for name, effect in zip(effects, change.effects, strict=True)
            },
        }
        for change in found
    ]


def _sign(figures: Figures, row: TableRow, effects: Sequence[str]) -> list[str]:
    """The key of a row: its layers with their sizes, and its figures."""
    layers = [f"{node.op}{shape_text(node.shape)}" for node in figures.nodes(row)]
    return [row.op, *layers, *map(shown, _figures(figures, row, effects))]


def _figures(figures: Figures, row: TableRow, names: Sequence[str]) -> list[Cell]:
    # What exists only in training has no part in the multiply-adds of a network.
    return [
        0 if row.training_only and name == "macs" else COLUMNS[name].of(figures, row)
        for name in names
    ]


def _change(sign: str, figures: Figures, row: TableRow, names: Sequence[str]) -> Change:
    cells = _figures(figures, row, names)
    effects = [_opposite(cell) for cell in cells] if sign == "-" else cells
    nodes = figures.nodes(row)
    op = str(nodes[0].op) if len(nodes) == 1 and nodes[0].op else row.op
    return Change(sign, row.path, op, output_of(figures.graph, row), tuple(effects))


def _opposite(cell: Cell) -> Cell:
    return -cell if isinstance(cell, int | Unknown) else f"-({cell})"


def _sum(cells: Sequence[Cell]) -> Cell:
    """The change of a figure; empty if it depends on symbolic sizes."""
    if any(isinstance(cell, Unknown) for cell in cells):
        return UNKNOWN
    numbers = [cell for cell in cells if isinstance(cell, int)]
    return sum(numbers) if len(numbers) == len(cells) else ""


def _signed(cell: Cell) -> Cell:
    return Effect(cell) if isinstance(cell, int) else cell
