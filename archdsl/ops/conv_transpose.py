"""Transposed convolutions over positions."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from archdsl.ops.axes import MARGINS, SIZES, Numbers, Window, aligned, combined, each
from archdsl.ops.base import Reject, Shape, Weight
from archdsl.ops.checks import require_axes
from archdsl.ops.conv import (
    BIAS,
    BIAS_INIT,
    DILATION,
    GROUPS,
    INIT,
    KERNEL,
    OUT,
    PYTORCH_WINDOW,
    STRIDE,
    Convolution,
    require_channels,
    weight_and_bias,
)
from archdsl.ops.expressions import Size, given, input_size
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.parameters import Initialization, Initializer, Real, Truth, Whole, parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.shapes import Count, product


@dataclass(frozen=True)
class ConvTranspose(Convolution):
    """Transposed convolution: every position is spread over a window of `kernel`."""

    name = "conv_transpose"
    title = "transposed conv"
    pytorch = (*PYTORCH_WINDOW, "output_padding", "groups", "bias", "dilation")
    least_even = 2
    examples = (
        "[8, 7, 7] | conv_transpose(4, 2, stride=2) -> [4, 14, 14]",
        "[8, 7, 5] | conv_transpose(4, 3, 2, pad=1, output_pad=1, groups=2) -> [4, 14, 10]",
        "[4, 5, 5] | conv_transpose(6, [3, 2], dilation=2, bias=false) -> [6, 9, 7]",
        "[4, 5, 5] | conv_transpose(4, 3, init=normal(0.1), bias_init=1) -> [4, 7, 7]",
        "[4, 9] | conv_transpose(6, 4, stride=2, pad=1) -> [6, 18]",
        "[4, 2, 4, 5] | conv_transpose(2, [1, 2, 3], [1, 2, 2]) -> [2, 2, 8, 11]",
    )

    out: int = parameter(Whole(), about=OUT)
    kernel: Numbers = parameter(SIZES, about=KERNEL)
    stride: Numbers = parameter(SIZES, 1, about=STRIDE)
    pad: Numbers = parameter(MARGINS, 0, about="pixels to cut from the result on every side")
    output_pad: Numbers = parameter(
        MARGINS, 0, about="positions to add at the end of every axis of the result"
    )
    groups: int = parameter(Whole(), 1, about=GROUPS)
    dilation: Numbers = parameter(SIZES, 1, about=DILATION)
    bias: bool = parameter(Truth(), True, about=BIAS)
    init: Initializer = parameter(Initialization(), Initializer(), about=INIT)
    bias_init: float | str | None = parameter(Real(word="default"), None, about=BIAS_INIT)

    def __post_init__(self) -> None:
        for extra, *steps in aligned(self.output_pad, self.stride, self.dilation):
            limit = max(steps)
            if extra >= limit:
                message = "`output_pad` must be smaller than the stride or the dilation"
                raise Reject(message, "output_pad", f"less than {limit}", str(extra))

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """(size - 1) * stride - 2 * pad + dilation * (kernel - 1) + output_pad + 1."""
        shape = inputs[0].with_channels(op.out)
        names = ("stride", "pad", "dilation", "kernel", "output_pad")
        numbers = [each(getattr(op, name), len(shape.positions)) for name in names]
        windows = zip(shape.positions, *numbers, strict=True)
        return shape.with_positions(
            size * stride + (dilation * (kernel - 1) + extra + 1 - stride - 2 * pad)
            for size, stride, pad, dilation, kernel, extra in windows
        )

    def check(self, *inputs: Shape) -> None:
        require_axes(self, inputs[0])
        require_channels(self, inputs[0])

    def window(self, *inputs: Shape) -> Window:
        def margin(kernel: int, dilation: int, pad: int) -> int:
            return dilation * (kernel - 1) - pad

        before = combined(margin, self.kernel, self.dilation, self.pad)
        # An output reads what the window covers among the inputs spread `stride` apart.
        return Window(self.kernel, 1, before, self.dilation, self.stride)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        channels, kernel = inputs[0].channels, each(self.kernel, len(inputs[0].positions))
        shape = (channels, self.out // self.groups, *kernel)
        return weight_and_bias(self, shape)

    def macs(self, *inputs: Shape) -> Count:
        weight, *_ = self.weights(*inputs)
        return product(prod(weight.shape), *inputs[0].positions)

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [
            *map(TorchArgument, (input_size(), given("out"), given("kernel"))),
            TorchArgument(given("stride"), "stride", 1),
            TorchArgument(given("pad"), "padding", 0),
            TorchArgument(given("output_pad"), "output_padding", 0),
            TorchArgument(given("groups"), "groups", 1),
            TorchArgument(given("bias"), "bias", True),
            TorchArgument(given("dilation"), "dilation", 1),
        ]
        return TorchForm(TorchCall(f"nn.ConvTranspose{len(inputs[0].positions)}d", arguments))
