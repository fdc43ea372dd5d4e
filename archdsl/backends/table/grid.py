"""A table of any kind: its headings and cells, and what all forms of it have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archdsl.backends.table.cells import Cell, shown
from archdsl.backends.table.magnitude import Unit


@dataclass(frozen=True)
class Heading:
    """The head of a column, and its name for programs; numbers stand to the right."""

    text: str
    key: str
    is_number: bool = False
    unit: Unit = ""


@dataclass(frozen=True)
class Grid:
    """A table: `total` is its last row, `notes` are lines that explain it.

    The first `keys` columns tell the rows apart. `remark` is for texts in which formulas are cut.
    """

    title: str
    headings: Sequence[Heading]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()
    notes: Sequence[str] = ()
    keys: int = 1
    remark: str = ""

    def texts(self, units: bool) -> list[list[str]]:
        """The cells of all rows as people read them; `units` abbreviates large numbers."""
        return [self._line(row, units) for row in self.rows]

    def total_texts(self, units: bool) -> list[str]:
        """The last row in the same way; empty without one."""
        return self._line(self.total, units)

    def _line(self, row: Sequence[Cell], units: bool) -> list[str]:
        return [
            shown(cell, heading.unit if units else None)
            for heading, cell in zip(self.headings, row, strict=False)
        ]
