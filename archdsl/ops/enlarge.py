"""Images made larger by what lies in their channels, and smaller with all their numbers kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from archdsl.ops.axes import Window
from archdsl.ops.base import Op, Reject, Shape, shape_text
from archdsl.ops.checks import require_image
from archdsl.ops.expressions import Size, given
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.parameters import Whole, Word, parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.shapes import Undecided, same

DEPTH_TO_SPACE = '''\
class DepthToSpace(nn.Module):
    """Makes images `factor` times larger; the channels of a sub-pixel lie side by side."""

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        x = x.unflatten(1, (self.factor, self.factor, -1))
        return x.permute(0, 3, 4, 1, 5, 2).flatten(4, 5).flatten(2, 3)
'''

SPACE_TO_DEPTH = '''\
class SpaceToDepth(nn.Module):
    """Makes images `factor` times smaller; the channels of a sub-pixel come to lie side by side."""

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        x = x.unflatten(3, (-1, self.factor)).unflatten(2, (-1, self.factor))
        return x.permute(0, 3, 5, 1, 2, 4).flatten(1, 3)
'''

ORDERS = Word(("pytorch", "tensorflow"))
ORDER = (
    'whether the sub-pixels of a channel lie side by side ("pytorch"), '
    'or the channels of a sub-pixel ("tensorflow")'
)


@dataclass(frozen=True)
class Blocks(Op, abstract=True):
    """An op that moves numbers between channels and squares of factor * factor positions."""

    family = "reshape"
    positional = 1
    only_moves = True
    module: ClassVar[str]
    function: ClassVar[str]
    definition: ClassVar[str]

    factor: int = parameter(Whole(), about="factor for height and width")
    order: str = parameter(ORDERS, "pytorch", about=ORDER)

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [TorchArgument(given("factor"))]
        if self.order == "tensorflow":
            return TorchForm(TorchCall(type(self).__name__, arguments), definition=self.definition)
        return TorchForm(TorchCall(self.module, arguments), TorchCall(self.function, arguments))


@dataclass(frozen=True)
class DepthToSpace(Blocks):
    """Every factor * factor channels become one channel of an image that is `factor` times larger.

    From ESPCN (Shi et al., CVPR 2016), where it is called pixel shuffle.
    """

    name = "depth_to_space"
    module = "nn.PixelShuffle"
    function = "F.pixel_shuffle"
    definition = DEPTH_TO_SPACE
    examples = (
        "[8, 5, 4] | depth_to_space(2) -> [2, 10, 8]",
        "[9, 2, 3] | depth_to_space(3) -> [1, 6, 9]",
        '[8, 5, 4] | depth_to_space(2, order="tensorflow") -> [2, 10, 8]',
    )

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
            message = "`depth_to_space` needs factor * factor channels for every channel it makes"
            raise Reject(message, "factor", f"a multiple of {area} channels", str(shape.channels))

    def window(self, *inputs: Shape) -> Window:
        return Window(self.factor, padding=self.factor - 1, upscale=self.factor)


@dataclass(frozen=True)
class SpaceToDepth(Blocks):
    """Every square of factor * factor positions becomes one, with as many channels for each.

    The inverse of `depth_to_space`; the stem of TResNet (Ridnik et al., 2020), which has the order
    of TensorFlow.
    """

    name = "space_to_depth"
    module = "nn.PixelUnshuffle"
    function = "F.pixel_unshuffle"
    definition = SPACE_TO_DEPTH
    examples = (
        "[2, 10, 8] | space_to_depth(2) -> [8, 5, 4]",
        "[1, 6, 9] | space_to_depth(3) -> [9, 2, 3]",
        '[3, 8, 4] | space_to_depth(4, order="tensorflow") -> [48, 2, 1]',
    )

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The channels times factor * factor, height and width by factor."""
        channels, height, width = inputs[0].sizes
        factor = op.factor
        return TensorType((channels * (factor * factor), height // factor, width // factor))

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        require_image(self.name, shape)
        for size, axis in zip(shape.positions, shape.axes, strict=False):
            if not _divides(self.factor, size):
                message = f"`space_to_depth` divides the {axis} into squares"
                expected = f"a {axis} that is a multiple of {self.factor}"
                help = "pad the input" if isinstance(size, int) else "a multiple as the input size"
                raise Reject(message, "factor", expected, shape_text(shape), help)

    def window(self, *inputs: Shape) -> Window:
        return Window(self.factor, self.factor)


def _divides(factor: int, size: Any) -> bool:
    """Whether a size is a multiple, for all values of its symbols."""
    if isinstance(size, int):
        return size % factor == 0
    try:
        return same(size // factor * factor, size)
    except Undecided:
        return False
