"""The columns: figures of a row of a network, and of the network as a whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from archdsl.analysis import memory
from archdsl.analysis.cost import (
    behind_foreign,
    foreign_nodes,
    macs,
    macs_of,
    params,
    params_of,
    total,
    weight_bytes,
    weight_bytes_of,
)
from archdsl.analysis.layer_costs import Amount, Costs, Number
from archdsl.analysis.memory import Largest, largest
from archdsl.analysis.receptive_field import Field, fields, last_image
from archdsl.backends.table.cells import Cell, Named, Pixels, Seen
from archdsl.backends.table.grid import Heading
from archdsl.backends.table.magnitude import Unit
from archdsl.backends.table.rows import TableRow, rows_of
from archdsl.diagnostics import suggestion
from archdsl.graph import Graph, Node
from archdsl.shapes import UNKNOWN, Unknown

NO_FIELD = Seen((), ())
NO_PIXELS = Pixels(())


@dataclass
class Figures:
    """A network in rows, with all figures of its layers; each kind is counted when it is read."""

    graph: Graph
    depth: int
    batch: int = 1

    @cached_property
    def _rows(self) -> tuple[list[TableRow], dict[int, str]]:
        return rows_of(self.graph, self.depth)

    @property
    def rows(self) -> list[TableRow]:
        """The rows, in the order of evaluation."""
        return self._rows[0]

    @cached_property
    def costs(self) -> Costs:
        """What every layer costs."""
        return Costs(self.graph)

    @cached_property
    def activations(self) -> dict[int, Amount]:
        """Bytes by node."""
        return memory.activations(self.costs, self.batch)

    @cached_property
    def saved(self) -> dict[int, Amount]:
        """Bytes by node."""
        return memory.saved(self.costs, self.batch)

    @cached_property
    def live(self) -> dict[int, Amount]:
        """Bytes by node."""
        return memory.live(self.costs, self.batch)

    @cached_property
    def _fields(self) -> dict[int, Field]:
        return fields(self.costs)

    def nodes(self, row: TableRow) -> list[Node]:
        """The layers that are folded into a row."""
        return [self.graph[id] for id in row.nodes]

    @cached_property
    def _without_field(self) -> set[int]:
        return behind_foreign(self.costs)

    def has_field(self, id: int | None) -> bool:
        """Whether anything is known of the field of a node: it is behind nobody else's class."""
        return id not in self._without_field

    @property
    def unknown(self) -> list[str]:
        """The paths of the layers that are somebody else's classes, whose costs nobody knows."""
        return [self.path(node.id) or "" for node in foreign_nodes(self.costs)]

    def field(self, id: int | None) -> Field | None:
        """The field of a node; None where it reads no image."""
        found = self._fields.get(-1 if id is None else id)
        return found if found and any(found.size) else None

    def path(self, id: int | None) -> str | None:
        """The path of a layer, by its node."""
        return None if id is None else self._rows[1].get(id) or self.graph[id].path


@dataclass(frozen=True)
class Column:
    """One thing to say: `meaning` tells what it is, in `unit`, and by which convention."""

    heading: str
    meaning: str
    of: Callable[[Figures, TableRow], Cell]
    total: Callable[[Figures], Cell] = lambda figures: None
    unit: Unit = ""

    def head(self, name: str) -> Heading:
        """Its head in a table; `name` is what it is asked for by."""
        return Heading(self.heading, self.key(name), self.is_number, self.unit)

    @property
    def is_number(self) -> bool:
        """Whether its cells stand to the right."""
        return bool(self.unit)

    def key(self, name: str) -> str:
        """Its name in JSON and CSV, which tells bytes."""
        return f"{name}_bytes" if self.unit == "bytes" else name


def _sum_of(numbers: Mapping[int, Amount], nodes: Iterable[int]) -> Amount:
    return total(numbers[id] for id in nodes)


def _largest_of(numbers: Mapping[int, Amount], nodes: Iterable[int]) -> Amount | Largest:
    return largest(numbers[id] for id in nodes if id in numbers)


def _params(figures: Figures, row: TableRow) -> Number:
    return params_of(figures.costs, row.nodes)


def _macs(figures: Figures, row: TableRow) -> Amount:
    return macs_of(figures.costs, row.nodes)


def _seen(figures: Figures, id: int | None) -> Seen | Unknown:
    if not figures.has_field(id):
        return UNKNOWN
    field = figures.field(id)
    return Seen(field.size, tuple(map(figures.path, field.whole))) if field else NO_FIELD


def _stride(figures: Figures, id: int | None) -> Pixels | Unknown:
    if not figures.has_field(id):
        return UNKNOWN
    field = figures.field(id)
    return Pixels(field.stride) if field and None in field.whole else NO_PIXELS


def _apart(figures: Figures, row: TableRow) -> Pixels | Unknown:
    """The largest distance among the joins of a row."""
    if not all(map(figures.has_field, row.nodes)):
        return UNKNOWN
    found = [field.apart for field in map(figures.field, row.nodes) if field]
    most = tuple(map(max, zip(*found, strict=True))) if found else ()
    return Pixels(most) if any(most) else NO_PIXELS


def _arguments(figures: Figures, row: TableRow) -> str:
    return row.arguments


def output_of(graph: Graph, row: TableRow) -> Cell:
    """The shape of what comes out of a row, or several by name."""
    if row.results:
        return Named({name: graph[node].shape for name, node in row.results})
    return graph[row.result].shape


def _outputs(graph: Graph) -> Cell:
    if len(graph.results) > 1:
        return Named({name: graph.shape(port) for name, port in graph.results.items()})
    return graph.shape(graph.result)


def _last(figures: Figures) -> int | None:
    node = last_image(figures.costs)
    return node.id if node else None


COLUMNS = {
    "layer": Column("layer", "the path of a layer or block", lambda figures, row: row.path),
    "op": Column("op", "the op or block", lambda figures, row: row.op),
    "output": Column(
        "output",
        "the shape of the result, without the batch",
        lambda figures, row: output_of(figures.graph, row),
        lambda figures: _outputs(figures.graph),
    ),
    "params": Column(
        "params",
        "trainable parameters, each counted once, including heads that exist only in training",
        _params,
        lambda figures: params(figures.costs),
        unit="numbers",
    ),
    "macs": Column(
        "MACs",
        "multiply-adds of convolutions, linear layers and matrix products for one image;"
        " the total excludes heads that exist only in training",
        _macs,
        lambda figures: macs(figures.costs),
        unit="multiply-adds",
    ),
    "weights": Column(
        "weights",
        "bytes of parameters and buffers (float32, counters int64), including heads that exist"
        " only in training",
        lambda figures, row: weight_bytes_of(figures.costs, row.nodes),
        lambda figures: weight_bytes(figures.costs),
        unit="bytes",
    ),
    "activations": Column(
        "activations",
        "bytes of new float32 results in inference; none for views and in-place ops",
        lambda figures, row: _sum_of(figures.activations, row.nodes),
        lambda figures: _sum_of(figures.activations, figures.activations),
        unit="bytes",
    ),
    "saved": Column(
        "saved",
        "bytes saved for the backward pass in float32, without weights; each piece of memory is"
        " counted once, where it is first saved; as PyTorch does it on a CPU",
        lambda figures, row: _sum_of(figures.saved, row.nodes),
        lambda figures: _sum_of(figures.saved, figures.saved),
        unit="bytes",
    ),
    "live": Column(
        "live",
        "largest number of bytes of float32 results in memory while a layer runs in inference,"
        " including the input, without weights and an op's own buffers",
        lambda figures, row: _largest_of(figures.live, row.nodes),
        lambda figures: _largest_of(figures.live, figures.live),
        unit="bytes",
    ),
    "field": Column(
        "field",
        "receptive field of one position of the result: along every axis, in pixels of the input,"
        " ignoring borders; the total is that of the last image",
        lambda figures, row: _seen(figures, row.result),
        lambda figures: _seen(figures, _last(figures)),
    ),
    "stride": Column(
        "stride",
        "step of the receptive field from one position to the next, in pixels of the input",
        lambda figures, row: _stride(figures, row.result),
        lambda figures: _stride(figures, _last(figures)),
    ),
    "centres": Column(
        "centres apart",
        "distance between the centres of the receptive fields of joined branches, in pixels",
        _apart,
    ),
    "arguments": Column(
        "arguments", "arguments of the op or block, as a spec writes them", _arguments
    ),
}
"""All columns by their names, in the order in which they are listed."""

PER_ROW = ("layer", "op")
"""The columns that identify a row."""


def chosen(
    names: Iterable[str], known: Collection[str] = COLUMNS, always: Sequence[str] = PER_ROW
) -> list[str]:
    """Columns by their names, each once, after those that are always there.

    Raises `ValueError` for a name that is not known.
    """
    asked = [*names]
    for name in asked:
        if name not in known:
            help = suggestion(str(name), known) or f"the columns are {', '.join(known)}"
            raise ValueError(f"there is no column `{name}`; {help}")
    return list(dict.fromkeys([*always, *asked]))
