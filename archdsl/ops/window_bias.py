"""What attention within windows adds to its products: a learned number for every way to look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archdsl.ops.axes import Numbers, each
from archdsl.ops.base import Op, Reject, Shape, Weight
from archdsl.ops.expressions import Lifted, Size, as_expression, given
from archdsl.ops.forms import Helper, TorchArgument, TorchCall, TorchForm, TorchWeight, signature
from archdsl.ops.memory import INDEX_BYTES
from archdsl.ops.parameters import Whole, Word, parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Literal, operation

SQUARE = "square"

INDEX = '''\
def relative_position_index({parameters}) -> Tensor:
    """The row of the table for every pair of positions in a window, by how far they are apart."""
    places = torch.cartesian_prod(torch.arange(window), torch.arange(window))
    apart = places[:, None] - places + window - 1
    index = apart[..., 0] * (2 * window - 1) + apart[..., 1]
    return {result}
'''


def _index(options: frozenset[str]) -> str:
    """The function of the index; only some files have one that is a square."""
    flat = "index.flatten()"
    if SQUARE not in options:
        return INDEX.format(parameters="window: int", result=flat)
    parameters = "window: int, square: bool = False"
    return INDEX.format(parameters=parameters, result=f"index if square else {flat}")


SHIFT = "shift"

BIAS_DOC = '''\
    """What attention within windows adds for every pair of positions, for each sample and head{end}
'''
SHIFT_DOC = '''\

    In a map that was shifted, positions that are no neighbours are kept apart.
    """
'''
BIAS = """\
    bias = table[index].view(window * window, window * window, -1)
"""
SHIFTED = """\
    if shift > 0:
        height, width = size
        rows = torch.arange(height, device=x.device).unsqueeze(1)
        columns = torch.arange(width, device=x.device)
        rows = (rows >= height - window).long() + (rows >= height - shift).long()
        columns = (columns >= width - window).long() + (columns >= width - shift).long()
        part = (3 * rows + columns).unflatten(1, (-1, window)).unflatten(0, (-1, window))
        part = part.transpose(1, 2).flatten(2).flatten(0, 1)
        bias = bias - 100.0 * (part[:, :, None] != part[:, None]).unsqueeze(-1)
"""
SPREAD = """\
    return bias.expand(x.shape[:1] + bias.shape)
"""


def _bias(options: frozenset[str]) -> str:
    """The function of the bias; only some files have maps that were shifted."""
    named = ["x: Tensor", "table: Tensor", "index: Tensor", "size: tuple[int, int]", "window: int"]
    if SHIFT not in options:
        end = '."""'
        return "".join([signature("window_bias", named), BIAS_DOC.format(end=end), BIAS, SPREAD])
    head = signature("window_bias", [*named, "shift: int = 0"])
    return "".join([head, BIAS_DOC.format(end="."), SHIFT_DOC, BIAS, SHIFTED, SPREAD])


TABLE = "nn.Parameter(nn.init.trunc_normal_(torch.empty({0}, {1}), std={2}))"


@dataclass(frozen=True)
class WindowBias(Op):
    """A learned number for every pair of positions in a window and every head (Liu et al., 2021).

    It depends on how far the two are apart, and is what `attend` adds as its `bias`, where a map of
    `size` is cut into windows. With `shift` the map was rolled before, and there is a bias for each
    window: 100 less for two positions that only came together by that. Behind its label stand
    `_bias_table`, which is learned, and `_index`, the row of the table for every pair.
    """

    name = "window_bias"
    positional = 4
    family = "attention"
    is_link = False
    is_bare = True
    reads_shape_only = True
    is_repeated = True
    takes_counted = True
    examples = (
        "[4, 6; 8] | window_bias([4, 6], 2, 3) -> [4, 4; 3]",
        "[4, 6; 8] | window_bias([4, 6], 2, 3, shift=1) -> [6, 4, 4; 3]",
        '[9, 9; 8] | window_bias(9, 3, 2, 2, index="square") -> [9, 9, 9; 2]',
    )

    size: Numbers = parameter(Whole(1, (2,)), about="height and width of the map")
    side: int = parameter(Whole(), about="height and width of a window; must divide the map's")
    heads: int = parameter(Whole(), about="number of heads")
    shift: int = parameter(
        Whole(0), 0, about="places by which the map was rolled, to the left and up"
    )
    index: str = parameter(
        Word(("flat", SQUARE)), "flat", about="whether the index is stored as a list or a square"
    )

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """A number for every pair and head; where the map was shifted, for each window."""
        length, (height, width) = op.side * op.side, each(op.size, 2)
        windows = [(height // op.side) * (width // op.side)] if op.is_shifted else []
        return TensorType((*windows, length, length, op.heads), is_last=True)

    @property
    def is_shifted(self) -> bool:
        """Whether the map was rolled."""
        return self.shift > 0

    def check(self, *inputs: Shape) -> None:
        for length in each(self.size, 2):
            if length % self.side:
                message = "`side` of `window_bias` must divide the map into whole windows"
                raise Reject(message, "side", f"a divisor of {length}", str(self.side))
        if self.shift >= self.side:
            message = "`shift` of `window_bias` is less than a window"
            raise Reject(message, "shift", f"{self.side - 1} or less", str(self.shift))

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        length = self.side**2
        index = (length, length) if self.index == SQUARE else (length**2,)
        return (
            Weight("_bias_table", ((2 * self.side - 1) ** 2, self.heads), is_bare=True),
            Weight("_index", index, trainable=False, number_bytes=INDEX_BYTES, is_bare=True),
        )

    def torch(self, *inputs: Shape) -> TorchForm:
        lifted: Any = Lifted(self)
        side, square = TorchArgument(given("side")), TorchArgument(Literal(True), SQUARE)
        rows = TorchArgument(operation("**", 2 * given("side") - 1, 2))
        heads, spread = TorchArgument(given("heads")), TorchArgument(Literal(0.02))
        table = TorchCall("nn.Parameter", (rows, heads, spread), TABLE)
        index = TorchCall("relative_position_index", (side, *[square] * (self.index == SQUARE)))
        helper = Helper(_index, frozenset({SQUARE}), frozenset({self.index}) & {SQUARE})
        weights = (TorchWeight("_bias_table", table), TorchWeight("_index", index, helper))
        size = operation("list", *map(as_expression, each(lifted.size, 2)))
        shift = TorchArgument(given("shift"), "shift", 0)
        arguments = (TorchArgument(size), side, shift)
        function = TorchCall("window_bias", arguments)
        shifted = frozenset({SHIFT}) if self.is_shifted else frozenset()
        bias = Helper(_bias, frozenset({SHIFT}), shifted)
        return TorchForm(function=function, definition=bias, weights=weights)

    def label(self, *inputs: Shape) -> str:
        shifted = f", shift {self.shift}" if self.shift else ""
        return f"{self.title} {self.side}×{self.side}{shifted}"
