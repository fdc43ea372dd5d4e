"""Ops that flatten, cut or reorder numbers without computing any."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import mul
from typing import Any

from archdsl.ops.axes import Window
from archdsl.ops.base import Op, Reject, SameShape, Shape, shape_text
from archdsl.ops.checks import as_sequence, require_axes, require_groups
from archdsl.ops.expressions import Size, as_expression, given, input_size
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.parameters import Whole, parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Expression, operation
from archdsl.shapes import Dim, product

SLICE = '''\
class Slice(nn.Module):
    """The channels from `start` up to `stop`."""

    def __init__(self, start: int, stop: int) -> None:
        super().__init__()
        self.start = start
        self.stop = stop

    def forward(self, x: Tensor) -> Tensor:
        return x[:, self.start : self.stop]
'''

SLICE_LAST = '''\
class SliceLast(nn.Module):
    """The channels from `start` up to `stop`, where these are last."""

    def __init__(self, start: int, stop: int) -> None:
        super().__init__()
        self.start = start
        self.stop = stop

    def forward(self, x: Tensor) -> Tensor:
        return x[..., self.start : self.stop]
'''


@dataclass(frozen=True)
class Flatten(Op):
    """All numbers of a tensor as features: channel by channel, row by row.

    Where the channels are last, position by position.
    """

    name = "flatten"
    family = "reshape"
    part = "flatten"
    only_moves = True
    examples = (
        "[8, 5, 4] | flatten -> [160]",
        "[8, 20] | flatten -> [160]",
        "[8] | flatten -> [8]",
        "[20; 8] | flatten -> [160]",
    )

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """All sizes multiplied."""
        return TensorType((reduce(mul, inputs[0].sizes),))

    def sources(self, *inputs: Shape) -> TensorType[Expression]:
        """One product, whose factors a reader recognises."""
        return TensorType((operation("product", *map(input_size, range(inputs[0].rank))),))

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        if any(not isinstance(size, int) for size in shape.sizes):
            message = (
                f"the number of features, {product(*shape.sizes)}, depends on the size of the input"
            )
            help = (
                f"`global_avgpool -> flatten` gives {shape.channels} for every size; "
                f"else the input needs numbers for its {' and '.join(shape.axes) or 'sizes'}"
            )
            raise Reject(message, "", "a number of features", shape_text(shape), help)

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def is_view(self, *inputs: Shape, training: bool) -> bool:
        return True

    def torch(self, *inputs: Shape) -> TorchForm:
        start = TorchArgument(as_expression(1))
        return TorchForm(TorchCall("nn.Flatten"), TorchCall("torch.flatten", [start]))


@dataclass(frozen=True)
class Slice(Op):
    """The channels from `start` up to `stop`, counted from 0, without the last.

    Whole numbers have no channels: of them it keeps positions of the first axis.
    """

    name = "slice"
    family = "reshape"
    positional = 2
    only_moves = True
    takes_counted = True
    examples = (
        "[8, 5, 4] | slice(0, 4) -> [4, 5, 4]",
        "[8] | slice(3, 8) -> [5]",
        "[20; 8] | slice(3, 8) -> [20; 5]",
        "[20] < 9 | slice(3, 8) -> [5] < 9",
    )

    start: int = parameter(Whole(0), about="first channel to keep, counted from 0")
    stop: int = parameter(Whole(), about="first channel after it to leave out")

    def __post_init__(self) -> None:
        if self.start >= self.stop:
            message = "`slice` must start before it stops"
            raise Reject(message, "start", f"less than {self.stop}", str(self.start))

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The channels are stop - start."""
        (shape,) = inputs
        if shape.below is not None:
            return shape.with_positions((op.stop - op.start, *shape.positions[1:]))
        return shape.with_channels(op.stop - op.start)

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        if shape.below is not None and not shape.positions:
            message = "`slice` keeps some of several positions"
            raise Reject(message, "", "[n] < bound", shape_text(shape))
        (room,) = self.leeway(shape)
        if isinstance(room, int) and room < 1:
            what = "channel" if shape.below is None else "position"
            most = shape.sizes[shape.channels_dimension]
            message = f"`slice` stops after the last {what}"
            raise Reject(message, "stop", f"{most} or less", str(self.stop))

    def leeway(self, *inputs: Shape) -> tuple[Dim, ...]:
        (shape,) = inputs
        return (shape.sizes[shape.channels_dimension] - (self.stop - 1),)

    def is_view(self, *inputs: Shape, training: bool) -> bool:
        return True

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [*map(TorchArgument, (given("start"), given("stop")))]
        if inputs[0].is_last:
            function = TorchCall("", arguments, "{x}[..., {slice}]")
            return TorchForm(TorchCall("SliceLast", arguments), function, SLICE_LAST)
        function = TorchCall("", arguments, "{x}[:, {slice}]")
        return TorchForm(TorchCall("Slice", arguments), function, SLICE)


@dataclass(frozen=True)
class ChannelShuffle(SameShape):
    """The channels reordered: the first of every group, then the second of every group, ...

    From ShuffleNet: it lets the groups of the next convolution see all groups of the last one.
    """

    name = "channel_shuffle"
    family = "reshape"
    positional = 1
    only_moves = True
    examples = (
        "[8, 5, 4] | channel_shuffle(2) -> [8, 5, 4]",
        "[8, 20] | channel_shuffle(4) -> [8, 20]",
        "[8, 2, 5, 4] | channel_shuffle(4) -> [8, 2, 5, 4]",
    )

    groups: int = parameter(Whole(), about="number of groups; must divide the channels")

    def check(self, *inputs: Shape) -> None:
        require_axes(self, inputs[0])
        require_groups(self, inputs[0].channels)

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [TorchArgument(given("groups"))]
        return TorchForm(
            TorchCall("nn.ChannelShuffle", arguments), TorchCall("F.channel_shuffle", arguments)
        )


PART = '''\
class Part(nn.Module):
    """One of several equal parts of the channels, which lie along `dim`."""

    def __init__(self, parts: int, index: int, dim: int) -> None:
        super().__init__()
        self.parts = parts
        self.index = index
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return x.chunk(self.parts, self.dim)[self.index]
'''


@dataclass(frozen=True)
class Part(Op):
    """One of several equal parts of the channels, counted from 0; `split(n)` lists them all."""

    name = "part"
    family = "reshape"
    positional = 2
    only_moves = True
    examples = (
        "[8, 5, 4] | part(2, 0) -> [4, 5, 4]",
        "[20; 9] | part(3, 1) -> [20; 3]",
        "[8] | part(4, 3) -> [2]",
    )

    parts: int = parameter(Whole(), about="number of equal parts")
    index: int = parameter(Whole(0), about="which of them, counted from 0")

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The channels divided by the parts."""
        (shape,) = inputs
        return shape.with_channels(shape.channels // op.parts)

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        channels = shape.channels
        if not isinstance(channels, int) or channels % self.parts:
            message = f"the channels have no {self.parts} equal parts"
            wanted, help = f"a divisor of {channels}", as_sequence(shape)
            raise Reject(message, "parts", wanted, str(self.parts), help)
        if self.index >= self.parts:
            message = f"there are {self.parts} parts, counted from 0"
            raise Reject(message, "index", f"less than {self.parts}", str(self.index))

    def is_view(self, *inputs: Shape, training: bool) -> bool:
        return True

    def label(self, *inputs: Shape) -> str:
        return f"part {self.index + 1} of {self.parts}"

    def torch(self, *inputs: Shape) -> TorchForm:
        dimension = -1 if inputs[0].is_last else 1
        arguments = [*map(TorchArgument, (given("parts"), given("index")))]
        function = TorchCall("", arguments, f"{{x}}.chunk({{0}}, {dimension})[{{1}}]")
        module = TorchCall("Part", (*arguments, TorchArgument(as_expression(dimension))))
        return TorchForm(module, function, PART)
