"""What joins have in common: which tensors fit, and where sizes of 1 are repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from archdsl.ops.base import Op, Reject, Shape, shape_text
from archdsl.ops.expressions import Size, input_size
from archdsl.ops.forms import TorchForm, TorchJoin
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Expression
from archdsl.shapes import Dim, Symbolic, Undecided, same
from archdsl.shapes.fits import may_be


@dataclass(frozen=True)
class Join(Op, abstract=True):
    """One tensor of one or more, which fit."""

    family = "merge"
    arity: ClassVar[int | Literal["many"]] = "many"
    is_join = True
    is_overwritable = True
    wanted: ClassVar[str] = "equal shapes"
    symbol: ClassVar[str]
    noun: ClassVar[str]
    """What its result is called in a legend."""
    join: ClassVar[TorchJoin]

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The shape of the first."""
        return inputs[0]

    def check(self, *inputs: Shape) -> None:
        rejects: list[Reject] = []
        pattern = self.pattern(*inputs[:1])
        for index, other in enumerate(inputs[1:], 1):
            misfit = self._misfit(pattern, other, index)
            rejects += [misfit] if misfit else []
            if index + 1 < len(inputs) and len(pattern.sizes) == len(other.sizes):
                pattern = self.pattern(pattern, other)
        # What differs for every size goes before what differs for some.
        for reject in sorted(rejects, key=lambda reject: bool(reject.unequal)):
            reject.others = [other for other in rejects if other is not reject]
            raise reject

    def pattern(self, *before: Shape) -> Shape:
        """The shape that the next input must agree with."""
        return before[0]

    def free(self, shape: Shape) -> int | None:
        """The dimension along which tensors need not agree."""
        return None

    def agree(self, first: Dim, other: Dim) -> bool:
        """Whether two sizes fit; raises `Undecided`."""
        return same(first, other)

    def fits(self, first: int, other: int) -> bool:
        """Whether two numbers fit, along a dimension that is not free."""
        return first == other

    def _misfit(self, first: Shape, other: Shape, index: int) -> Reject | None:
        """The refusal of an input that does not fit the ones before it."""
        unequal = []
        fits = first.has_layout_of(other) and first.below == other.below
        for dimension, sizes in enumerate(zip(first.sizes, other.sizes, strict=False)):
            try:
                is_free = dimension == self.free(first)
                fits = fits and (is_free or self.agree(*sizes))
            except Undecided:
                unequal.append(sizes)
        if fits and not unequal:
            return None
        how = "fits for some sizes only" if fits else "differs"
        message = f"`{self.name}` needs {self.wanted}; branch {index + 1} {how}"
        reject = Reject(message, "", shape_text(first), shape_text(other), "", index)
        reject.unequal = unequal if fits else []
        return reject

    def torch(self, *inputs: Shape) -> TorchForm:
        return TorchForm(join=self.join)

    def is_view(self, *inputs: Shape, training: bool) -> bool:
        # A single tensor without a call around it stays the same tensor.
        return len(inputs) == 1 and bool(self.join.operator)

    def label(self, *inputs: Shape) -> str:
        return self.symbol


@dataclass(frozen=True)
class Stretching(Join, abstract=True):
    """A join that may repeat sizes of 1 to fit."""

    @property
    def stretches(self) -> bool:
        """Whether it does."""
        raise NotImplementedError

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """Of every size the first that is not 1."""
        several = zip(*[shape.sizes for shape in inputs], strict=True)
        return inputs[0].with_sizes(sizes[_widest(sizes)] for sizes in several)

    def agree(self, first: Dim, other: Dim) -> bool:
        if not self.stretches:
            return super().agree(first, other)
        if first == 1 or other == 1 or same(first, other):
            return True
        if any(isinstance(size, Symbolic) and may_be(size, 1) for size in (first, other)):
            raise Undecided("a size that may be 1")
        return False

    def fits(self, first: int, other: int) -> bool:
        return first == other or (self.stretches and 1 in {first, other})

    def pattern(self, *before: Shape) -> Shape:
        return self.rule(self, *before) if self.stretches else super().pattern(*before)

    def sources(self, *inputs: Shape) -> TensorType[Expression]:
        several = enumerate(zip(*[shape.sizes for shape in inputs], strict=True))
        return inputs[0].with_sizes(
            input_size(dimension, _widest(sizes)) for dimension, sizes in several
        )


def _widest(sizes: Sequence[Size]) -> int:
    """The index of the first size that is not 1; 0 if all are 1."""
    return next((index for index, size in enumerate(sizes) if size != 1), 0)
