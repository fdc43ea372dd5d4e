"""The largest batch that was found, and a table of what takes memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archdsl.analysis.training_memory import Step
from archdsl.backends.table.grid import Grid, Heading
from archdsl.backends.table.magnitude import Unit, abbreviated

if TYPE_CHECKING:
    from archdsl.backends.table.cells import Cell

MEANINGS = {
    "weights": "weights: and buffers, as layers read them",
    "master copies": "master copies: the float32 weights that the optimizer changes",
    "gradients": "gradients: those of weights, in float32",
    "optimizer states": "optimizer states: what the optimizer keeps from step to step",
    "saved tensors": "saved tensors: kept for backward at the end of forward",
    "results": "results: the most bytes of results in memory at once",
}
PEAK = (
    "peak: the most bytes that are there at once, {}; it is not the sum of the rows, which are not"
    " all there then"
)
NOT_COUNTED = (
    "not counted: what operations take while they run, what kernels of recurrent layers keep beside"
    " their results, and what an allocator adds"
)


@dataclass(frozen=True)
class Recomputing:
    """What it saves and costs to compute blocks again instead of keeping their results.

    `batch` and `peak` are without it: the largest batch then, and the bytes of a step with the
    batch that it allows. `macs` are computed again for every image, of `all_macs` forward.
    """

    blocks: tuple[str, ...]
    batch: int
    peak: int
    saved: int
    macs: int
    all_macs: int


@dataclass(frozen=True, repr=False)
class LargestBatch:
    """The largest `batch` that fits into `limit` bytes, and what takes them.

    `rows` are the bytes by what they are for; the last, `peak`, is the most that is there at once.
    One image more would take `above`.
    """

    network: str
    figure: str
    limit: int
    step: Step
    rows: Mapping[str, int]
    above: int
    when: str = ""
    recomputing: Recomputing | None = None

    @property
    def batch(self) -> int:
        """The number of images."""
        return self.step.batch

    @property
    def peak(self) -> int:
        """The most bytes that are there at once."""
        return self.rows["peak"]

    def __repr__(self) -> str:
        return f"LargestBatch({self.network!r}, {self.batch:,} images: {self.peak:,} bytes)"

    def _repr_html_(self) -> str:
        """The table, for notebooks."""
        from archdsl.backends.table import written

        return written("html", {"": self.grid()}, self.notes(units=True), units=True)

    set_option = ""
    """No parameter has another value."""

    def data(self, most: int | None = None) -> dict[str, object]:
        """What was found as JSON has it."""
        return {
            "network": self.network,
            **vars(self.step),
            "targets": {self.figure: self.limit},
            "memory_bytes": dict(self.rows),
            "above_bytes": self.above,
            "when": self.when,
            "recomputing": self.recomputing and vars(self.recomputing),
        }

    def grid(self, most: int | None = None) -> Grid:
        """A row for everything that takes memory, and the most that is there at once."""
        headings = [Heading("memory", "memory"), Heading("bytes", "bytes", True, "bytes")]
        rows: list[list[Cell]] = [[name, self.rows[name]] for name in self.rows if name != "peak"]
        return Grid(f"{self.network}, batch {self.batch:,}", headings, rows, ["peak", self.peak])

    def notes(self, most: int | None = None, units: bool = False) -> list[str]:
        """What the table means, with numbers in short where it has `units`."""
        limit, above = _said(self.limit, "bytes", units), _said(self.above, "bytes", units)
        lines = [
            f"largest batch within {limit}: {self.batch:,}; {self.batch + 1:,} would take {above}",
            PEAK.format(self.when) if self.when else "peak: the sum of both",
        ]
        lines += [MEANINGS[name] for name, size in self.rows.items() if name in MEANINGS and size]
        if self.recomputing:
            lines.append(_recomputing(self, self.recomputing, units))
        return [*lines, NOT_COUNTED]


def _recomputing(found: LargestBatch, without: Recomputing, units: bool) -> str:
    names = ", ".join(f"`{name}`" for name in without.blocks)
    share = 100 * without.macs / without.all_macs if without.all_macs else 0
    saved = _said(without.saved - found.rows["saved tensors"], "bytes", units)
    peak = _said(without.peak - found.peak, "bytes", units)
    macs = _said(without.macs, "multiply-adds", units)
    return (
        f"computing {names} again: with this batch it saves {saved} of saved tensors and {peak} of"
        f" the peak, and costs {macs} for every sample, {share:.0f} % of forward; without it the"
        f" largest batch is {without.batch:,}"
    )


def _said(number: int, unit: Unit, is_short: bool) -> str:
    """A number with its unit, exactly or in short."""
    if not is_short:
        return f"{number:,} {unit}"
    return abbreviated(number, unit) + (" multiply-adds" if unit == "multiply-adds" else "")
