"""Networks side by side, and what changes from one to another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from archdsl.analysis.cost import depth as depth_of
from archdsl.analysis.cost import families
from archdsl.backends.table.arguments import argument_changes, arguments_data, arguments_notes
from archdsl.backends.table.cells import Cell, Data, data, layout
from archdsl.backends.table.columns import COLUMNS, Figures
from archdsl.backends.table.difference import EFFECTS, changes, changes_data, changes_grid
from archdsl.backends.table.grid import Grid, Heading
from archdsl.backends.table.summary import descriptions, gives_numbers, meanings
from archdsl.backends.table.written import TableForm
from archdsl.graph import Graph
from archdsl.work import long_work

USUAL = ("params", "macs", "weights", "saved", "live", "field", "stride", "depth", "families")
"""The columns of a comparison unless others are asked for."""
COMPARED = ("output", *USUAL[:3], "activations", *USUAL[3:])
"""All columns that a comparison may have: totals of the summary's, and two of its own."""
OWN = {
    "depth": "depth: number of trainable convolutions and linear layers on the longest path in"
    " inference",
    "families": "the other columns: number of layers of each family, in inference",
}
"""The columns that the summary does not have, and what they mean."""


@dataclass(frozen=True)
class NetworkComparison:
    """Several networks by their labels.

    `columns` are figures of whole networks, `effects` those of the layers that change.
    """

    networks: Mapping[str, Figures]
    columns: Sequence[str]
    effects: Sequence[str]

    @classmethod
    def of(
        cls,
        graphs: Mapping[str, Graph],
        depth: int,
        batch: int,
        columns: Sequence[str] | None = None,
    ) -> NetworkComparison:
        """Networks folded as in the summary; bytes are for a batch."""
        networks = {label: Figures(graph, depth, batch) for label, graph in graphs.items()}
        if columns is None:
            return cls(networks, USUAL, EFFECTS)
        return cls(networks, columns, [name for name in columns if name in EFFECTS])

    @property
    def batch(self) -> int:
        """The number of images that bytes are for."""
        return next((figures.batch for figures in self.networks.values()), 1)

    def notes(self) -> list[str]:
        """One line for every column whose numbers follow a convention."""
        own = [OWN[name] for name in self.columns if name in OWN]
        return [*meanings(self._figures, self.batch), *own]

    @long_work()
    def grids(self, form: TableForm) -> dict[str, Grid]:
        """The tables of a form: of two networks that of their difference too, but for CSV."""
        headings, rows = self._headings(), self._rows()
        if form == "csv":
            return {label: Grid("", headings, [row]) for label, row in rows.items()}
        whole = [Heading("network", "network"), *headings]
        remark = gives_numbers(figures.graph for figures in self.networks.values())
        cells = [[label, *row] for label, row in rows.items()]
        grids = {"": Grid("", whole, cells, remark=remark)}
        if len(rows) == 2:
            grids["difference"] = self._difference(*self.networks)
        return grids

    def total(self, column: str) -> dict[str, Cell]:
        """A figure of every network, by its label."""
        return {label: COLUMNS[column].total(figures) for label, figures in self.networks.items()}

    @long_work()
    def data(self) -> dict[str, Data]:
        """The comparison as JSON has it; of two networks the difference too."""
        networks: Data = [self._data(label) for label in self.networks]
        found: dict[str, Data] = {
            "columns": {**descriptions(self._figures)},
            "networks": networks,
        }
        if len(self.networks) == 2:
            first, second = self.networks.values()
            found["difference"] = changes_data(changes(first, second, self.effects), self.effects)
            found["arguments"] = arguments_data(argument_changes(first, second))
        return found

    def _difference(self, first: str, second: str) -> Grid:
        before, after = self.networks[first], self.networks[second]
        notes = arguments_notes(argument_changes(before, after))
        found = changes(before, after, self.effects)
        return changes_grid(f"from {first} to {second}", found, self.effects, notes)

    @property
    def _figures(self) -> list[str]:
        return [name for name in self.columns if name not in OWN]

    @cached_property
    def _families(self) -> list[str]:
        return sorted(
            {family for figures in self.networks.values() for family in families(figures.costs)}
        )

    def _headings(self) -> list[Heading]:
        return [heading for name in self.columns for heading in self._heads(name)]

    def _heads(self, name: str) -> Iterator[Heading]:
        """The heads of a column, of which families are several."""
        if name == "families":
            yield from [Heading(each, each, is_number=True) for each in self._families]
        elif name in OWN:
            yield Heading(name, name, is_number=True)
        else:
            yield COLUMNS[name].head(name)

    def _rows(self) -> dict[str, Sequence[Cell]]:
        return {
            label: [cell for name in self.columns for cell in self._cells(name, figures)]
            for label, figures in self.networks.items()
        }

    def _cells(self, name: str, figures: Figures) -> list[Cell]:
        match name:
            case "families":
                count = families(figures.costs)
                return [count.get(family, 0) for family in self._families]
            case "depth":
                return [depth_of(figures.costs)]
        return [COLUMNS[name].total(figures)]

    def _data(self, label: str) -> dict[str, Data]:
        figures = self.networks[label]
        found: dict[str, Data] = {"name": label}
        for name in self.columns:
            if name == "families":
                found[name] = {**families(figures.costs)}
            else:
                (cell,) = self._cells(name, figures)
                key = name if name in OWN else COLUMNS[name].key(name)
                found |= {key: data(cell), **layout(cell)}
        return found
