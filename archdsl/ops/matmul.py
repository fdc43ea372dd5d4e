"""Products of matrices, of which neither is learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archdsl.ops.attention import is_alike, require_positions
from archdsl.ops.axes import Window
from archdsl.ops.base import Op, Reject, Shape, shape_text
from archdsl.ops.expressions import Size
from archdsl.ops.forms import TorchCall, TorchForm
from archdsl.ops.memory import Saves
from archdsl.ops.tensor_type import TensorType
from archdsl.shapes import Count, product


@dataclass(frozen=True)
class MatMul(Op):
    """The product of two matrices: `[n; k]` times `[k; m]` is `[n; m]`.

    Axes before the last position are apart, and as many in both. It is what attention is made of,
    for those that are not softmax(q · k) v: `matmul(q, matmul(k, v))` is linear attention, where
    `k` is `[d; n]`. Where each position is only weighed, `mul` does; a learned matrix is `linear`.
    """

    name = "matmul"
    family = "attention"
    arity = 2
    input_names = ("a", "b")
    is_overwritable = True
    examples = (
        "[5; 8], [8; 3] | matmul -> [5; 3]",
        "[2, 5; 8], [2, 8; 5] | matmul -> [2, 5; 5]",
        "[4, 2, 5; 8], [4, 2, 8; 3] | matmul -> [4, 2, 5; 3]",
    )

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The rows of the first, the columns of the second."""
        first, second = inputs
        return first.with_channels(second.channels)

    def check(self, *inputs: Shape) -> None:
        for index, shape in enumerate(inputs):
            require_positions(self.name, shape, index)
        first, second = inputs
        sizes = [*first.positions[:-1], first.channels, second.channels]
        wanted = TensorType(tuple(sizes), is_last=True)
        if not is_alike(second, wanted):
            message = "the second matrix of `matmul` has a row for every feature of the first"
            help = '`rearrange("n; d -> d; n")` turns a matrix'
            raise Reject(message, "", str(wanted), shape_text(second), help, 1)

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def macs(self, *inputs: Shape) -> Count:
        first, second = inputs
        return product(*first.sizes, second.channels)

    def saves(self, *inputs: Shape) -> Saves:
        return Saves(inputs=True, crosswise=True)

    def torch(self, *inputs: Shape) -> TorchForm:
        return TorchForm(function=TorchCall("", (), "{x} @ {y}", is_atom=False))
