"""Margins around the positions, and channels behind the channels."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any

from archdsl.ops.axes import MOST_AXES, Numbers, Window, each
from archdsl.ops.base import Op, Reject, Shape
from archdsl.ops.checks import require_axes
from archdsl.ops.expressions import Lifted, Size, channels_size, given, given_float
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import Saves
from archdsl.ops.parameters import MAXIMUM, Real, Whole, Word, parameter, shown
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import operation
from archdsl.shapes import Dim

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
