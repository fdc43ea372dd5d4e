"""One tensor at the positions of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archdsl.ops.axes import Window
from archdsl.ops.base import Op, Reject, Shape, shape_text
from archdsl.ops.checks import require_axes
from archdsl.ops.expressions import Size
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.parameters import parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.ops.upsample import INTERPOLATION, Upsample, interpolation, require_interpolation
from archdsl.shapes import Dim, Undecided, same

FACTORS = (1, 2, 4, 8, 16, 32)
"""The factors between sizes with symbols that are looked for."""


@dataclass(frozen=True)
class Resize(Op):
    """The first branch, with as many positions along every axis as the second has.

    Of the second the shape counts alone, so sizes need not be known: in a pyramid of features it
    takes the place of `upsample(2)`, for images of any size. Positions are repeated, or
    interpolated between as by `upsample`. Where an axis is not enlarged by a whole factor, its
    receptive field is taken to be the whole input.
    """

    name = "resize"
    family = "reshape"
    arity = 2
    shape_inputs = (1,)
    examples = (
        "[8, 5, 4], [3, 9, 8] | resize -> [8, 9, 8]",
        '[8, 5, 4], [3, 10, 12] | resize(mode="bilinear") -> [8, 10, 12]',
        '[8, 5, 4], [3, 3, 2] | resize(mode="linear") -> [8, 3, 2]',
        '[8, 5], [8, 7] | resize(mode="linear") -> [8, 7]',
        '[8, 2, 5, 4], [8, 6, 5, 8] | resize(mode="linear") -> [8, 6, 5, 8]',
    )

    mode: str = parameter(
        INTERPOLATION,
        "nearest",
        about="whether to repeat positions or interpolate; on images linear is bilinear",
    )

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The channels of the first, the positions of the second."""
        shape, like = inputs
        return shape.with_positions(like.positions)

    def check(self, *inputs: Shape) -> None:
        for index, each in enumerate(inputs):
            try:
                require_axes(self, each)
            except Reject as reject:
                reject.index = index
                raise
        shape, like = inputs
        require_interpolation(self.mode, shape)
        if shape.rank != like.rank:
            message = "the branches of `resize` have other axes"
            expected = f"{len(shape.positions)} sizes behind the channels"
            raise Reject(message, "", expected, shape_text(like), "", 1)

    def window(self, *inputs: Shape) -> Window:
        if not inputs:
            return Window(covers=True)
        shape, like = inputs
        found = map(_factor, shape.positions, like.positions)
        factors = tuple([factor for factor in found if factor is not None])
        if len(factors) < len(shape.positions):
            return Window(covers=True)
        return Upsample(factors, self.mode).window()

    def torch(self, *inputs: Shape) -> TorchForm:
        mode = TorchArgument(interpolation(inputs[0]))
        template = "F.interpolate({x}, size={y}.shape[2:], mode={0})"
        return TorchForm(function=TorchCall("F.interpolate", [mode], template))


def _factor(size: Dim, wanted: Dim) -> int | None:
    """The whole number by which a size is enlarged to another; None if there is none."""
    if isinstance(size, int) and isinstance(wanted, int):
        factor, rest = divmod(wanted, size)
        return None if rest else factor
    return next((factor for factor in FACTORS if _is_same(size * factor, wanted)), None)


def _is_same(size: Dim, wanted: Dim) -> bool:
    try:
        return same(size, wanted)
    except Undecided:
        return False
