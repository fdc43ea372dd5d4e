"""The layers of a network and the memory that it needs, as Python users see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archdsl.analysis.layer_costs import Amount, Number
    from archdsl.analysis.memory import Largest
    from archdsl.backends.table import Grid
    from archdsl.ops.base import Op, Shape
    from archdsl.shapes import Dim


@dataclass(frozen=True, repr=False)
class Layer:
    """An op where a network applies it. Shapes leave the batch out.

    `arguments` are those of the op, as the language writes them, without what is left at its
    default; `values` has all of them. An op with several inputs has as many shapes in `inputs`.
    `input_types` and `output_type` say where the channels are too: `str` of one is `[196; 768]`.
    """

    path: str
    op: str
    arguments: str
    input_types: tuple[Shape, ...]
    output_type: Shape
    params: Number
    macs: Amount
    training_only: bool
    applied: Op

    @property
    def inputs(self) -> tuple[tuple[Dim, ...], ...]:
        """The shapes of the inputs, in order of memory."""
        return tuple([each.sizes for each in self.input_types])

    @property
    def output(self) -> tuple[Dim, ...]:
        """The shape of the result, in order of memory."""
        return self.output_type.sizes

    @property
    def input(self) -> tuple[Dim, ...]:
        """The shape of the input; of the first where there are several."""
        return self.inputs[0]

    @property
    def values(self) -> dict[str, Any]:
        """All arguments of the op by name, defaults included."""
        return {name: self.applied.argument(name) for name in self.applied.parameters()}

    def __repr__(self) -> str:
        shapes = ", ".join(map(str, self.input_types))
        return (
            f"Layer({self.path!r}, {self.applied}, {shapes} -> {self.output_type},"
            f" {self.params:,} parameters, {number_in_words(self.macs)} MACs)"
        )


class Layers(tuple[Layer, ...]):
    """The layers of a network in order: a tuple that notebooks show as a table."""

    def _repr_html_(self) -> str:
        """The table, for notebooks."""
        from archdsl.backends.table import written

        return written("html", {"": self._grid()}, ())

    def _grid(self) -> Grid:
        from archdsl.backends.table import Grid
        from archdsl.backends.table.grid import Heading

        texts = ("path", "op", "arguments", "input", "output")
        headings = [
            *[Heading(name, name) for name in texts],
            *[Heading(name, name, is_number=True) for name in ("params", "macs")],
        ]
        rows = [
            (
                *(each.path, each.op, each.arguments, ", ".join(map(str, each.input_types))),
                *(each.output_type, each.params, each.macs),
            )
            for each in self
        ]
        return Grid("", headings, rows)


@dataclass(frozen=True, repr=False)
class Memory:
    """Bytes that a network needs for a batch of images, in float32.

    They are numbers, or formulas where sizes of the network are open.
    """

    batch: int
    weights: Number
    """Of parameters and buffers, with heads that exist only in training."""
    activations: Amount
    """That results take anew in inference, none for views and in place."""
    saved: Amount
    """Kept for the gradient in training, without weights."""
    live: Amount | Largest
    """The most that results take at once in inference, the input's included."""

    def _repr_html_(self) -> str:
        """The figures as a table, for notebooks."""
        from archdsl.backends.table import Grid, written
        from archdsl.backends.table.grid import Heading

        names = [name for name in vars(self) if name != "batch"]
        headings = [Heading(name, name, is_number=True, unit="bytes") for name in names]
        images = f"{self.batch} image{'s' if self.batch > 1 else ''}"
        grid = Grid(f"memory for {images}", headings, [[getattr(self, name) for name in names]])
        return written("html", {"": grid}, (), units=True)

    def __repr__(self) -> str:
        figures = [f"{name}={number_in_words(value)}" for name, value in vars(self).items()]
        return f"Memory({', '.join(figures)})"


def number_in_words(count: Amount | Largest) -> str:
    """A figure with commas; a long formula is cut."""
    from archdsl.shapes import shortened

    return f"{count:,}" if isinstance(count, int) else shortened(str(count))
