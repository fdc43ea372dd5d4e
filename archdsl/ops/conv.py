"""Convolutions over height and width."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from archdsl.ops.base import Op, Reject, Shape, Weight, Window, pair
from archdsl.ops.checks import require_groups, require_image
from archdsl.ops.expressions import Lifted, Size, given, input_size, one_or_two
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.initializers import start_of
from archdsl.ops.memory import Saves
from archdsl.ops.parameters import Initialization, Initializer, Real, Start, Truth, Whole, parameter
from archdsl.ops.window import MARGIN, WINDOW, require_window, slide, window_label
from archdsl.shapes import Count, product


def padding_of(op: Any) -> tuple[Any, Any]:
    """The padding of a convolution; "same" is half of the kernel's reach on both sides."""
    if op.pad != "same":
        return pair(op.pad)
    kernel, dilation = pair(op.kernel), pair(op.dilation)
    # For an odd kernel (kernel - 1) // 2 is kernel // 2.
    return dilation[0] * (kernel[0] // 2), dilation[1] * (kernel[1] // 2)


def weight_and_bias(op: Any, shape: tuple[int, ...]) -> tuple[Weight, ...]:
    """The state of a convolution or a linear layer."""
    bias = (Weight("bias", (op.out,)),) if op.bias else ()
    return Weight("weight", shape), *bias


def require_channels(op: Any, shape: Shape) -> None:
    """Raise `Reject` where the groups do not divide the channels before and after."""
    require_groups(op, shape[0])
    require_groups(op, op.out, "channels it makes")


def filters_label(op: Any, *inputs: Shape) -> str:
    """What a diagram says of a convolution: `conv 3×3, 64, /2`, `conv 3×3, depthwise`."""
    if op.groups == 1:
        return window_label(op, str(op.out))
    is_depthwise = op.groups == op.out and all(shape[0] == op.groups for shape in inputs)
    return window_label(op, "depthwise" if is_depthwise else f"{op.out}, groups {op.groups}")


@dataclass(frozen=True)
class Convolution(Op, abstract=True):
    """Weights in windows over height and width."""

    family = "convolution"
    part = "layer"
    is_overwritable = True

    def starts(self) -> Start:
        return start_of(self)

    def saves(self, *inputs: Shape) -> Saves:
        return Saves(inputs=True)

    def label(self, *inputs: Shape) -> str:
        return filters_label(self, *inputs)


@dataclass(frozen=True)
class Conv(Convolution):
    """Convolution over height and width, `out` filters of `kernel`.

    `pad="same"` is `dilation * (kernel - 1) // 2` on every side: it keeps the size at stride 1.
    """

    name = "conv"
    examples = (
        "[3, 32, 32] | conv(8, 3) -> [8, 32, 32]",
        "[8, 15, 15] | conv(16, 5, stride=2, groups=4) -> [16, 8, 8]",
        "[8, 15, 17] | conv(4, [1, 3], pad=[0, 2], bias=false) -> [4, 15, 19]",
        "[4, 20, 20] | conv(4, 3, [2, 1], dilation=[1, 2]) -> [4, 10, 20]",
        '[4, 9, 9] | conv(4, 3, init=kaiming_normal("out"), bias_init=0.5) -> [4, 9, 9]',
    )

    out: int = parameter(Whole())
    kernel: int | tuple[int, int] = parameter(WINDOW)
    stride: int | tuple[int, int] = parameter(WINDOW, 1)
    pad: int | tuple[int, int] | str = parameter(Whole(0, (2,), "same"), "same")
    groups: int = parameter(Whole(), 1)
    dilation: int | tuple[int, int] = parameter(WINDOW, 1)
    bias: bool = parameter(Truth(), True)
    init: Initializer = parameter(Initialization(), Initializer())  # noqa: RUF009
    bias_init: float | str | None = parameter(Real(word="default"), None)

    def __post_init__(self) -> None:
        even = [size for size in pair(self.kernel) if size % 2 == 0]
        if self.pad == "same" and even:
            help = f"write a number: `pad={even[0] // 2 - 1}` or `pad={even[0] // 2}`"
            raise Reject("an even kernel has no middle to pad around", "kernel", help=help)

    @staticmethod
    def rule(op: Any, *inputs: tuple[Size, ...]) -> tuple[Size, ...]:
        """The channels are `out`."""
        ((_, *sizes),) = inputs
        settings = (pair(op.kernel), pair(op.stride), padding_of(op), pair(op.dilation))
        return op.out, *map(slide, sizes, *settings)

    def check(self, *inputs: Shape) -> None:
        require_image(self.name, *inputs)
        (shape,) = inputs
        require_channels(self, shape)
        require_window(self, shape)

    def window(self, *inputs: Shape) -> Window:
        kernel, stride, dilation = map(pair, (self.kernel, self.stride, self.dilation))
        return Window(kernel, stride, padding_of(self), dilation)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        ((channels, *_),) = inputs
        shape = (self.out, channels // self.groups, *pair(self.kernel))
        return weight_and_bias(self, shape)  # type: ignore[arg-type]

    def macs(self, *inputs: Shape) -> Count:
        weight, *_ = self.weights(*inputs)
        return product(prod(weight.shape), *self.output(*inputs)[1:])

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [
            *map(TorchArgument, (input_size(), given("out"), given("kernel"))),
            TorchArgument(given("stride"), "stride", 1),
            TorchArgument(one_or_two(padding_of(Lifted(self))), "padding", 0),
            TorchArgument(given("dilation"), "dilation", 1),
            TorchArgument(given("groups"), "groups", 1),
            TorchArgument(given("bias"), "bias", True),
        ]
        return TorchForm(TorchCall("nn.Conv2d", arguments))


@dataclass(frozen=True)
class ConvTranspose(Convolution):
    """Transposed convolution: every pixel is spread over a window of `kernel`."""

    name = "conv_transpose"
    title = "transposed conv"
    examples = (
        "[8, 7, 7] | conv_transpose(4, 2, stride=2) -> [4, 14, 14]",
        "[8, 7, 5] | conv_transpose(4, 3, 2, pad=1, output_pad=1, groups=2) -> [4, 14, 10]",
        "[4, 5, 5] | conv_transpose(6, [3, 2], dilation=2, bias=false) -> [6, 9, 7]",
        "[4, 5, 5] | conv_transpose(4, 3, init=normal(0.1), bias_init=1) -> [4, 7, 7]",
    )

    out: int = parameter(Whole())
    kernel: int | tuple[int, int] = parameter(WINDOW)
    stride: int | tuple[int, int] = parameter(WINDOW, 1)
    pad: int | tuple[int, int] = parameter(MARGIN, 0)
    output_pad: int | tuple[int, int] = parameter(MARGIN, 0)
    groups: int = parameter(Whole(), 1)
    dilation: int | tuple[int, int] = parameter(WINDOW, 1)
    bias: bool = parameter(Truth(), True)
    init: Initializer = parameter(Initialization(), Initializer())  # noqa: RUF009
    bias_init: float | str | None = parameter(Real(word="default"), None)

    def __post_init__(self) -> None:
        limits = map(max, pair(self.stride), pair(self.dilation))
        for extra, limit in zip(pair(self.output_pad), limits, strict=True):
            if extra >= limit:
                message = "`output_pad` must be smaller than the stride or the dilation"
                raise Reject(message, "output_pad", f"less than {limit}", str(extra))

    @staticmethod
    def rule(op: Any, *inputs: tuple[Size, ...]) -> tuple[Size, ...]:
        """(size - 1) * stride - 2 * pad + dilation * (kernel - 1) + output_pad + 1."""
        ((_, *sizes),) = inputs
        names = ("stride", "pad", "dilation", "kernel", "output_pad")
        windows = zip(sizes, *[pair(getattr(op, name)) for name in names], strict=True)
        return op.out, *[
            size * stride + (dilation * (kernel - 1) + extra + 1 - stride - 2 * pad)
            for size, stride, pad, dilation, kernel, extra in windows
        ]

    def check(self, *inputs: Shape) -> None:
        require_image(self.name, *inputs)
        require_channels(self, inputs[0])

    def window(self, *inputs: Shape) -> Window:
        kernel, dilation = pair(self.kernel), pair(self.dilation)
        reach = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        before = tuple([r - p for r, p in zip(reach, pair(self.pad), strict=True)])
        # An output reads what the window covers among the inputs spread `stride` apart.
        return Window(kernel, (1, 1), before, dilation, pair(self.stride))

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        ((channels, *_),) = inputs
        shape = (channels, self.out // self.groups, *pair(self.kernel))
        return weight_and_bias(self, shape)  # type: ignore[arg-type]

    def macs(self, *inputs: Shape) -> Count:
        weight, *_ = self.weights(*inputs)
        return product(prod(weight.shape), *inputs[0][1:])

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
        return TorchForm(TorchCall("nn.ConvTranspose2d", arguments))
