"""The matrix of a shared layer, used once more: no op that texts name, but what `tied(f)` makes."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.ops.base import Reject, Shape, Weight, shape_text
from archdsl.ops.forms import TorchForm
from archdsl.ops.linear import OnFeatures
from archdsl.ops.memory import Saves
from archdsl.ops.parameters import Truth, Whole, parameter
from archdsl.shapes import Count, product


@dataclass(frozen=True)
class Tied(OnFeatures, abstract=True):
    """x * weight, by the matrix of a `linear` that has `out` inputs and gives `features`.

    Of an `embedding` it is the table, of `out` rows of `features`: it scores every row.
    """

    name = "tied"
    is_tied = True

    out: int = parameter(Whole(), about="number of output features")
    features: int = parameter(Whole(), about="number of features that the other layer gives")
    is_table: bool = parameter(Truth(), False, about="whether the other layer is an embedding")

    def check(self, *inputs: Shape) -> None:
        super().check(*inputs)
        (shape,) = inputs
        if shape.channels != self.features:
            message = "`tied` reads as many features as the shared layer gives"
            wanted = shape_text(shape.with_channels(self.features))
            raise Reject(message, "", wanted, shape_text(shape))

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        shape = (self.features, self.out)
        return (Weight("weight", shape[::-1] if self.is_table else shape),)

    def macs(self, *inputs: Shape) -> Count:
        (shape,) = inputs
        return product(self.out, *shape.sizes)

    def saves(self, *inputs: Shape) -> Saves:
        return Saves(inputs=True)

    def torch(self, *inputs: Shape) -> TorchForm:
        is_table = self.is_table
        return TorchForm(call="F.linear({x}, {m}.weight)" if is_table else "{x} @ {m}.weight")

    def label(self, *inputs: Shape) -> str:
        return f"{self.title} {self.out}"

    def __str__(self) -> str:
        return f"tied({self.out})"
