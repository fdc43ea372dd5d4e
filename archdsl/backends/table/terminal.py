"""Tables for terminals: no line is wider than the terminal, and none is broken by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from textwrap import wrap
from typing import Literal

from archdsl.backends.table.grid import Grid
from archdsl.shapes import shortened
from archdsl.source import printable

UNBOUNDED = 10_000
"""A width that no table has."""
NOTE_WIDTH = 100
"""The widest that the lines below a table become."""
GAP = 2
"""Between two columns."""
LEAST_KEY = 12
"""To how many columns at least a name is folded."""


def as_text(
    grids: Mapping[str, Grid], notes: Sequence[str], width: int | None, units: bool, color: bool
) -> str:
    """Tables of text, split into parts if they are wider than `width`."""
    tables = [_TerminalTable(grid, width or UNBOUNDED, units) for grid in grids.values()]
    remarks = dict.fromkeys(chain.from_iterable(table.remarks() for table in tables))
    lines = _wrapped([*notes, *remarks], width)
    return "\n".join(["\n".join(table.written(color) for table in tables), *lines, ""])


def _wrapped(texts: Sequence[str], width: int | None) -> list[str]:
    most = min(width or NOTE_WIDTH, NOTE_WIDTH)
    return [line for text in texts for line in wrap(text, most, subsequent_indent="  ")]


class _TerminalTable:
    """A table of text in one or more parts, each of which begins with the keys of the rows."""

    def __init__(self, grid: Grid, width: int, units: bool) -> None:
        self._grid = grid
        self._width = width
        # Nothing that stands in a cell can steer a terminal.
        self._whole = [list(map(printable, row)) for row in grid.texts(units)]
        self._whole.append(list(map(printable, grid.total_texts(units))))
        *self._rows, self._total = map(self._shortened, self._whole)
        self._columns = self._measured()
        self._parts = self._split()

    def remarks(self) -> list[str]:
        """Notes for a table that is split or has folded names."""
        found = []
        if self._grid.remark and [*self._rows, self._total] != self._whole:
            found.append(self._grid.remark)
        if len(self._parts) > 1:
            found.append(
                f"tables are split into parts of at most {self._width} columns, the width of the"
                " terminal; --columns selects what they show"
            )
        if any(self._needs(part) > self._width for part in self._parts):
            found.append("long names continue on the next line")
        return found

    def written(self, color: bool) -> str:
        """The title, all parts, and the notes."""
        # Rich takes a while to import, and only this function needs it.
        from rich.console import Console

        needed = max(map(self._least, self._parts))
        width = UNBOUNDED if self._width == UNBOUNDED else max(self._width, needed)
        system: Literal["standard"] | None = "standard" if color else None
        # With a height too, Rich asks no terminal for its size. In a notebook it would not capture.
        console = Console(
            width=width,
            height=1,
            color_system=system,
            no_color=not color,
            highlight=False,
            force_jupyter=False,
        )
        with console.capture() as capture:
            for number, part in enumerate(self._parts):
                if number:
                    console.print()
                console.print(self._part(part))
        title = wrap(printable(self._grid.title), self._width, subsequent_indent="  ")
        notes = _wrapped(self._grid.notes, self._width)
        lines = [*title, *capture.get().splitlines(), *notes]
        return "\n".join(line.rstrip() for line in lines) + "\n"

    def _shortened(self, line: Sequence[str]) -> list[str]:
        """A line of the table in which no formula is long."""
        heads = self._grid.headings[: len(line)]
        return [
            shortened(text) if heading.is_number else text
            for heading, text in zip(heads, line, strict=True)
        ]

    def _measured(self) -> list[int]:
        """How many columns of a terminal every column of the table takes."""
        from rich.cells import cell_len

        heads = [heading.text for heading in self._grid.headings]
        lines = [heads, *self._rows, *filter(None, [self._total])]
        return [max(map(cell_len, column)) for column in zip(*lines, strict=True)]

    def _needs(self, part: Sequence[int]) -> int:
        return sum(self._columns[index] for index in part) + GAP * (len(part) - 1)

    def _least(self, part: Sequence[int]) -> int:
        """The least width of a part whose names are folded, and its numbers are not."""
        numbers = [index for index in part if self._grid.headings[index].is_number]
        names = [min(self._columns[index], LEAST_KEY) for index in part if index not in numbers]
        return sum(names) + sum(self._columns[index] for index in numbers) + GAP * (len(part) - 1)

    def _split(self) -> list[list[int]]:
        """The columns of every part: as many as fit, but at least one besides the keys."""
        keys = list(range(self._grid.keys))
        parts = [keys.copy()]
        for index in range(self._grid.keys, len(self._columns)):
            if len(parts[-1]) > len(keys) and self._needs([*parts[-1], index]) > self._width:
                parts.append(keys.copy())
            parts[-1].append(index)
        return parts

    def _part(self, part: Sequence[int]) -> object:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
        for heading in [self._grid.headings[index] for index in part]:
            if heading.is_number:
                table.add_column(heading.text, justify="right", no_wrap=True)
            else:
                table.add_column(heading.text, overflow="fold")
        for row in self._rows:
            table.add_row(*[Text(row[index]) for index in part])
        if self._total:
            table.add_section()
            table.add_row(*[Text(self._total[index]) for index in part], style="bold")
        return table
