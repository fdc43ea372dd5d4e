"""Convolutions over positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Any, ClassVar

from archdsl.ops import same_end
from archdsl.ops.axes import MARGINS, SIZES, Numbers, Window, aligned, combined, each
from archdsl.ops.base import Op, Reject, Shape, Weight
from archdsl.ops.checks import require_axes, require_groups
from archdsl.ops.expressions import Lifted, Size, given, input_size, one_or_several
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.initializers import start_of
from archdsl.ops.memory import SavedTensor, Saves
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
from archdsl.ops.same_end import SAME_END, slide_to_end
from archdsl.ops.tensor_type import TensorType
from archdsl.ops.window import require_window, slide, window_label
from archdsl.shapes import Count, Dim, product

OUT = "number of output channels"
KERNEL = "size of the window"
STRIDE = "step of the window"
GROUPS = "number of channel groups; each group reads only its own channels"
DILATION = "distance between neighboring pixels of a window"
BIAS = "whether to add a learned bias to every channel"
INIT = "initialisation of the weight"
BIAS_INIT = "initial value of the bias; 0 with an `init`, else PyTorch's initialisation"
PYTORCH_WINDOW = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
PADS = Whole(0, MARGINS.lists, ("same", SAME_END))
LARGEST_KERNEL = 15
"""A larger kernel is seldom meant, unless its stride is large too, or it has groups."""


def padding_of(op: Any) -> Any:
    """The padding of a convolution; "same" is half of the kernel's reach on both sides."""
    if op.pad != "same":
        return op.pad
    # For an odd kernel (kernel - 1) // 2 is kernel // 2.
    return combined(lambda kernel, dilation: dilation * (kernel // 2), op.kernel, op.dilation)


def _nearest_pads(op: Any) -> list[int | tuple[int, ...]]:
    """The paddings nearest to half of the kernel's reach: one number if that suffices."""
    reaches = [dilation * (kernel - 1) for kernel, dilation in aligned(op.kernel, op.dilation)]
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
    (shape,) = inputs
    if op.groups == 1:
        return window_label(op, shape, str(op.out))
    is_depthwise = op.groups == op.out == shape.channels
    return window_label(op, shape, "depthwise" if is_depthwise else f"{op.out}, groups {op.groups}")


@dataclass(frozen=True)
class Convolution(Op, abstract=True):
    """Weights in windows over positions."""

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
        axes = aligned(kernel, stride, pad)
        return all(cls._is_usual_window(k, s, p, groups == 1) for k, s, p in axes)

    @classmethod
    def _is_usual_window(cls, kernel: Any, stride: Any, pad: Any, is_dense: bool) -> bool:
        """Whether people write windows like this one, along one axis."""
        if not isinstance(kernel, int) or not isinstance(stride, int):
            return True
        if is_dense and kernel > max(LARGEST_KERNEL, 2 * stride):
            return False
        if pad == SAME_END:
            return True
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
    """Convolution over 1, 2 or 3 axes of positions, `out` filters of `kernel`.

    `pad="same"` is `dilation * (kernel - 1) // 2` on every side: it keeps the size at stride 1.
    `pad="same_end"` is TensorFlow's: as little as gives ceil(size / stride), the smaller half
    before.
    """

    name = "conv"
    pytorch: ClassVar[Sequence[str]] = (*PYTORCH_WINDOW, "dilation", "groups", "bias")
    pytorch_defaults = MappingProxyType({"pad": 0})
    examples: ClassVar[tuple[str, ...]] = (
        "[3, 32, 32] | conv(8, 3) -> [8, 32, 32]",
        "[8, 15, 15] | conv(16, 5, stride=2, groups=4) -> [16, 8, 8]",
        "[8, 15, 17] | conv(4, [1, 3], pad=[0, 2], bias=false) -> [4, 15, 19]",
        "[4, 20, 20] | conv(4, 3, [2, 1], dilation=[1, 2]) -> [4, 10, 20]",
        '[4, 9, 9] | conv(4, 3, init=kaiming_normal("out"), bias_init=0.5) -> [4, 9, 9]',
        "[4, 30] | conv(8, 5, stride=2) -> [8, 15]",
        "[4, 20] | conv(4, [3], pad=[0], dilation=[4], groups=4) -> [4, 12]",
        "[3, 8, 6, 7] | conv(4, [1, 3, 3], stride=[1, 2, 2]) -> [4, 8, 3, 4]",
        '[3, 8, 9] | conv(8, 3, stride=2, pad="same_end") -> [8, 4, 5]',
        '[4, 30] | conv(4, 4, pad="same_end", dilation=3, groups=2) -> [4, 30]',
        '[3, 4, 7, 8] | conv(4, [2, 3, 5], [2, 2, 3], pad="same_end") -> [4, 2, 4, 3]',
    )

    out: int = parameter(Whole(), about=OUT)
    kernel: Numbers = parameter(SIZES, about=KERNEL)
    stride: Numbers = parameter(SIZES, 1, about=STRIDE)
    pad: Numbers | str = parameter(
        PADS,
        "same",
        about='pixels of zeros on every side; "same", for odd kernels, keeps the size at stride 1, '
        '"same_end" gives ceil(size / stride)',
    )
    groups: int = parameter(Whole(), 1, about=GROUPS)
    dilation: Numbers = parameter(SIZES, 1, about=DILATION)
    bias: bool = parameter(Truth(), True, about=BIAS)
    init: Initializer = parameter(Initialization(), Initializer(), about=INIT)
    bias_init: float | str | None = parameter(Real(word="default"), None, about=BIAS_INIT)

    def __post_init__(self) -> None:
        if self.pad == "same" and any(size % 2 == 0 for (size,) in aligned(self.kernel)):
            help = f"write {' or '.join(f'`pad={shown(pad)}`' for pad in _nearest_pads(self))}"
            message, kernel = "an even kernel has no middle to pad around", shown(self.kernel)
            raise Reject(message, "kernel", found=f"kernel {kernel}", help=help)

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The channels are `out`."""
        shape = inputs[0].with_channels(op.out)
        if op.pad == SAME_END:
            strides = each(op.stride, len(shape.positions))
            return shape.with_positions(map(slide_to_end, shape.positions, strides))
        if op.pad == "same":
            # The padding on both sides is the reach of the odd kernel: only strides count.
            numbers = [1, op.stride, 0]
        else:
            numbers = [op.kernel, op.stride, op.pad, op.dilation]
        settings = [each(number, len(shape.positions)) for number in numbers]
        return shape.with_positions(map(slide, shape.positions, *settings))

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        require_axes(self, shape)
        require_channels(self, shape)
        if self.pad != SAME_END:
            require_window(self, shape)

    def window(self, *inputs: Shape) -> Window:
        if self.pad == SAME_END:
            margin = same_end.before(self, inputs[0]) if inputs else 0
            return Window(self.kernel, self.stride, margin, self.dilation)
        return Window(self.kernel, self.stride, padding_of(self), self.dilation)

    def saves(self, *inputs: Shape) -> Saves:
        if self.pad == SAME_END:
            return Saves(own=(SavedTensor(same_end.padded(self, inputs[0]).sizes),))
        return super().saves(*inputs)

    def between(self, *inputs: Shape) -> tuple[Dim, ...]:
        return same_end.padded(self, inputs[0]).positions if self.pad == SAME_END else ()

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        channels, kernel = inputs[0].channels, each(self.kernel, len(inputs[0].positions))
        shape = (self.out, channels // self.groups, *kernel)
        return weight_and_bias(self, shape)

    def macs(self, *inputs: Shape) -> Count:
        weight, *_ = self.weights(*inputs)
        return product(prod(weight.shape), *self.output(*inputs).positions)

    def torch(self, *inputs: Shape) -> TorchForm:
        axes = len(inputs[0].positions)
        if self.pad == SAME_END:
            module = TorchCall(f"Conv{axes}dSame", self.arguments())
            definition = same_end.definition(axes)
            return TorchForm(module, definition=definition, base=f"nn.Conv{axes}d")
        return TorchForm(TorchCall(f"nn.Conv{axes}d", self.arguments()))

    def arguments(self) -> list[TorchArgument]:
        """The arguments of PyTorch's convolution."""
        padding = TorchArgument(one_or_several(padding_of(Lifted(self))), "padding", 0)
        return [
            *map(TorchArgument, (input_size(), given("out"), given("kernel"))),
            TorchArgument(given("stride"), "stride", 1),
            *([] if self.pad == SAME_END else [padding]),
            TorchArgument(given("dilation"), "dilation", 1),
            TorchArgument(given("groups"), "groups", 1),
            TorchArgument(given("bias"), "bias", True),
        ]
