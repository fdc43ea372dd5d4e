"""Ops that move, cut, repeat or pad numbers without computing any."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import mul
from typing import Any

from archdsl.ops.base import Op, Reject, SameShape, Shape, Window, pair, shape_text
from archdsl.ops.checks import require_groups, require_image
from archdsl.ops.expressions import (
    Lifted,
    Size,
    as_expression,
    given,
    given_float,
    input_size,
    one_or_two,
)
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.parameters import Real, Whole, Word, parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.ops.window import WINDOW, scale_label
from archdsl.provenance import Expression, operation
from archdsl.shapes import product

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


@dataclass(frozen=True)
class Flatten(Op):
    """All numbers of an image as features: channel by channel, row by row."""

    name = "flatten"
    family = "reshape"
    part = "flatten"
    only_moves = True
    examples = (
        "[8, 5, 4] | flatten -> [160]",
        "[8] | flatten -> [8]",
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
                "else the input needs numbers for its height and width"
            )
            raise Reject(message, "", "a number of features", shape_text(shape), help)

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def is_view(self, *inputs: Shape, training: bool) -> bool:
        return True

    def torch(self, *inputs: Shape) -> TorchForm:
        start = TorchArgument(as_expression(1))
        return TorchForm(TorchCall("nn.Flatten"), TorchCall("torch.flatten", [start]))


def margins_of(op: Any) -> tuple[Any, Any, Any, Any]:
    """The margins that `pad` adds: top, bottom, left, right."""
    return op.amount if isinstance(op.amount, tuple) else (op.amount,) * 4


@dataclass(frozen=True)
class Pad(Op):
    """The image with a margin of `amount` pixels that are `value`.

    `amount` is one number, or four: top, bottom, left and right.
    """

    name = "pad"
    family = "reshape"
    positional = 1
    part = "pad"
    only_moves = True
    examples = (
        "[8, 5, 4] | pad(1) -> [8, 7, 6]",
        "[8, 5, 4] | pad([0, 1, 2, 3], value=-0.5) -> [8, 6, 9]",
    )

    amount: int | tuple[int, int, int, int] = parameter(
        Whole(0, (4,)), about="pixels on every side, or at the top, bottom, left and right"
    )
    value: float = parameter(Real(), 0, about="value of the new pixels")

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """Height and width grow by the margins."""
        (shape,) = inputs
        top, bottom, left, right = margins_of(op)
        height, width = shape.positions
        return shape.with_positions((height + (top + bottom), width + (left + right)))

    def check(self, *inputs: Shape) -> None:
        require_image(self.name, *inputs)

    def window(self, *inputs: Shape) -> Window:
        top, _, left, _ = margins_of(self)
        return Window(padding=(top, left))

    def torch(self, *inputs: Shape) -> TorchForm:
        top, bottom, left, right = margins_of(Lifted(self))
        margins = operation("list", left, right, top, bottom)
        amount = margins if isinstance(self.amount, tuple) else given("amount")
        value = given_float(self, "value")
        return TorchForm(
            TorchCall("nn.ConstantPad2d", [*map(TorchArgument, (amount, value))]),
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
        "[8] | pad_channels(8) -> [8]",
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
        margins = [0, 0] * (shape.rank - 1) + [0, given("out") - input_size()]
        arguments = [TorchArgument(operation("list", *margins))]
        return TorchForm(
            TorchCall(f"nn.ZeroPad{shape.rank}d", arguments), TorchCall("F.pad", arguments)
        )


@dataclass(frozen=True)
class Slice(Op):
    """The channels from `start` up to `stop`, counted from 0, without the last."""

    name = "slice"
    family = "reshape"
    positional = 2
    only_moves = True
    examples = (
        "[8, 5, 4] | slice(0, 4) -> [4, 5, 4]",
        "[8] | slice(3, 8) -> [5]",
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
        return inputs[0].with_channels(op.stop - op.start)

    def check(self, *inputs: Shape) -> None:
        channels = inputs[0].channels
        if self.stop > channels:
            message = "`slice` stops after the last channel"
            raise Reject(message, "stop", f"{channels} or less", str(self.stop))

    def is_view(self, *inputs: Shape, training: bool) -> bool:
        return True

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [*map(TorchArgument, (given("start"), given("stop")))]
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
    examples = ("[8, 5, 4] | channel_shuffle(2) -> [8, 5, 4]",)

    groups: int = parameter(Whole(), about="number of groups; must divide the channels")

    def check(self, *inputs: Shape) -> None:
        require_image(self.name, *inputs)
        require_groups(self, inputs[0].channels)

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [TorchArgument(given("groups"))]
        return TorchForm(
            TorchCall("nn.ChannelShuffle", arguments), TorchCall("F.channel_shuffle", arguments)
        )


@dataclass(frozen=True)
class Upsample(Op):
    """The image enlarged by a whole factor: pixels repeated, or interpolated between.

    "bilinear" takes pixels as squares (PyTorch's `align_corners=False`), not as points.
    """

    name = "upsample"
    family = "reshape"
    positional = 1
    only_moves = True
    examples = (
        "[8, 5, 4] | upsample(2) -> [8, 10, 8]",
        '[8, 5, 4] | upsample([3, 2], mode="bilinear") -> [8, 15, 8]',
    )

    factor: int | tuple[int, int] = parameter(WINDOW, about="factor for height and width")
    mode: str = parameter(
        Word(("nearest", "bilinear")), "nearest", about="whether to repeat pixels or interpolate"
    )

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """Height and width times `factor`."""
        (shape,) = inputs
        factors = zip(shape.positions, pair(op.factor), strict=True)
        return shape.with_positions(size * factor for size, factor in factors)

    def check(self, *inputs: Shape) -> None:
        require_image(self.name, *inputs)

    def window(self, *inputs: Shape) -> Window:
        factors = pair(self.factor)
        if self.mode == "nearest":
            before = tuple([factor - 1 for factor in factors])
            return Window(factors, padding=before, upscale=factors)
        # Every pixel is spread over less than `factor` to both sides of its middle.
        kernel = tuple([2 * factor - factor % 2 for factor in factors])
        before = tuple([(3 * factor - 2) // 2 for factor in factors])
        return Window(kernel, padding=before, upscale=factors)

    def label(self, *inputs: Shape) -> str:
        return f"{self.title} {scale_label(self)}".strip()

    def torch(self, *inputs: Shape) -> TorchForm:
        # TorchScript takes no whole number for a factor.
        down, across = [operation("float", factor) for factor in pair(Lifted(self).factor)]
        arguments = [
            TorchArgument(one_or_two((down, across)), "scale_factor"),
            TorchArgument(given("mode"), "mode", "nearest"),
        ]
        return TorchForm(TorchCall("nn.Upsample", arguments), TorchCall("F.interpolate", arguments))
