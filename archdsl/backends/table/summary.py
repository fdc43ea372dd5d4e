"""The summary of a network: one row for every layer, folded by block."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archdsl.analysis.cost import inference_params
from archdsl.analysis.pixels import usual_sizes
from archdsl.backends.table.cells import Cell, Data, data, layout
from archdsl.backends.table.columns import COLUMNS, PER_ROW, Figures
from archdsl.backends.table.grid import Grid
from archdsl.backends.table.rows import TableRow
from archdsl.contracts import input_channels
from archdsl.graph import Graph
from archdsl.ops.base import shape_text
from archdsl.work import long_work


@dataclass(frozen=True)
class Summary:
    """A network, and what to say of it."""

    figures: Figures
    columns: Sequence[str]

    @property
    def name(self) -> str:
        """The network's name."""
        return self.figures.graph.name

    @long_work()
    def grid(self) -> Grid:
        """The table, with the totals below it, and what they mean."""
        chosen = [(COLUMNS[name], name) for name in self.columns]
        headings = [each.head(name) for each, name in chosen]
        rows = [
            [_cell(self.figures, row, name) for name in self.columns] for row in self.figures.rows
        ]
        total: list[Cell] = [
            column.total(self.figures) if column.is_number or name in ("field", "stride") else ""
            for column, name in chosen
        ]
        if total and total[0] == "":
            total[0] = "total"
        remark = gives_numbers([self.figures.graph])
        return Grid(self._title(), headings, rows, total, self._notes(), remark=remark)

    def _title(self) -> str:
        graph = self.figures.graph
        inputs = [f"{name}: {shape_text(graph.shape(port))}" for name, port in graph.inputs.items()]
        return f"{graph.name} ({', '.join(inputs)})"

    def _notes(self) -> list[str]:
        notes = []
        own = inference_params(self.figures.costs)
        if "params" in self.columns and own != COLUMNS["params"].total(self.figures):
            notes.append(f"without heads that exist only in training: {own:,} params")
        if self.figures.unknown:
            notes.append(f"unknown, being classes of others: {', '.join(self.figures.unknown)}")
        return notes


def summarize(graph: Graph, depth: int, columns: Sequence[str], batch: int = 1) -> Summary:
    """The summary of a network; what lies more than `depth` names deep is folded into one row."""
    return Summary(Figures(graph, depth, batch), columns)


def gives_numbers(graphs: Iterable[Graph]) -> str:
    """What to do where formulas of open sizes are too long to read; empty where none is open."""
    sizes = {name: size for graph in graphs for name, size in usual_sizes(graph).items()}
    given = ",".join(f"{name}={size}" for name, size in sizes.items())
    return f"`--at {given}` gives numbers" if given else ""


def meanings(columns: Sequence[str], batch: int) -> list[str]:
    """One line for every column whose numbers follow a convention."""
    images = "one image" if batch == 1 else f"a batch of {batch}"
    lines = []
    for name in columns:
        column = COLUMNS[name]
        if column.is_number or name in ("field", "stride", "centres"):
            whose = f"; for {images}" if column.unit == "bytes" and name != "weights" else ""
            lines.append(f"{column.heading}: {column.meaning}{whose}")
    return lines


def descriptions(columns: Sequence[str]) -> dict[str, Data]:
    """For every field of JSON that a column gives, its unit and what it means."""
    return {
        COLUMNS[name].key(name): {"unit": COLUMNS[name].unit, "meaning": COLUMNS[name].meaning}
        for name in columns
        if name not in PER_ROW
    }


@long_work()
def as_data(summary: Summary) -> dict[str, Data]:
    """The summary as JSON has it; a size or cost that depends on a symbolic size is a string."""
    figures, graph = summary.figures, summary.figures.graph
    totals: dict[str, Data] = {}
    for name in [each for each in summary.columns if each not in (*PER_ROW, "centres")]:
        total = COLUMNS[name].total(figures)
        totals |= {COLUMNS[name].key(name): data(total), **layout(total)}
    if "params" in summary.columns:
        totals["inference_params"] = data(inference_params(figures.costs))
    if figures.unknown:
        totals["unknown"] = [*figures.unknown]
    shapes = {name: graph.shape(port) for name, port in graph.inputs.items()}
    inputs: Data = {name: data(shape) for name, shape in shapes.items()}
    layers: Data = [_layer(summary, row) for row in figures.rows]
    return {
        "name": graph.name,
        "inputs": inputs,
        **input_channels(shapes),
        **totals,
        "layers": layers,
    }


def _layer(summary: Summary, row: TableRow) -> dict[str, Data]:
    cells: dict[str, Data] = {"path": row.path, "op": row.op}
    for name in summary.columns:
        if name not in PER_ROW:
            column = COLUMNS[name]
            cell = column.of(summary.figures, row)
            cells |= {column.key(name): data(cell), **layout(cell)}
    return {**cells, "training_only": row.training_only}


def _cell(figures: Figures, row: TableRow, name: str) -> Cell:
    cell = COLUMNS[name].of(figures, row)
    return f"{cell} (training only)" if name == "op" and row.training_only else cell
