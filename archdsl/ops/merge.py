"""Joins: what makes one tensor of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import accumulate
from operator import add
from typing import Any, ClassVar

from archdsl.ops.base import Reject, Shape, shape_text
from archdsl.ops.checks import require_last
from archdsl.ops.expressions import Size
from archdsl.ops.forms import TorchForm, TorchJoin
from archdsl.ops.join import Join, Stretching
from archdsl.ops.memory import SavedTensor, Saves
from archdsl.ops.parameters import Truth, parameter
from archdsl.ops.tensor_type import TensorType


@dataclass(frozen=True)
class Add(Stretching):
    """The sum of tensors of equal shapes.

    With `spread` sizes of 1 are repeated to fit, as in `mul`: a number for every channel is added
    at all positions.
    """

    name = "add"
    symbol = "+"
    noun = "sum"
    join = TorchJoin("torch.stack({}).sum(0)", "+")
    join_spread: ClassVar[TorchJoin] = TorchJoin("", "+")
    examples: ClassVar[tuple[str, ...]] = (
        "[8, 5, 4], [8, 5, 4] | add -> [8, 5, 4]",
        "[8], [8], [8] | add -> [8]",
        "[8, 5, 4] | add -> [8, 5, 4]",
        "[8, 5, 4], [8, 1, 1] | add(spread=true) -> [8, 5, 4]",
        "[1, 5; 8], [4, 1; 8], [1, 1; 1] | add(spread=true) -> [4, 5; 8]",
    )

    spread: bool = parameter(Truth(), False, about="whether sizes of 1 are repeated to fit")

    @property
    def stretches(self) -> bool:
        return self.spread

    @property
    def passes_gradient(self) -> bool:
        return not self.spread

    @property
    def wanted(self) -> str:  # type: ignore[override]
        return Mul.wanted if self.spread else Join.wanted

    def check(self, *inputs: Shape) -> None:
        try:
            super().check(*inputs)
        except Reject as reject:
            if not (self.spread or reject.unequal) and type(self)(spread=True).accepts(*inputs):
                reject.help = f"`{self.name}(a, b, spread=true)` repeats sizes of 1"
            raise

    def accepts(self, *inputs: Shape) -> bool:
        """Whether it takes these inputs."""
        try:
            self.check(*inputs)
        except Reject:
            return False
        return True

    def torch(self, *inputs: Shape) -> TorchForm:
        return TorchForm(join=self.join_spread if self.spread else self.join)


@dataclass(frozen=True)
class Sub(Add):
    """The first tensor minus the second, of equal shapes.

    With `spread` sizes of 1 are repeated to fit, as in `mul`.
    """

    name = "sub"
    symbol = "−"
    noun = "difference"
    arity = 2
    join = TorchJoin("", "-")
    join_spread = join
    examples = (
        "[8, 5, 4], [8, 5, 4] | sub -> [8, 5, 4]",
        "[8], [8] | sub -> [8]",
        "[8, 5, 4], [8, 1, 1] | sub(spread=true) -> [8, 5, 4]",
        "[5; 8], [5; 8] | sub -> [5; 8]",
    )

    @property
    def passes_gradient(self) -> bool:
        return False


@dataclass(frozen=True)
class Mul(Stretching):
    """The product of tensors, where sizes of 1 are repeated to fit."""

    name = "mul"
    symbol = "×"
    noun = "product"
    is_gate = True
    wanted = "equal sizes or 1"
    join = TorchJoin("", "*")
    examples = (
        "[8, 5, 4], [8, 1, 1] | mul -> [8, 5, 4]",
        "[1, 5, 1], [8, 1, 1], [8, 5, 4] | mul -> [8, 5, 4]",
        "[8] | mul -> [8]",
    )

    @property
    def stretches(self) -> bool:
        return True

    def saves(self, *inputs: Shape) -> Saves:
        # Several are multiplied one after another.
        products = [*accumulate(inputs, partial(self.rule, self))][1:-1]
        return Saves(
            inputs=True, own=tuple([SavedTensor(each.sizes) for each in products]), crosswise=True
        )


@dataclass(frozen=True)
class Mean(Join):
    """The mean of tensors of equal shapes."""

    name = "mean"
    symbol = "mean"
    noun = "mean"
    join = TorchJoin("torch.stack({}).mean(0)")
    examples = (
        "[8, 5, 4], [8, 5, 4] | mean -> [8, 5, 4]",
        "[8], [8], [8] | mean -> [8]",
        "[8, 5, 4] | mean -> [8, 5, 4]",
    )


@dataclass(frozen=True)
class Concat(Join):
    """The channels of all tensors, one after another."""

    name = "concat"
    symbol = "‖"
    noun = "concatenation"
    wanted = "images of one size"
    join = TorchJoin("torch.cat({}, 1)")
    join_last: ClassVar[TorchJoin] = TorchJoin("torch.cat({}, -1)")
    examples = (
        "[8, 5, 4], [3, 5, 4] | concat -> [11, 5, 4]",
        "[8], [1], [8] | concat -> [17]",
        "[8, 5, 4] | concat -> [8, 5, 4]",
        "[5; 8], [5; 3] | concat -> [5; 11]",
    )

    @property
    def passes_gradient(self) -> bool:
        return True

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The channels are added up."""
        return inputs[0].with_channels(_total([shape.channels for shape in inputs]))

    def free(self, shape: Shape) -> int | None:
        return shape.channels_dimension

    def torch(self, *inputs: Shape) -> TorchForm:
        return TorchForm(join=self.join_last if inputs[0].is_last else self.join)


@dataclass(frozen=True)
class Append(Join):
    """The positions of all tensors along the first axis, one after another.

    Their channels are last, or they are whole numbers below one bound: `append(class_token,
    identity)` puts a token before a sequence.
    """

    name = "append"
    symbol = "append"
    noun = "longer sequence"
    wanted = "positions with the same features"
    takes_counted = True
    join = TorchJoin("torch.cat({}, 1)")
    examples = (
        "[5; 8], [3; 8] | append -> [8; 8]",
        "[1, 4; 8], [5, 4; 8] | append -> [6, 4; 8]",
        "[5; 8] | append -> [5; 8]",
        "[1] < 9, [5] < 9 | append -> [6] < 9",
    )

    @property
    def passes_gradient(self) -> bool:
        return True

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The positions along the first axis are added up."""
        first = inputs[0]
        total = _total([shape.positions[0] for shape in inputs])
        return first.with_positions((total, *first.positions[1:]))

    def free(self, shape: Shape) -> int | None:
        return 0

    def check(self, *inputs: Shape) -> None:
        require_last(self.name, inputs[0])
        if not inputs[0].positions:
            message = "`append` joins positions, and features alone have none"
            help = '`rearrange("d -> 1; d")` makes one position of features'
            reject = Reject(message, "", "[positions; features]", shape_text(inputs[0]), help)
            reject.code = "E0305"
            raise reject
        super().check(*inputs)


MOST_ADDED = 32
"""Maximum number of terms in one sum, so that expressions do not nest too deep."""


def _total(sizes: Sequence[Size]) -> Size:
    """The sum of some sizes."""
    while len(sizes) > MOST_ADDED:
        parts = range(0, len(sizes), MOST_ADDED)
        sizes = [reduce(add, sizes[part : part + MOST_ADDED]) for part in parts]
    return reduce(add, sizes)
