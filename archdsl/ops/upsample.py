"""Axes made larger by repetition or interpolation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archdsl.ops.axes import SIZES, Numbers, Window, combined, each
from archdsl.ops.base import Op, Reject, Shape
from archdsl.ops.checks import require_axes
from archdsl.ops.expressions import Lifted, Size, given, one_or_several
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.parameters import Word, parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.ops.window import scale_label
from archdsl.provenance import Expression, operation

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
