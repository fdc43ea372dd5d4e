"""Recurrent layers: sequences read position by position, with a memory of what was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from archdsl.ops.axes import Window
from archdsl.ops.base import Op, Reject, Shape, Weight, shape_text
from archdsl.ops.checks import require_last
from archdsl.ops.expressions import Size, channels_size, given, given_float
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import SavedTensor, Saves
from archdsl.ops.parameters import Real, Truth, Whole, parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Literal
from archdsl.shapes import Count, Dim, product


@dataclass(frozen=True)
class Recurrent(Op, abstract=True):
    """An op whose result at a position depends on all positions before it.

    `gates` is how many values it computes for every hidden one.
    """

    family = "recurrent"
    positional = 1
    is_link = False
    pytorch = ("input_size", "hidden_size", "num_layers")
    module: ClassVar[str]
    gates: ClassVar[int]

    hidden: int = parameter(Whole(), about="number of features of the hidden state")
    layers: int = parameter(Whole(), 1, about="number of layers, each of which reads the last")
    bidirectional: bool = parameter(
        Truth(), False, about="whether a second pass reads the sequence from its end"
    )
    dropout: float = parameter(
        Real(0, 1), 0, about="probability that a number between two layers is dropped"
    )

    def __post_init__(self) -> None:
        if self.dropout and self.layers == 1:
            message = "`dropout` is between layers, and there is one"
            help = f"`{self.name}({self.hidden}) -> dropout({self.dropout})` drops what it gives"
            raise Reject(message, "dropout", "2 layers or more", "1", help)

    @property
    def passes(self) -> int:
        """How often every layer reads the sequence."""
        return 2 if self.bidirectional else 1

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """At every position the hidden state of every pass."""
        return inputs[0].with_channels(op.hidden * 2 if op.bidirectional else op.hidden)

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        require_last(self.name, shape)
        if shape.rank != 2:
            message = f"`{self.name}` reads a sequence: one axis of positions, and features"
            help = '`rearrange("h w; c -> (h w); c")` makes one of several axes'
            help = help if len(shape.positions) > 1 else ""
            raise Reject(message, "", "[n; features]", shape_text(shape), help)

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def widths(self, shape: Shape) -> Iterator[int]:
        """The number of features that every layer reads."""
        yield shape.channels  # type: ignore[misc]
        yield from [self.hidden * self.passes] * (self.layers - 1)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        rows = self.gates * self.hidden
        found = []
        for layer, width in enumerate(self.widths(inputs[0])):
            for suffix in ("", "_reverse")[: self.passes]:
                matrices = {"weight_ih": (rows, width), "weight_hh": (rows, self.hidden)}
                vectors = {"bias_ih": (rows,), "bias_hh": (rows,)}
                for name, shape in (matrices | vectors).items():
                    found.append(Weight(f"{name}_l{layer}{suffix}", shape))
        return tuple(found)

    def macs(self, *inputs: Shape) -> Count:
        (shape,) = inputs
        rows = self.gates * self.hidden * self.passes
        read = sum(width + self.hidden for width in self.widths(shape))
        return product(rows * read, *shape.positions)

    def state_sizes(self, length: Dim) -> tuple[Dim, ...]:
        """The sizes of what one pass keeps for its gradient, beside its input."""
        return length, 7 * self.hidden

    def saves(self, *inputs: Shape) -> Saves:
        # A pass copies the input of the network, with positions first; later layers share theirs.
        # This is PyTorch's own code: on some CPUs an LSTM has a kernel that keeps more.
        (shape,) = inputs
        (length,) = shape.positions
        first = [SavedTensor(shape.sizes)] * self.passes
        later = [SavedTensor((length, self.passes * self.hidden))] * (self.layers - 1)
        states = [SavedTensor(self.state_sizes(length))] * (self.passes * self.layers)
        return Saves(own=(*first, *later * (2 if self.dropout else 1), *states))

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [
            *map(TorchArgument, (channels_size(inputs[0]), given("hidden"))),
            TorchArgument(given("layers"), "num_layers", 1),
            TorchArgument(Literal(True), "batch_first", False),
            TorchArgument(given_float(self, "dropout"), "dropout", 0.0),
            TorchArgument(given("bidirectional"), "bidirectional", False),
        ]
        return TorchForm(TorchCall(self.module, arguments), call="{m}({x})[0]")


@dataclass(frozen=True)
class Lstm(Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997), its state at every position.

    With `bidirectional` the states of both directions lie one behind the other. The last state of a
    sequence is `take(-1)`, and that of the second direction `take(0)`.
    """

    name = "lstm"
    module = "nn.LSTM"
    gates = 4
    examples = (
        "[5; 6] | lstm(4) -> [5; 4]",
        "[5; 6] | lstm(4, layers=2, bidirectional=true) -> [5; 8]",
        "[5; 6] | lstm(4, layers=3, dropout=0.25) -> [5; 4]",
    )


@dataclass(frozen=True)
class Gru(Recurrent):
    """Gated recurrent units (Cho et al., 2014): the hidden state at every position."""

    name = "gru"
    module = "nn.GRU"
    gates = 3
    examples = (
        "[5; 6] | gru(4) -> [5; 4]",
        "[5; 6] | gru(4, layers=2, bidirectional=true, dropout=0.5) -> [5; 8]",
    )


@dataclass(frozen=True)
class Rnn(Recurrent):
    """A plain recurrent layer (Elman, 1990): the tangent of a sum is the next hidden state."""

    name = "rnn"
    module = "nn.RNN"
    gates = 1
    examples = (
        "[5; 6] | rnn(4) -> [5; 4]",
        "[5; 6] | rnn(4, layers=2, bidirectional=true, dropout=0.5) -> [5; 8]",
    )

    def state_sizes(self, length: Dim) -> tuple[Dim, ...]:
        return length + 1, self.hidden
