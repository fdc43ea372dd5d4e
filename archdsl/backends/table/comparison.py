"""Networks side by side, and what changes from one to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archdsl.analysis.cost import depth as depth_of
from archdsl.analysis.cost import families
from archdsl.backends.table.cells import Cell, Data, data
from archdsl.backends.table.columns import COLUMNS, Costs
from archdsl.backends.table.difference import changes, changes_data, changes_grid
from archdsl.backends.table.grid import Grid, Heading, written
from archdsl.backends.table.summary import descriptions, meanings
from archdsl.graph import Graph

FIGURES = ("params", "macs", "weights", "saved", "live", "field", "stride")
"""The columns of the summary whose totals are compared."""
DEPTH = "depth: the convolutions and linear layers that learn on the longest path in inference"
FAMILIES = "the other columns: how many layers there are of a family, in inference"


@dataclass(frozen=True)
class NetworkComparison:
    """Several networks by their labels."""

    networks: Mapping[str, Costs]

    @classmethod
    def of(cls, graphs: Mapping[str, Graph], depth: int, batch: int) -> NetworkComparison:
        """Networks folded as in the summary; bytes are for a batch."""
        return cls({label: Costs(graph, depth, batch) for label, graph in graphs.items()})

    @property
    def batch(self) -> int:
        """The number of images that bytes are for."""
        return next((costs.batch for costs in self.networks.values()), 1)

    def written(self, form: str, color: bool = False) -> str:
        """The comparison as `text`, `md` or `csv`."""
        headings, rows = self._headings(), self._rows()
        if form == "csv":
            return written(form, {label: Grid("", headings, [rows[label]]) for label in rows}, [])
        notes = [*meanings(FIGURES, self.batch), DEPTH, FAMILIES]
        whole = [Heading("network", "network"), *headings]
        grids = {"": Grid("", whole, [[label, *row] for label, row in rows.items()])}
        if len(rows) == 2:
            first, second = self.networks
            found = changes(self.networks[first], self.networks[second])
            grids["difference"] = changes_grid(first, second, found)
        return written(form, grids, notes, color)

    def total(self, column: str) -> dict[str, Cell]:
        """A figure of every network, by its label."""
        return {label: COLUMNS[column].total(costs) for label, costs in self.networks.items()}

    def data(self) -> dict[str, Data]:
        """The comparison as JSON has it; of two networks the difference too."""
        networks: Data = [self._data(label) for label in self.networks]
        found: dict[str, Data] = {"columns": {**descriptions(FIGURES)}, "networks": networks}
        if len(self.networks) == 2:
            found["difference"] = changes_data(changes(*self.networks.values()))
        return found

    def _families(self) -> list[str]:
        return sorted(
            {family for costs in self.networks.values() for family in families(costs.graph)}
        )

    def _headings(self) -> list[Heading]:
        columns = [(COLUMNS[name], name) for name in FIGURES]
        figures = [Heading(each.heading, each.key(name), each.is_number) for each, name in columns]
        counts = [Heading(family, family, is_number=True) for family in self._families()]
        return [*figures, Heading("depth", "depth", is_number=True), *counts]

    def _rows(self) -> dict[str, Sequence[Cell]]:
        rows: dict[str, Sequence[Cell]] = {}
        for label, costs in self.networks.items():
            count = families(costs.graph)
            counts = [count.get(family, 0) for family in self._families()]
            rows[label] = [*_figures(costs).values(), depth_of(costs.graph), *counts]
        return rows

    def _data(self, label: str) -> dict[str, Data]:
        costs = self.networks[label]
        figures = {COLUMNS[name].key(name): data(cell) for name, cell in _figures(costs).items()}
        counts: Data = {**families(costs.graph)}
        return {"name": label, **figures, "depth": depth_of(costs.graph), "families": counts}


def _figures(costs: Costs) -> dict[str, Cell]:
    return {name: COLUMNS[name].total(costs) for name in FIGURES}
