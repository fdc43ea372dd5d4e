"""A table of any kind, written for people as text or Markdown, and for programs as CSV."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from textwrap import wrap
from typing import TYPE_CHECKING, Literal

from archdsl.backends.table.cells import Cell, plain, shown

if TYPE_CHECKING:
    from rich.table import Table


WIDTH = 100
"""The columns of the lines below a table."""


@dataclass(frozen=True)
class Heading:
    """The head of a column, and its name for programs; numbers stand to the right."""

    text: str
    key: str
    is_number: bool = False


@dataclass(frozen=True)
class Grid:
    """A table: `total` is its last row, `notes` are lines that explain it."""

    title: str
    headings: Sequence[Heading]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()
    notes: Sequence[str] = ()


def written(form: str, grids: Mapping[str, Grid], notes: Sequence[str], color: bool = False) -> str:
    """Tables by the name of their network, as `text`, `md` or `csv`; `notes` are for all."""
    if form == "csv":
        return _as_csv(grids)
    if not grids:
        return ""
    if form == "md":
        tables = "\n".join(map(_as_markdown, grids.values()))
        return "\n".join([tables, *[f"- {note}" for note in notes], ""])
    lines = [line for note in notes for line in wrap(note, WIDTH, subsequent_indent="  ")]
    tables = "\n".join(_as_text(grid, color) for grid in grids.values())
    return "\n".join([tables, *lines, ""])


def _as_text(grid: Grid, color: bool) -> str:
    """A table of text, as wide as it has to be."""
    # Rich takes a while to import, and only this function needs it.
    from rich.console import Console

    system: Literal["standard"] | None = "standard" if color else None
    console = Console(width=10_000, color_system=system, no_color=not color, highlight=False)
    with console.capture() as capture:
        console.print(_table(grid))
    lines = [*filter(None, [grid.title]), *capture.get().splitlines(), *grid.notes]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _as_markdown(grid: Grid) -> str:
    rules = ["--:" if heading.is_number else "---" for heading in grid.headings]
    rows = [[_escaped(shown(cell)) for cell in row] for row in grid.rows]
    if grid.total:
        total = [_escaped(shown(cell)) for cell in grid.total]
        rows.append([f"**{text}**" if text else "" for text in total])
    lines = [[heading.text for heading in grid.headings], rules, *rows]
    table = [f"| {' | '.join(line)} |" for line in lines]
    notes = [f"\n{note}" for note in grid.notes]
    title = [f"**{_escaped(grid.title)}**", ""] if grid.title else []
    return "\n".join([*title, *table, *notes]) + "\n"


def _as_csv(grids: Mapping[str, Grid]) -> str:
    """Tables with the same columns as one, whose first column is the network; without totals."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for number, (name, grid) in enumerate(grids.items()):
        if number == 0:
            writer.writerow(["network", *[heading.key for heading in grid.headings]])
        writer.writerows([name, *map(plain, row)] for row in grid.rows)
    return out.getvalue()


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")


def _table(grid: Grid) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in grid.headings:
        table.add_column(heading.text, justify="right" if heading.is_number else "left")
    for row in grid.rows:
        table.add_row(*[Text(shown(cell)) for cell in row])
    if grid.total:
        table.add_section()
        table.add_row(*[Text(shown(cell)) for cell in grid.total], style="bold")
    return table
