"""Pooling over positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from archdsl.ops.axes import MARGINS, SIZES, Numbers, Window, aligned, each, times
from archdsl.ops.base import Op, Reject, Shape, shape_text
from archdsl.ops.checks import require_axes
from archdsl.ops.expressions import Size, as_expression, given
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import INDEX_BYTES, SavedTensor, Saves
from archdsl.ops.parameters import Truth, parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.ops.window import require_window, slide, window_label
from archdsl.provenance import Literal, operation
from archdsl.shapes import Dim

VOLUME = 3
"""The number of axes of a volume, or of a film."""


def stride_of(op: Any) -> Any:
    """The stride of a pooling: its kernel, where none is given."""
    return op.kernel if op.stride is None else op.stride


def _with_places(result: Shape) -> Saves:
    """The input is kept, with the index of every number that was the largest."""
    return Saves(inputs=True, own=(SavedTensor(result.sizes, INDEX_BYTES),))


def _is_uneven(size: int, parts: int) -> bool:
    return size == 0 or size % parts != 0


def _by_axes(op: Any, shape: Shape, arguments: Sequence[TorchArgument]) -> TorchForm:
    """The module and the function of a pooling, which PyTorch has for every number of axes."""
    suffix = f"{len(shape.positions)}d"
    module, function = f"{op.module}{suffix}", f"{op.function}{suffix}"
    return TorchForm(TorchCall(module, arguments), TorchCall(function, arguments))


POOL_LAST = '''\
class {name}(nn.Module):
    """{words} over some dimensions, where the channels are last."""

    def __init__(self, dims: tuple[int, ...]) -> None:
        super().__init__()
        self.dims = list(dims)

    def forward(self, x: Tensor) -> Tensor:
        return x.{method}(self.dims, keepdim=True)
'''


@dataclass(frozen=True)
class Pooling(Op, abstract=True):
    """A window of `kernel` that slides over every channel; without `stride`, side by side."""

    family = "pooling"
    positional = 2
    is_overwritable = True
    module: ClassVar[str]
    function: ClassVar[str]

    kernel: Numbers = parameter(SIZES, about="size of the window")
    stride: Numbers | None = parameter(
        SIZES, None, about="step of the window; by default the kernel"
    )
    pad: Numbers = parameter(MARGINS, 0, about="pixels on every side, at most half the kernel")
    ceil: bool = parameter(
        Truth(), False, about="whether to keep a last window that is only partly filled"
    )

    def __post_init__(self) -> None:
        for pad, kernel in aligned(self.pad, self.kernel):
            if 2 * pad > kernel:
                message = f"`pad` of `{self.name}` may be half the kernel at most"
                raise Reject(message, "pad", f"{kernel // 2} or less", str(pad))

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The channels stay."""
        (shape,) = inputs
        numbers = (op.kernel, stride_of(op), op.pad)
        settings = [each(number, len(shape.positions)) for number in numbers]
        return shape.with_positions(map(partial(slide, ceil=op.ceil), shape.positions, *settings))

    def check(self, *inputs: Shape) -> None:
        require_axes(self, inputs[0])
        require_window(self, inputs[0], self.ceil)

    def window(self, *inputs: Shape) -> Window:
        return Window(self.kernel, stride_of(self), self.pad)

    def arguments(self) -> list[TorchArgument]:
        """The arguments of PyTorch's pooling; its default stride is the kernel too."""
        stride = [] if self.stride is None else [TorchArgument(given("stride"), "stride")]
        return [
            TorchArgument(given("kernel")),
            *stride,
            TorchArgument(given("pad"), "padding", 0),
            TorchArgument(given("ceil"), "ceil_mode", False),
        ]

    def torch(self, *inputs: Shape) -> TorchForm:
        return _by_axes(self, inputs[0], self.arguments())

    def label(self, *inputs: Shape) -> str:
        return window_label(self, inputs[0])


@dataclass(frozen=True)
class MaxPool(Pooling):
    """The largest number of every window; `ceil` keeps a last window that is not full."""

    name = "maxpool"
    module = "nn.MaxPool"
    function = "F.max_pool"
    examples = (
        "[8, 13, 13] | maxpool(2) -> [8, 6, 6]",
        "[8, 28, 28] | maxpool(3, stride=2, pad=1) -> [8, 14, 14]",
        "[8, 12, 10] | maxpool([3, 2], [2, 1], ceil=true) -> [8, 6, 9]",
        "[8, 30] | maxpool(4) -> [8, 7]",
        "[8, 6, 9, 8] | maxpool([1, 3, 2], 2, pad=[0, 1, 1]) -> [8, 3, 5, 5]",
    )

    def saves(self, *inputs: Shape) -> Saves:
        return _with_places(self.output(*inputs))


@dataclass(frozen=True)
class AvgPool(Pooling):
    """The mean of every window; `count_pad` says whether padding counts as zeros in it."""

    name = "avgpool"
    module = "nn.AvgPool"
    function = "F.avg_pool"
    examples = (
        "[8, 14, 14] | avgpool(2) -> [8, 7, 7]",
        "[8, 35, 35] | avgpool(3, stride=1, pad=1, count_pad=false) -> [8, 35, 35]",
        "[8, 12, 12] | avgpool(3, stride=2, pad=[0, 1], ceil=true) -> [8, 6, 7]",
        "[8, 30] | avgpool([5], pad=2) -> [8, 6]",
        "[8, 6, 9, 8] | avgpool([1, 3, 2], stride=2) -> [8, 3, 4, 4]",
    )

    count_pad: bool = parameter(Truth(), True, about="whether to count padding, as zeros")

    def check(self, *inputs: Shape) -> None:
        super().check(*inputs)
        (shape,) = inputs
        for axis, room in enumerate(self.leeway(shape)):
            if isinstance(room, int) and room < 1:
                least = each(self.kernel, VOLUME)[axis]
                message = "`avgpool` of a volume takes no window that is larger, even with padding"
                expected = f"a {shape.axes[axis]} of {least} or more"
                raise Reject(message, "", expected, shape_text(shape), "make the window smaller")

    def leeway(self, *inputs: Shape) -> tuple[Dim, ...]:
        (shape,) = inputs
        if len(shape.positions) < VOLUME:
            return ()
        # PyTorch's AvgPool3d compares the window with the image before it pads.
        kernels = each(self.kernel, VOLUME)
        return tuple([s - (k - 1) for s, k in zip(shape.positions, kernels, strict=True)])

    def arguments(self) -> list[TorchArgument]:
        count = TorchArgument(given("count_pad"), "count_include_pad", True)
        return [*super().arguments(), count]

    def saves(self, *inputs: Shape) -> Saves:
        return Saves(inputs=True)


@dataclass(frozen=True)
class AdaptiveAvgPool(Op):
    """The means of windows that divide every axis evenly into `size` parts.

    Part i of n goes from floor(i * size / n) to ceil((i + 1) * size / n).
    """

    name = "adaptive_avgpool"
    family = "pooling"
    positional = 1
    is_overwritable = True
    module = "nn.AdaptiveAvgPool"
    function = "F.adaptive_avg_pool"
    examples = (
        "[8, 14, 14] | adaptive_avgpool(7) -> [8, 7, 7]",
        "[8, 13, 5] | adaptive_avgpool([6, 7]) -> [8, 6, 7]",
        "[8, 30] | adaptive_avgpool(10) -> [8, 10]",
        "[8, 6, 7, 5] | adaptive_avgpool([3, 2, 1]) -> [8, 3, 2, 1]",
    )

    size: Numbers = parameter(SIZES, about="number of positions along every axis of the result")

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """Every axis has `size` positions."""
        (shape,) = inputs
        return shape.with_positions(each(op.size, len(shape.positions)))

    def check(self, *inputs: Shape) -> None:
        require_axes(self, inputs[0])

    def window(self, *inputs: Shape) -> Window:
        """That of an ordinary pooling where `size` divides the input."""
        known = [shape.map(lambda size: size if isinstance(size, int) else 0) for shape in inputs]
        sizes = known[0].positions if known else ()
        parts = each(self.size, len(sizes))
        if set(parts) == {1} or not sizes or any(map(_is_uneven, sizes, parts)):
            return Window(covers=True)
        lengths = tuple(map(int.__floordiv__, sizes, parts))
        return Window(lengths, lengths)

    def torch(self, *inputs: Shape) -> TorchForm:
        return _by_axes(self, inputs[0], [TorchArgument(given("size"))])

    def saves(self, *inputs: Shape) -> Saves:
        # For a single number PyTorch takes a plain mean, which reads nothing again.
        return Saves(inputs=times(self.size) != "1")


@dataclass(frozen=True)
class GlobalPooling(Op, abstract=True):
    """One number for every channel, from all positions."""

    family = "pooling"
    is_overwritable = True
    module: ClassVar[str]
    function: ClassVar[str]
    method: ClassVar[str]
    """The method of a tensor that makes one number of several."""

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """Every axis has one position."""
        (shape,) = inputs
        return shape.with_positions(each(1, len(shape.positions)))

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        if not shape.is_last:
            require_axes(self, shape)

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def torch(self, *inputs: Shape) -> TorchForm:
        (shape,) = inputs
        if not shape.is_last:
            return _by_axes(self, shape, [TorchArgument(as_expression(1))])
        name = f"{type(self).__name__}Last"
        words = (type(self).__doc__ or "").strip().removesuffix(".")
        text = POOL_LAST.format(name=name, words=words, method=self.method)
        dims = operation("list", *map(Literal, range(1, shape.rank)))
        return TorchForm(TorchCall(name, [TorchArgument(dims)]), definition=text)


@dataclass(frozen=True)
class GlobalAvgPool(GlobalPooling):
    """The mean of every channel."""

    name = "global_avgpool"
    module = "nn.AdaptiveAvgPool"
    function = "F.adaptive_avg_pool"
    examples = (
        "[8, 7, 5] | global_avgpool -> [8, 1, 1]",
        "[8, 30] | global_avgpool -> [8, 1]",
        "[8, 4, 7, 5] | global_avgpool -> [8, 1, 1, 1]",
        "[20; 8] | global_avgpool -> [1; 8]",
        "[7, 5; 8] | global_avgpool -> [1, 1; 8]",
    )
    method = "mean"


@dataclass(frozen=True)
class GlobalMaxPool(GlobalPooling):
    """The largest number of every channel."""

    name = "global_maxpool"
    module = "nn.AdaptiveMaxPool"
    function = "F.adaptive_max_pool"
    examples = (
        "[8, 7, 5] | global_maxpool -> [8, 1, 1]",
        "[8, 30] | global_maxpool -> [8, 1]",
        "[8, 4, 7, 5] | global_maxpool -> [8, 1, 1, 1]",
        "[20; 8] | global_maxpool -> [1; 8]",
    )
    method = "amax"

    def saves(self, *inputs: Shape) -> Saves:
        if inputs[0].is_last:
            return Saves(inputs=True, output=True)
        return _with_places(self.output(*inputs))
