"""Ops on the positions of a tensor whose channels are last, and on those of any tensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archdsl.ops.axes import MOST_AXES, Numbers, Window, each
from archdsl.ops.base import Op, Reject, SameShape, Shape, shape_text
from archdsl.ops.checks import require_last, require_lists
from archdsl.ops.expressions import Lifted, Size, as_expression
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.parameters import MAXIMUM, Whole, parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Literal, operation
from archdsl.shapes import Dim

TAKE = '''\
class Take(nn.Module):
    """One position of the first axis."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index

    def forward(self, x: Tensor) -> Tensor:
        return x[:, self.index]
'''

ROLL = '''\
class Roll(nn.Module):
    """Moves positions along some dimensions; what leaves at one end comes in at the other."""

    def __init__(self, shifts: tuple[int, ...], dims: tuple[int, ...]) -> None:
        super().__init__()
        self.shifts = list(shifts)
        self.dims = list(dims)

    def forward(self, x: Tensor) -> Tensor:
        return torch.roll(x, self.shifts, self.dims)
'''


@dataclass(frozen=True)
class Take(Op):
    """One position of the first axis of positions, counted from 0, or from the end by -1.

    Of a sequence that is the features of one position; of a map it is a row.
    """

    name = "take"
    family = "reshape"
    positional = 1
    only_moves = True
    takes_counted = True
    examples = (
        "[20; 8] | take(0) -> [8]",
        "[20; 8] | take(-1) -> [8]",
        "[5, 4; 8] | take(3) -> [4; 8]",
        "[20] < 9 | take(1) -> [] < 9",
    )

    index: int = parameter(
        Whole(-MAXIMUM), about="position, counted from 0; a negative one from the end"
    )

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The sizes behind the first."""
        (shape,) = inputs
        return TensorType(shape.sizes[1:], shape.is_last, shape.below)

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        require_last(self.name, shape)
        if not shape.positions:
            message = "`take` picks a position, and features alone have none"
            raise Reject(message, "", "[positions; features]", shape_text(shape))
        (room,) = self.leeway(shape)
        if isinstance(room, int) and room < 1:
            message = f"there is no position {self.index}"
            raise Reject(message, "index", f"a position of {shape.positions[0]}", str(self.index))

    def leeway(self, *inputs: Shape) -> tuple[Dim, ...]:
        needed = self.index + 1 if self.index >= 0 else -self.index
        return (inputs[0].positions[0] - (needed - 1),)

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def is_view(self, *inputs: Shape, training: bool) -> bool:
        return True

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [TorchArgument(Lifted(self).index)]  # type: ignore[arg-type]
        return TorchForm(
            TorchCall("Take", arguments), TorchCall("", arguments, "{x}[:, {0}]"), TAKE
        )


@dataclass(frozen=True)
class Roll(SameShape):
    """Every position moved by some places; what leaves at one end comes in at the other."""

    name = "roll"
    family = "reshape"
    positional = 1
    only_moves = True
    takes_counted = True
    examples = (
        "[5, 4; 8] | roll([-3, 1]) -> [5, 4; 8]",
        "[20; 8] | roll(2) -> [20; 8]",
        "[8, 5, 4] | roll([0, -1]) -> [8, 5, 4]",
        "[8, 20] | roll(-2) -> [8, 20]",
        "[5] < 9 | roll(2) -> [5] < 9",
    )

    shift: Numbers = parameter(
        Whole(-MAXIMUM, tuple(range(1, MOST_AXES + 1))),
        about="places to move by, along every axis of positions",
    )

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        if not shape.positions:
            message = "`roll` moves positions, and features alone have none"
            raise Reject(message, "", "positions", shape_text(shape))
        require_lists(self, shape)

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def torch(self, *inputs: Shape) -> TorchForm:
        (shape,) = inputs
        axes = len(shape.positions)
        first = 1 if shape.is_last or shape.below is not None else 2
        shifts = operation("list", *map(as_expression, each(Lifted(self).shift, axes)))
        dims = operation("list", *map(Literal, range(first, first + axes)))
        arguments = [TorchArgument(shifts, "shifts"), TorchArgument(dims, "dims")]
        return TorchForm(TorchCall("Roll", arguments), TorchCall("torch.roll", arguments), ROLL)
