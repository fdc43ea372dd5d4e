"""Pooling over height and width."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from archdsl.ops.base import Op, Reject, Shape, Window, pair
from archdsl.ops.checks import require_image
from archdsl.ops.expressions import Size, as_expression, given
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import INDEX_BYTES, SavedTensor, Saves
from archdsl.ops.parameters import Truth, parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.ops.window import MARGIN, WINDOW, require_window, slide, window_label


def stride_of(op: Any) -> Any:
    """The stride of a pooling: its kernel, where none is given."""
    return op.kernel if op.stride is None else op.stride


def _with_places(result: Shape) -> Saves:
    """The input is kept, with the index of every number that was the largest."""
    return Saves(inputs=True, own=(SavedTensor(result.sizes, INDEX_BYTES),))


@dataclass(frozen=True)
class Pooling(Op, abstract=True):
    """A window of `kernel` that slides over every channel; without `stride`, side by side."""

    family = "pooling"
    positional = 2
    is_overwritable = True
    module: ClassVar[str]
    function: ClassVar[str]

    kernel: int | tuple[int, int] = parameter(WINDOW, about="height and width of the window")
    stride: int | tuple[int, int] | None = parameter(
        WINDOW, None, about="step of the window; by default the kernel"
    )
    pad: int | tuple[int, int] = parameter(
        MARGIN, 0, about="pixels on every side, at most half the kernel"
    )
    ceil: bool = parameter(
        Truth(), False, about="whether to keep a last window that is only partly filled"
    )

    def __post_init__(self) -> None:
        for pad, kernel in zip(pair(self.pad), pair(self.kernel), strict=True):
            if 2 * pad > kernel:
                message = f"`pad` of `{self.name}` may be half the kernel at most"
                raise Reject(message, "pad", f"{kernel // 2} or less", str(pad))

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The channels stay."""
        (shape,) = inputs
        settings = map(pair, (op.kernel, stride_of(op), op.pad))
        return shape.with_positions(map(partial(slide, ceil=op.ceil), shape.positions, *settings))

    def check(self, *inputs: Shape) -> None:
        require_image(self.name, *inputs)
        require_window(self, inputs[0], self.ceil)

    def window(self, *inputs: Shape) -> Window:
        kernel, stride, padding = map(pair, (self.kernel, stride_of(self), self.pad))
        return Window(kernel, stride, padding)

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
        arguments = self.arguments()
        return TorchForm(TorchCall(self.module, arguments), TorchCall(self.function, arguments))

    def label(self, *inputs: Shape) -> str:
        return window_label(self)


@dataclass(frozen=True)
class MaxPool(Pooling):
    """The largest number of every window; `ceil` keeps a last window that is not full."""

    name = "maxpool"
    module = "nn.MaxPool2d"
    function = "F.max_pool2d"
    examples = (
        "[8, 13, 13] | maxpool(2) -> [8, 6, 6]",
        "[8, 28, 28] | maxpool(3, stride=2, pad=1) -> [8, 14, 14]",
        "[8, 12, 10] | maxpool([3, 2], [2, 1], ceil=true) -> [8, 6, 9]",
    )

    def saves(self, *inputs: Shape) -> Saves:
        return _with_places(self.output(*inputs))


@dataclass(frozen=True)
class AvgPool(Pooling):
    """The mean of every window; `count_pad` says whether padding counts as zeros in it."""

    name = "avgpool"
    module = "nn.AvgPool2d"
    function = "F.avg_pool2d"
    examples = (
        "[8, 14, 14] | avgpool(2) -> [8, 7, 7]",
        "[8, 35, 35] | avgpool(3, stride=1, pad=1, count_pad=false) -> [8, 35, 35]",
        "[8, 12, 12] | avgpool(3, stride=2, pad=[0, 1], ceil=true) -> [8, 6, 7]",
    )

    count_pad: bool = parameter(Truth(), True, about="whether to count padding, as zeros")

    def arguments(self) -> list[TorchArgument]:
        count = TorchArgument(given("count_pad"), "count_include_pad", True)
        return [*super().arguments(), count]

    def saves(self, *inputs: Shape) -> Saves:
        return Saves(inputs=True)


@dataclass(frozen=True)
class AdaptiveAvgPool(Op):
    """The means of windows that divide the image evenly into `size` parts on every side.

    Part i of n goes from floor(i * size / n) to ceil((i + 1) * size / n).
    """

    name = "adaptive_avgpool"
    family = "pooling"
    positional = 1
    is_overwritable = True
    examples = (
        "[8, 14, 14] | adaptive_avgpool(7) -> [8, 7, 7]",
        "[8, 13, 5] | adaptive_avgpool([6, 7]) -> [8, 6, 7]",
    )

    size: int | tuple[int, int] = parameter(WINDOW, about="height and width of the result")

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """Height and width are `size`."""
        return inputs[0].with_positions(pair(op.size))

    def check(self, *inputs: Shape) -> None:
        require_image(self.name, *inputs)

    def window(self, *inputs: Shape) -> Window:
        """That of an ordinary pooling where `size` divides the input."""
        sizes = [size for shape in inputs for size in shape.positions if isinstance(size, int)]
        parts = pair(self.size)
        if parts == (1, 1) or len(sizes) < 2 or any(map(int.__mod__, sizes, parts)):
            return Window(covers=True)
        height, width = map(int.__floordiv__, sizes, parts)
        return Window((height, width), (height, width))

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [TorchArgument(given("size"))]
        return TorchForm(
            TorchCall("nn.AdaptiveAvgPool2d", arguments),
            TorchCall("F.adaptive_avg_pool2d", arguments),
        )

    def saves(self, *inputs: Shape) -> Saves:
        # For a single number PyTorch takes a plain mean, which reads nothing again.
        return Saves(inputs=pair(self.size) != (1, 1))


@dataclass(frozen=True)
class GlobalPooling(Op, abstract=True):
    """One number for every channel, from the whole image."""

    family = "pooling"
    is_overwritable = True
    module: ClassVar[str]
    function: ClassVar[str]

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """Height and width are 1."""
        return inputs[0].with_positions(pair(1))

    def check(self, *inputs: Shape) -> None:
        require_image(self.name, *inputs)

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [TorchArgument(as_expression(1))]
        return TorchForm(TorchCall(self.module, arguments), TorchCall(self.function, arguments))


@dataclass(frozen=True)
class GlobalAvgPool(GlobalPooling):
    """The mean of every channel."""

    name = "global_avgpool"
    module = "nn.AdaptiveAvgPool2d"
    function = "F.adaptive_avg_pool2d"
    examples = ("[8, 7, 5] | global_avgpool -> [8, 1, 1]",)


@dataclass(frozen=True)
class GlobalMaxPool(GlobalPooling):
    """The largest number of every channel."""

    name = "global_maxpool"
    module = "nn.AdaptiveMaxPool2d"
    function = "F.adaptive_max_pool2d"
    examples = ("[8, 7, 5] | global_maxpool -> [8, 1, 1]",)

    def saves(self, *inputs: Shape) -> Saves:
        return _with_places(self.output(*inputs))
