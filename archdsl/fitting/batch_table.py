"""What a batch takes, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archdsl.backends.table.grid import Grid, Heading

if TYPE_CHECKING:
    from archdsl.backends.table.cells import Cell
    from archdsl.fitting.batch import LargestBatch, Recomputing

MEANINGS = {
    "weights": "weights, and buffers: as layers read them",
    "master copies": "master copies: the float32 weights that the optimizer changes",
    "gradients": "gradients: those of weights, in float32",
    "optimizer states": "optimizer states: what the optimizer keeps from step to step",
    "saved tensors": "saved tensors: kept for backward at the end of forward",
}


def grid(found: LargestBatch) -> Grid:
    """A row for everything that takes memory, and the most that is there at once."""
    headings = [Heading("memory", "memory"), Heading("bytes", "bytes", True, "bytes")]
    rows: list[list[Cell]] = [[name, size] for name, size in found.rows.items() if name != "peak"]
    return Grid(f"{found.network}, batch {found.batch:,}", headings, rows, ["peak", found.peak])


def notes(found: LargestBatch) -> list[str]:
    """What the table means."""
    when = f", {found.when}" if found.when else ""
    lines = [
        f"largest batch within {found.limit:,} bytes: {found.batch:,};"
        f" {found.batch + 1:,} images take {found.above:,}",
        f"peak: the most bytes that are there at once{when}; not the sum of the rows, which are"
        " not all there then" if when else "peak: the sum of both",
    ]
    lines += [MEANINGS[name] for name, size in found.rows.items() if name in MEANINGS and when and size]
    if found.recomputing:
        lines.append(_recomputing(found, found.recomputing))
    lines.append("not counted: what operations take while they run, and what an allocator adds")
    return lines


def _recomputing(found: LargestBatch, without: Recomputing) -> str:
    names = ", ".join(f"`{name}`" for name in without.blocks)
    share = 100 * without.macs / without.all_macs if without.all_macs else 0
    return (
        f"computing {names} again saves {without.saved - found.rows['saved tensors']:,} bytes of"
        f" saved tensors and {without.peak - found.peak:,} of the peak, and costs"
        f" {without.macs:,} multiply-adds an image, {share:.0f} % of forward; without it the"
        f" largest batch is {without.batch:,}"
    )
