"""Ops that move, cut, repeat or pad numbers without computing any."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import chain
from operator import mul
from typing import Any

from archdsl.ops.axes import MOST_AXES, SIZES, Numbers, Window, combined, each
from archdsl.ops.base import Op, Reject, SameShape, Shape, shape_text
from archdsl.ops.checks import require_axes, require_groups
from archdsl.ops.expressions import (
    Lifted,
    Size,
    as_expression,
    channels_size,
    given,
    given_float,
    input_size,
    one_or_several,
)
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import Saves
from archdsl.ops.parameters import MAXIMUM, Real, Whole, Word, parameter, shown
from archdsl.ops.tensor_type import TensorType
from archdsl.ops.window import scale_label
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


EDGES = {"reflect": "ReflectionPad", "replicate": "ReplicationPad"}
"""PyTorch's modules for margins that are made of the edge."""


def margins_of(op: Any, axes: int) -> list[tuple[Any, Any]]:
    """The margins that `pad` adds, before and behind every axis."""
    numbers = each(op.amount, 2 * axes)
    return [*zip(numbers[::2], numbers[1::2], strict=True)]


@dataclass(frozen=True)
class Pad(Op):
    """The positions with a margin of `amount` around them that is `value`, or made of the edge.

    "reflect" mirrors the positions at the edge, without the edge itself; "replicate" repeats it.

    `amount` is one number, or two for each axis, in the order of the axes: of an image top, bottom,
    left and right. Where it is less than 0, positions are cut off instead. `pad([(k - 1) * d, 0])
    -> conv(out, k, dilation=d, pad=0)` is a causal convolution over one axis.
    """

    name = "pad"
    family = "reshape"
    positional = 1
    part = "pad"
    only_moves = True
    examples = (
        "[8, 5, 4] | pad(1) -> [8, 7, 6]",
        '[8, 5, 4] | pad([0, 1, 2, 3], mode="reflect") -> [8, 6, 9]',
        '[8, 20] | pad(2, mode="replicate") -> [8, 24]',
        "[8, 5, 4] | pad([0, 1, 2, 3], value=-0.5) -> [8, 6, 9]",
        "[8, 20] | pad([4, 0]) -> [8, 24]",
        "[8, 2, 5, 4] | pad([0, 0, 1, 1, 2, 2]) -> [8, 2, 7, 8]",
        "[8, 5, 4] | pad([-1, -2, 3, -1]) -> [8, 2, 6]",
    )

    amount: Numbers = parameter(
        Whole(-MAXIMUM, (2, 4, 6)),
        about="number on every side, or two numbers for each axis; less than 0 crops",
    )
    value: float = parameter(Real(), 0, about="value of the margin, of the mode constant")
    mode: str = parameter(
        Word(("constant", "reflect", "replicate")), "constant", about="what the margin is made of"
    )

    def __post_init__(self) -> None:
        if self.mode != "constant" and any(number < 0 for number in each(self.amount, 1)):
            message = f'a margin of `mode="{self.mode}"` cannot crop'
            help = "crop before: `pad(-1) -> pad(1, mode=…)`"
            raise Reject(message, "amount", "numbers of 0 or more", shown(self.amount), help)
        if self.mode != "constant" and self.value:
            message = f'a margin of `mode="{self.mode}"` has no value'
            raise Reject(message, "value", "no `value`", str(self.value))

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """Every axis grows by its margins."""
        (shape,) = inputs
        margins = margins_of(op, len(shape.positions))
        both = zip(shape.positions, margins, strict=True)
        return shape.with_positions(size + (before + behind) for size, (before, behind) in both)

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        require_axes(self, shape, of_axis=2)
        for size, room in zip(shape.positions, self.leeway(shape), strict=False):
            if isinstance(room, int) and room < 1:
                message = "a margin mirrors at most all positions but the one at the edge"
                raise Reject(message, "amount", f"{size - 1} or less", shown(self.amount))

    def leeway(self, *inputs: Shape) -> tuple[Dim, ...]:
        if self.mode != "reflect":
            return ()
        positions = inputs[0].positions
        margins = margins_of(self, len(positions))
        return tuple([size - max(each) for size, each in zip(positions, margins, strict=True)])

    def saves(self, *inputs: Shape) -> Saves:
        # PyTorch keeps what it mirrored for the sizes alone.
        return Saves(inputs=self.mode != "constant")

    def window(self, *inputs: Shape) -> Window:
        is_several = isinstance(self.amount, tuple)
        return Window(padding=self.amount[::2] if is_several else self.amount)  # type: ignore[index]

    def torch(self, *inputs: Shape) -> TorchForm:
        axes = len(inputs[0].positions)
        # PyTorch begins with the last axis.
        several = chain(*reversed(margins_of(Lifted(self), axes)))
        margins = operation("list", *several)
        amount = margins if isinstance(self.amount, tuple) else given("amount")
        value = given_float(self, "value")
        if self.mode != "constant":
            module = TorchCall(f"nn.{EDGES[self.mode]}{axes}d", [TorchArgument(amount)])
            mode = TorchArgument(given("mode"), "mode", "constant")
            return TorchForm(module, TorchCall("F.pad", [TorchArgument(margins), mode]))
        return TorchForm(
            TorchCall(f"nn.ConstantPad{axes}d", [*map(TorchArgument, (amount, value))]),
            TorchCall("F.pad", [TorchArgument(margins), TorchArgument(value, "value", 0.0)]),
        )


@dataclass(frozen=True)
class PadChannels(Op):
    """The channels, then channels of zeros: `out` in all."""

    name = "pad_channels"
    family = "reshape"
    positional = 1
    only_moves = True
    examples = (
        "[8, 5, 4] | pad_channels(12) -> [12, 5, 4]",
        "[8, 20] | pad_channels(10) -> [10, 20]",
        "[8, 2, 5, 4] | pad_channels(9) -> [9, 2, 5, 4]",
        "[8] | pad_channels(8) -> [8]",
        "[20; 8] | pad_channels(12) -> [20; 12]",
    )

    out: int = parameter(Whole(), about="number of output channels")

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The channels are `out`."""
        return inputs[0].with_channels(op.out)

    def check(self, *inputs: Shape) -> None:
        channels = inputs[0].channels
        if self.out < channels:
            message = "`pad_channels` cannot remove channels"
            help = "`slice` keeps some of them"
            raise Reject(message, "out", f"{channels} or more", str(self.out), help)

    def torch(self, *inputs: Shape) -> TorchForm:
        (shape,) = inputs
        # PyTorch begins with the last dimension, two numbers for each.
        before = 0 if shape.is_last else shape.rank - 1
        margins = [0, 0] * before + [0, given("out") - channels_size(shape)]
        arguments = [TorchArgument(operation("list", *margins))]
        # The module pads as many dimensions as it is given numbers for.
        module = TorchCall(f"nn.ZeroPad{min(before + 1, MOST_AXES)}d", arguments)
        return TorchForm(module, TorchCall("F.pad", arguments))


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


LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
"""PyTorch's names of linear interpolation, by the number of axes."""
INTERPOLATION = Word(("nearest", "linear", "bilinear"))


def require_interpolation(mode: str, shape: Shape) -> None:
    """Raise `Reject` where a mode is that of other axes."""
    if mode == "bilinear" and len(shape.positions) != 2:
        message = '`mode="bilinear"` works on height and width'
        help = 'write `mode="linear"`, which works on any axes'
        raise Reject(message, "mode", '"linear"', '"bilinear"', help)


def interpolation(shape: Shape) -> Expression:
    """PyTorch's name of an op's mode, on a type."""
    linear, mode = LINEAR[len(shape.positions)], given("mode")
    return operation("if", operation("==", mode, "linear"), linear, mode)


@dataclass(frozen=True)
class Upsample(Op):
    """Every axis enlarged by a whole factor: positions repeated, or interpolated between.

    "linear" is bilinear on images, and trilinear on three axes. It takes pixels as squares
    (PyTorch's `align_corners=False`), not as points.
    """

    name = "upsample"
    family = "reshape"
    positional = 1
    only_moves = True
    examples = (
        "[8, 5, 4] | upsample(2) -> [8, 10, 8]",
        '[8, 5, 4] | upsample([3, 2], mode="bilinear") -> [8, 15, 8]',
        '[8, 5, 4] | upsample(2, mode="linear") -> [8, 10, 8]',
        '[8, 10] | upsample(3, mode="linear") -> [8, 30]',
        '[8, 2, 5, 4] | upsample([1, 2, 2], mode="linear") -> [8, 2, 10, 8]',
    )

    factor: Numbers = parameter(SIZES, about="factor for every axis")
    mode: str = parameter(
        INTERPOLATION,
        "nearest",
        about="whether to repeat positions or interpolate; on images linear is bilinear",
    )

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """Every axis times `factor`."""
        (shape,) = inputs
        factors = zip(shape.positions, each(op.factor, len(shape.positions)), strict=True)
        return shape.with_positions(size * factor for size, factor in factors)

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        require_axes(self, shape)
        require_interpolation(self.mode, shape)

    def window(self, *inputs: Shape) -> Window:
        factor = self.factor
        if self.mode == "nearest":
            return Window(factor, padding=combined(lambda f: f - 1, factor), upscale=factor)
        # Every position is spread over less than `factor` to both sides of its middle.
        kernel = combined(lambda f: 2 * f - f % 2, factor)
        before = combined(lambda f: (3 * f - 2) // 2, factor)
        return Window(kernel, padding=before, upscale=factor)

    def label(self, *inputs: Shape) -> str:
        return f"{self.title} {scale_label(self)}".strip()

    def torch(self, *inputs: Shape) -> TorchForm:
        # TorchScript takes no whole number for a factor.
        factors = combined(lambda factor: operation("float", factor), Lifted(self).factor)
        arguments = [
            TorchArgument(one_or_several(factors), "scale_factor"),
            TorchArgument(interpolation(inputs[0]), "mode", "nearest"),
        ]
        return TorchForm(TorchCall("nn.Upsample", arguments), TorchCall("F.interpolate", arguments))


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
            raise Reject(message, "parts", f"a divisor of {channels}", str(self.parts))
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
