"""A network as Python users see it: its figures, its layers, and its summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archdsl.figures import Layer, Layers, Memory, number_in_words

if TYPE_CHECKING:
    from archdsl.analysis.layer_costs import Amount, Number
    from archdsl.backends.diagram import Direction, ThemeName
    from archdsl.backends.table import Summary, TableForm
    from archdsl.contracts import Contract
    from archdsl.drawing.finish import LetterForm
    from archdsl.graph import Graph
    from archdsl.shapes import Dim, Unknown

DEPTH = 2
"""How many names deep a summary folds layers, as `archdsl summary` does."""
COLUMNS = ("output", "params", "macs")
"""The default columns of a summary."""


@dataclass(frozen=True, repr=False)
class NetworkSummary:
    """The layers of a network as a table: `print` it, or let a notebook show it."""

    summary: Summary
    units: bool = False

    def __str__(self) -> str:
        return self.written("text").rstrip("\n")

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The table, for notebooks."""
        return self.written("html")

    def written(self, form: TableForm) -> str:
        """The table as `text`, `md`, `tex`, `html` or `csv`."""
        from archdsl.backends.table import meanings, written

        summary = self.summary
        notes = meanings(summary.columns, summary.figures.batch)
        return written(form, {summary.name: summary.grid()}, notes, units=self.units)

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON has it."""
        from archdsl.backends.table import as_data

        return as_data(self.summary)


@dataclass(frozen=True, repr=False)
class Network:
    """A network of a spec, with sizes that are exact.

    Figures are numbers, or formulas of the sizes that the network leaves open. What only somebody
    else's class knows (an `extern`) is an `Unknown`, which is written `unknown`.
    """

    name: str
    graph: Graph

    def __repr__(self) -> str:
        """`Network('lenet5', [1, 32, 32] -> [10], 61,706 parameters, 416,520 MACs)`."""
        inputs = ", ".join(str(self.graph.shape(port)) for port in self.graph.inputs.values())
        results = [self._result(name) for name in self.results]
        return (
            f"Network({self.name!r}, {inputs} -> {', '.join(results)},"
            f" {self.params:,} parameters, {number_in_words(self.macs)} MACs)"
        )

    @property
    def output(self) -> tuple[Dim, ...]:
        """The shape of the result, without the batch; `ValueError` for several `results`."""
        if len(self.results) > 1:
            raise ValueError(f"{self.name} gives {', '.join(self.results)}: ask for `results`")
        return self.graph.shape(self.graph.result).sizes

    @property
    def results(self) -> dict[str, tuple[Dim, ...]]:
        """The shape of every result by name; a single one without a name is called `output`."""
        return {name: self.graph.shape(port).sizes for name, port in self.graph.results.items()}

    def _result(self, name: str) -> str:
        shown = str(self.graph.shape(self.graph.results[name]))
        return f"{name} {shown}" if len(self.results) > 1 else shown

    @property
    def contract(self) -> Contract:
        """Constraints on the input sizes: `str` of it is `h >= 36, w >= 36`."""
        from archdsl.contracts import contract

        return contract(self.graph)

    @property
    def params(self) -> Number:
        """Trainable numbers, heads that exist only in training included."""
        from archdsl.analysis.cost import params

        return params(self.graph)

    @property
    def inference_params(self) -> Number:
        """Trainable numbers, without heads that exist only in training."""
        from archdsl.analysis.cost import inference_params

        return inference_params(self.graph)

    @property
    def macs(self) -> Amount:
        """Multiply-adds for one image of convolutions, linear layers and matrix products."""
        from archdsl.analysis.cost import macs

        return macs(self.graph)

    @property
    def depth(self) -> Number:
        """The convolutions and linear layers that learn on the longest path in inference."""
        from archdsl.analysis.cost import depth

        return depth(self.graph)

    @property
    def receptive_field(self) -> tuple[Dim, ...] | Unknown:
        """Height and width, in pixels of the input, of what the last image sees; or empty."""
        from archdsl.analysis.receptive_field import receptive_field

        return receptive_field(self.graph)

    @property
    def saved(self) -> Amount:
        """Bytes that training keeps for the gradient of one image; see `memory`."""
        return self.memory().saved

    def memory(self, batch: int = 1) -> Memory:
        """The memory that the network needs for a batch of images, in bytes.

        Raises `ValueError` for a batch of less than one image.
        """
        from archdsl.backends.table import COLUMNS

        of_layers = self._summary(DEPTH, (), batch).figures
        figures: dict[str, Any] = {
            name: COLUMNS[name].total(of_layers)
            for name in ("weights", "activations", "saved", "live")
        }
        return Memory(batch, **figures)

    @cached_property
    def layers(self) -> Layers:
        """The ops of the network, in the order of evaluation; no block is folded."""
        from archdsl.analysis.layer_costs import Costs
        from archdsl.backends.table.rows import op_arguments, rows_of

        graph, costs = self.graph, Costs(self.graph)
        _, paths = rows_of(graph, depth=1)
        return Layers(
            Layer(
                path=paths[node.id],
                op=node.op.name,
                arguments=op_arguments(node.op),
                input_types=graph.input_shapes(node),
                output_type=node.shape,
                params=costs.of(node).params,
                macs=costs.of(node).macs,
                training_only=node.training_only,
                applied=node.op,
            )
            for node in graph
            if node.op is not None
        )

    def at(self, **sizes: int) -> Network:
        """The network where sizes that it leaves open have values: `network.at(h=224, w=224)`.

        Raises `SpecError`, at the layer, where they do not fit.
        """
        from archdsl import driver
        from archdsl.errors import raise_errors

        values = {name: _at_least_one(name, size) for name, size in sizes.items()}
        graphs, diagnostics = driver.at({self.name: self.graph}, values, asked="at()")
        raise_errors(diagnostics)
        return Network(self.name, graphs[self.name])

    def summary(
        self,
        depth: int = DEPTH,
        columns: Sequence[str] = COLUMNS,
        *,
        batch: int = 1,
        units: bool = False,
    ) -> NetworkSummary:
        """The layers as a table, folded where they lie more than `depth` names deep.

        `columns` are those of `archdsl summary --columns`. Bytes are for a `batch` of images;
        `units` writes 25.6 M and MiB. Raises `ValueError` for a column that there is not.
        """
        return NetworkSummary(self._summary(depth, columns, batch), units)

    def to_dict(
        self, depth: int = DEPTH, columns: Sequence[str] = COLUMNS, *, batch: int = 1
    ) -> dict[str, Any]:
        """The network as in `archdsl summary --format json`: numbers, texts and lists."""
        return self.summary(depth, columns, batch=batch).to_dict()

    def _summary(self, depth: int, columns: Sequence[str], batch: int) -> Summary:
        from archdsl.backends.table import chosen, summarize

        names = chosen(columns.split(",") if isinstance(columns, str) else columns)
        depth, batch = _at_least_one("depth", depth), _at_least_one("batch", batch)
        return summarize(self.graph, depth, names, batch)

    def draw(
        self,
        path: str | Path,
        *,
        depth: int | None = None,
        expand: str | Sequence[str] = (),
        expand_type: str | Sequence[str] = (),
        full: bool = False,
        direction: Direction = "TB",
        theme: ThemeName = "light",
        width: float | str | None = None,
        font_size: float | None = None,
        labels: Mapping[str, str] | None = None,
        title: bool = True,
        legend: bool = True,
        costs: bool = True,
        text: LetterForm = "outlines",
    ) -> None:
        """Draw the network to a `.svg`, `.png`, `.pdf` or `.dot`, as `archdsl draw` does.

        A `.html` is a page to look into it, and a `.json` the scene that such a page shows.

        `width` is in inches, or a length such as `175mm`; `labels` are other titles for boxes, by
        their paths. Notes go to the logger `archdsl`. Raises `SpecError` where the network cannot
        be drawn so or the file not be written, and `ValueError` for what is no value of an option.
        """
        from archdsl.backends.diagram import Choice, Look
        from archdsl.errors import log_notes
        from archdsl.pictures import check, save_picture, width_of

        choice = Choice(full, depth, _texts(expand), _texts(expand_type))
        parts, renamed = (title, legend, costs), tuple((labels or {}).items())
        look = Look(direction, theme, width_of(width), *parts, font_size, renamed)
        check(choice, look, text, Path(path))
        log_notes(save_picture(self.graph, Path(path), choice, look, letters=text))

    def page(self) -> str:
        """The text of a page to look into the network: it needs no other file and no internet."""
        from archdsl.backends.scene import scene
        from archdsl.viewer import page

        found, _ = scene(self.graph)
        assert found is not None, "nothing was asked for that does not exist"
        return page(found)

    def _repr_html_(self) -> str:
        """The page in a frame, which notebooks show; it can do nothing to the notebook."""
        from archdsl.viewer import framed

        return framed(self.page())

    def _repr_svg_(self) -> str | None:
        """The folded picture, for what shows no frames; None without Graphviz to draw it."""
        from archdsl.pictures import folded

        return folded(self.graph)


def _texts(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _at_least_one(name: str, number: int) -> int:
    whole = index(number)
    if whole < 1:
        raise ValueError(f"`{name}` must be 1 or more, not {whole}")
    return whole
