"""Convolutions over height and width."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Any, ClassVar

from archdsl.ops.base import Op, Reject, Shape, Weight, Window, pair
from archdsl.ops.checks import require_groups, require_image
from archdsl.ops.expressions import Lifted, Size, given, input_size, one_or_two
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.initializers import start_of
from archdsl.ops.memory import Saves
from archdsl.ops.parameters import (
    Initialization,
    Initializer,
    Real,
    Start,
    Truth,
    Whole,
    parameter,
    shown,
)
from archdsl.ops.tensor_type import TensorType
from archdsl.ops.window import MARGIN, WINDOW, require_window, slide, window_label
from archdsl.shapes import Count, product

OUT = "number of output channels"
KERNEL = "height and width of the window"
STRIDE = "step of the window"
GROUPS = "number of channel groups; each group reads only its own channels"
DILATION = "distance between neighboring pixels of a window"
BIAS = "whether to add a learned bias to every channel"
INIT = "initialisation of the weight"
BIAS_INIT = "initial value of the bias; 0 with an `init`, else PyTorch's initialisation"
PYTORCH_WINDOW = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
LARGEST_KERNEL = 15
"""A larger kernel is seldom meant, unless its stride is large too, or it has groups."""


def padding_of(op: Any) -> tuple[Any, Any]:
    """The padding of a convolution; "same" is half of the kernel's reach on both sides."""
    if op.pad != "same":
        return pair(op.pad)
    kernel, dilation = pair(op.kernel), pair(op.dilation)
    # For an odd kernel (kernel - 1) // 2 is kernel // 2.
    return dilation[0] * (kernel[0] // 2), dilation[1] * (kernel[1] // 2)


def _nearest_pads(op: Any) -> list[int | tuple[int, ...]]:
    """The paddings nearest to half of the kernel's reach: one number if that suffices."""
    kernel, dilation = pair(op.kernel), pair(op.dilation)
    reaches = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    lower, upper = ([(reach + extra) // 2 for reach in reaches] for extra in (0, 1))
    pads = [tuple(lower)] if lower == upper else [tuple(lower), tuple(upper)]
    return [pad[0] if len(set(reaches)) == 1 else pad for pad in pads]


def weight_and_bias(op: Any, shape: tuple[int, ...]) -> tuple[Weight, ...]:
    """The state of a convolution or a linear layer."""
    bias = (Weight("bias", (op.out,)),) if op.bias else ()
    return Weight("weight", shape), *bias


def require_channels(op: Any, shape: Shape) -> None:
    """Raise `Reject` where the groups do not divide the channels before and after."""
    require_groups(op, shape.channels)
    require_groups(op, op.out, "channels it makes")


def filters_label(op: Any, *inputs: Shape) -> str:
    """The text of a convolution in a diagram: `conv 3×3, 64, /2`, `conv 3×3, depthwise`."""
    if op.groups == 1:
        return window_label(op, str(op.out))
    is_depthwise = op.groups == op.out and all(shape.channels == op.groups for shape in inputs)
    return window_label(op, "depthwise" if is_depthwise else f"{op.out}, groups {op.groups}")


@dataclass(frozen=True)
class Convolution(Op, abstract=True):
    """Weights in windows over height and width."""

    family = "convolution"
    part = "layer"
    positional = 3
    least_even: ClassVar[int] = 4
    """The smallest even kernel that people write without a stride."""
    is_overwritable = True

    @classmethod
    def is_usual(cls, values: Mapping[str, Any]) -> bool:
        """Windows are small, or as large as their stride; padding replaces what they cut off."""
        names = ("kernel", "stride", "pad", "groups")
        kernel, stride, pad, groups = [values.get(name) for name in names]
        axes = zip(*[pair(value) for value in (kernel, stride, pad)], strict=False)
        return all(cls._is_usual_window(k, s, p, groups == 1) for k, s, p in axes)

    @classmethod
    def _is_usual_window(cls, kernel: Any, stride: Any, pad: Any, is_dense: bool) -> bool:
        """Whether people write windows like this one, along one axis."""
        if not isinstance(kernel, int) or not isinstance(stride, int):
            return True
        if is_dense and kernel > max(LARGEST_KERNEL, 2 * stride):
            return False
        if pad == "same" or kernel == 1:
            is_inside = kernel == 1 or stride <= kernel
            return kernel % 2 == 1 and is_inside and pad in {"same", 0, None}
        is_known = isinstance(pad, int)
        if kernel % 2:
            return stride <= kernel and (not is_known or pad <= kernel // 2)
        if stride == 1:
            return kernel >= cls.least_even and pad in {0, None}
        pads = {0, kernel // 2 - 1, kernel // 2, (kernel - stride) // 2}
        return stride <= kernel and (not is_known or pad in pads)

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
    pytorch = (*PYTORCH_WINDOW, "dilation", "groups", "bias")
    pytorch_defaults = MappingProxyType({"pad": 0})
    examples = (
        "[3, 32, 32] | conv(8, 3) -> [8, 32, 32]",
        "[8, 15, 15] | conv(16, 5, stride=2, groups=4) -> [16, 8, 8]",
        "[8, 15, 17] | conv(4, [1, 3], pad=[0, 2], bias=false) -> [4, 15, 19]",
        "[4, 20, 20] | conv(4, 3, [2, 1], dilation=[1, 2]) -> [4, 10, 20]",
        '[4, 9, 9] | conv(4, 3, init=kaiming_normal("out"), bias_init=0.5) -> [4, 9, 9]',
    )

    out: int = parameter(Whole(), about=OUT)
    kernel: int | tuple[int, int] = parameter(WINDOW, about=KERNEL)
    stride: int | tuple[int, int] = parameter(WINDOW, 1, about=STRIDE)
    pad: int | tuple[int, int] | str = parameter(
        Whole(0, (2,), "same"),
        "same",
        about='pixels of zeros on every side; "same", for odd kernels, keeps the size at stride 1',
    )
    groups: int = parameter(Whole(), 1, about=GROUPS)
    dilation: int | tuple[int, int] = parameter(WINDOW, 1, about=DILATION)
    bias: bool = parameter(Truth(), True, about=BIAS)
    init: Initializer = parameter(Initialization(), Initializer(), about=INIT)  # noqa: RUF009
    bias_init: float | str | None = parameter(Real(word="default"), None, about=BIAS_INIT)

    def __post_init__(self) -> None:
        if self.pad == "same" and any(size % 2 == 0 for size in pair(self.kernel)):
            help = f"write {' or '.join(f'`pad={shown(pad)}`' for pad in _nearest_pads(self))}"
            message, kernel = "an even kernel has no middle to pad around", shown(self.kernel)
            raise Reject(message, "kernel", found=f"kernel {kernel}", help=help)

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The channels are `out`."""
        shape = inputs[0].with_channels(op.out)
        if op.pad == "same":
            # The padding on both sides is the reach of the odd kernel: only strides count.
            settings = [(1, 1), pair(op.stride), (0, 0)]
        else:
            settings = [*map(pair, (op.kernel, op.stride, op.pad, op.dilation))]
        return shape.with_positions(map(slide, shape.positions, *settings))

    def check(self, *inputs: Shape) -> None:
        require_image(self.name, *inputs)
        (shape,) = inputs
        require_channels(self, shape)
        require_window(self, shape)

    def window(self, *inputs: Shape) -> Window:
        kernel, stride, dilation = map(pair, (self.kernel, self.stride, self.dilation))
        return Window(kernel, stride, padding_of(self), dilation)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        channels = inputs[0].channels
        shape = (self.out, channels // self.groups, *pair(self.kernel))
        return weight_and_bias(self, shape)  # type: ignore[arg-type]

    def macs(self, *inputs: Shape) -> Count:
        weight, *_ = self.weights(*inputs)
        return product(prod(weight.shape), *self.output(*inputs).positions)

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
    pytorch = (*PYTORCH_WINDOW, "output_padding", "groups", "bias", "dilation")
    least_even = 2
    examples = (
        "[8, 7, 7] | conv_transpose(4, 2, stride=2) -> [4, 14, 14]",
        "[8, 7, 5] | conv_transpose(4, 3, 2, pad=1, output_pad=1, groups=2) -> [4, 14, 10]",
        "[4, 5, 5] | conv_transpose(6, [3, 2], dilation=2, bias=false) -> [6, 9, 7]",
        "[4, 5, 5] | conv_transpose(4, 3, init=normal(0.1), bias_init=1) -> [4, 7, 7]",
    )

    out: int = parameter(Whole(), about=OUT)
    kernel: int | tuple[int, int] = parameter(WINDOW, about=KERNEL)
    stride: int | tuple[int, int] = parameter(WINDOW, 1, about=STRIDE)
    pad: int | tuple[int, int] = parameter(
        MARGIN, 0, about="pixels to cut from the result on every side"
    )
    output_pad: int | tuple[int, int] = parameter(
        MARGIN, 0, about="rows and columns to add at the end of the result"
    )
    groups: int = parameter(Whole(), 1, about=GROUPS)
    dilation: int | tuple[int, int] = parameter(WINDOW, 1, about=DILATION)
    bias: bool = parameter(Truth(), True, about=BIAS)
    init: Initializer = parameter(Initialization(), Initializer(), about=INIT)  # noqa: RUF009
    bias_init: float | str | None = parameter(Real(word="default"), None, about=BIAS_INIT)

    def __post_init__(self) -> None:
        limits = map(max, pair(self.stride), pair(self.dilation))
        for extra, limit in zip(pair(self.output_pad), limits, strict=True):
            if extra >= limit:
                message = "`output_pad` must be smaller than the stride or the dilation"
                raise Reject(message, "output_pad", f"less than {limit}", str(extra))

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """(size - 1) * stride - 2 * pad + dilation * (kernel - 1) + output_pad + 1."""
        shape = inputs[0].with_channels(op.out)
        names = ("stride", "pad", "dilation", "kernel", "output_pad")
        windows = zip(shape.positions, *[pair(getattr(op, name)) for name in names], strict=True)
        return shape.with_positions(
            size * stride + (dilation * (kernel - 1) + extra + 1 - stride - 2 * pad)
            for size, stride, pad, dilation, kernel, extra in windows
        )

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
        shape = (inputs[0].channels, self.out // self.groups, *pair(self.kernel))
        return weight_and_bias(self, shape)  # type: ignore[arg-type]

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
        return TorchForm(TorchCall("nn.ConvTranspose2d", arguments))
