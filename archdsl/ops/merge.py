"""Joins: what makes one tensor of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import count
from operator import add
from typing import Any, ClassVar

from archdsl.ops.base import Op, Reject, Shape, Size, input_size, shape_text
from archdsl.ops.forms import TorchForm, TorchJoin
from archdsl.ops.memory import Kept, Saves
from archdsl.provenance import Expression
from archdsl.shapes import Dim, Undecided, same


@dataclass(frozen=True)
class Merge(Op, abstract=True):
    """One tensor of one or more."""

    family = "merge"
    wanted: ClassVar[str] = "equal shapes"
    symbol: ClassVar[str]
    join: ClassVar[TorchJoin]

    @staticmethod
    def rule(op: Any, *inputs: tuple[Size, ...]) -> tuple[Size, ...]:
        """The shape of the first."""
        return inputs[0]

    def check(self, *inputs: Shape) -> None:
        for index in range(1, len(inputs)):
            self._check(self.pattern(*inputs[:index]), inputs[index], index)

    def pattern(self, *before: Shape) -> Shape:
        """What the input after some others must agree with."""
        return before[0]

    def agree(self, dimension: int, first: Dim, other: Dim) -> bool:
        """Whether two sizes fit; raises `Undecided`."""
        return same(first, other)

    def _check(self, first: Shape, other: Shape, index: int) -> None:
        message, help = f"`{self.name}` wants {self.wanted}; branch {index + 1} differs", ""
        try:
            if len(first) == len(other) and all(map(self.agree, count(), first, other)):
                return
        except Undecided as undecided:
            message = f"{undecided} depends on the input: branch {index + 1} may not fit"
            help = "a signature can promise multiples, such as `[3, 16 * h, 16 * w]`"
        raise Reject(message, "", shape_text(first), shape_text(other), help, index)

    def torch(self, *inputs: Shape) -> TorchForm:
        return TorchForm(join=self.join)

    def is_view(self, *inputs: Shape, training: bool) -> bool:
        # A single tensor without a call around it stays the same tensor.
        return len(inputs) == 1 and bool(self.join.operator)

    def label(self, *inputs: Shape) -> str:
        return self.symbol


@dataclass(frozen=True)
class Add(Merge):
    """The sum of tensors of equal shapes."""

    name = "add"
    symbol = "+"
    join = TorchJoin("torch.stack({}).sum(0)", "+")
    examples = (
        "[8, 5, 4], [8, 5, 4] | add -> [8, 5, 4]",
        "[8], [8], [8] | add -> [8]",
        "[8, 5, 4] | add -> [8, 5, 4]",
    )


@dataclass(frozen=True)
class Mul(Merge):
    """The product of tensors, where sizes of 1 are repeated to fit."""

    name = "mul"
    symbol = "×"
    wanted = "equal sizes or 1"
    join = TorchJoin("torch.stack({}).prod(0)", "*")
    examples = (
        "[8, 5, 4], [8, 1, 1] | mul -> [8, 5, 4]",
        "[1, 5, 1], [8, 1, 1], [8, 5, 4] | mul -> [8, 5, 4]",
        "[8] | mul -> [8]",
    )

    @staticmethod
    def rule(op: Any, *inputs: tuple[Size, ...]) -> tuple[Size, ...]:
        """Of every size the first that is not 1."""
        return tuple([sizes[_widest(sizes)] for sizes in zip(*inputs, strict=True)])

    def agree(self, dimension: int, first: Dim, other: Dim) -> bool:
        return first == 1 or other == 1 or same(first, other)

    def pattern(self, *before: Shape) -> Shape:
        return self.rule(self, *before)

    def saves(self, *inputs: Shape) -> Saves:
        # Several are multiplied one after another.
        products = [self.rule(self, *inputs[:count]) for count in range(2, len(inputs))]
        return Saves(inputs=True, own=tuple(map(Kept, products)), crosswise=True)

    def sources(self, *inputs: Shape) -> tuple[Expression, ...]:
        several = enumerate(zip(*inputs, strict=True))
        return tuple([input_size(dimension, _widest(sizes)) for dimension, sizes in several])


@dataclass(frozen=True)
class Mean(Merge):
    """The mean of tensors of equal shapes."""

    name = "mean"
    symbol = "mean"
    join = TorchJoin("torch.stack({}).mean(0)")
    examples = (
        "[8, 5, 4], [8, 5, 4] | mean -> [8, 5, 4]",
        "[8], [8], [8] | mean -> [8]",
        "[8, 5, 4] | mean -> [8, 5, 4]",
    )


@dataclass(frozen=True)
class Concat(Merge):
    """The channels of all tensors, one after another."""

    name = "concat"
    symbol = "‖"
    wanted = "images of one size"
    join = TorchJoin("torch.cat({}, 1)")
    examples = (
        "[8, 5, 4], [3, 5, 4] | concat -> [11, 5, 4]",
        "[8], [1], [8] | concat -> [17]",
        "[8, 5, 4] | concat -> [8, 5, 4]",
    )

    @staticmethod
    def rule(op: Any, *inputs: tuple[Size, ...]) -> tuple[Size, ...]:
        """The channels are added up."""
        channels = reduce(add, [channels for channels, *_ in inputs])
        return channels, *inputs[0][1:]

    def agree(self, dimension: int, first: Dim, other: Dim) -> bool:
        return dimension == 0 or same(first, other)


def _widest(sizes: Sequence[Size]) -> int:
    """The place of the first size that is not 1; the first place, if all are 1."""
    return next((place for place, size in enumerate(sizes) if size != 1), 0)
