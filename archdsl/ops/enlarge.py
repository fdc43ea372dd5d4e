"""Images made larger by what lies in their channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archdsl.ops.axes import Window
from archdsl.ops.base import Op, Reject, Shape
from archdsl.ops.checks import require_image
from archdsl.ops.expressions import Size, given
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.parameters import Whole, parameter
from archdsl.ops.tensor_type import TensorType


@dataclass(frozen=True)
class PixelShuffle(Op):
    """Every factor * factor channels become one channel of an image that is `factor` times larger.

    From ESPCN (Shi et al., CVPR 2016): the sub-pixels of a position lie side by side.
    """

    name = "pixel_shuffle"
    family = "reshape"
    positional = 1
    only_moves = True
    examples = (
        "[8, 5, 4] | pixel_shuffle(2) -> [2, 10, 8]",
        "[9, 2, 3] | pixel_shuffle(3) -> [1, 6, 9]",
    )

    factor: int = parameter(Whole(), about="factor for height and width")

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The channels by factor * factor, height and width times factor."""
        channels, height, width = inputs[0].sizes
        factor = op.factor
        return TensorType((channels // (factor * factor), height * factor, width * factor))

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        require_image(self.name, shape)
        area = self.factor**2
        if shape.channels % area:
            message = "`pixel_shuffle` needs factor * factor channels for every channel it makes"
            raise Reject(message, "factor", f"a multiple of {area} channels", str(shape.channels))

    def window(self, *inputs: Shape) -> Window:
        return Window(self.factor, padding=self.factor - 1, upscale=self.factor)

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [TorchArgument(given("factor"))]
        return TorchForm(
            TorchCall("nn.PixelShuffle", arguments), TorchCall("F.pixel_shuffle", arguments)
        )
