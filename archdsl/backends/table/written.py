"""Tables in every form that people and programs read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from archdsl.backends.table.grid import Grid
from archdsl.backends.table.markup import WRITERS
from archdsl.backends.table.terminal import as_text

TableForm: TypeAlias = Literal["text", "md", "tex", "html", "csv"]
"""What a table is written as."""


def written(
    form: TableForm,
    grids: Mapping[str, Grid],
    notes: Sequence[str],
    color: bool = False,
    *,
    width: int | None = None,
    units: bool = False,
) -> str:
    """Tables by the name of their network, as `text`, `md`, `tex`, `html` or `csv`.

    `notes` are for all. Text stays within `width` columns, if there is a width; `units` writes
    25.6 M for 25,557,032, and bytes in KiB, MiB and GiB.
    """
    if not grids:
        return ""
    if form == "text":
        return as_text(grids, notes, width, units, color)
    return WRITERS[form](grids, notes, units)
