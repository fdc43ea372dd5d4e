"""The matrix of a shared layer, used once more: no op that texts name, but what `tied(f)` makes."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.ops.base import Reject, Shape, Weight, shape_text
from archdsl.ops.forms import TorchForm
from archdsl.ops.linear import OnFeatures
from archdsl.ops.memory import Saves
from archdsl.ops.parameters import Whole, parameter
from archdsl.shapes import Count, product


@dataclass(frozen=True)
class Tied(OnFeatures, abstract=True):
    """x * weight, by the matrix of a `linear` that has `out` inputs and gives `features`."""

    name = "tied"
    is_tied = True

    out: int = parameter(Whole(), about="number of output features")
    features: int = parameter(Whole(), about="number of features that the other layer gives")

    def check(self, *inputs: Shape) -> None:
        super().check(*inputs)
        (shape,) = inputs
        if shape.channels != self.features:
            message = "`tied` reads as many features as the shared layer gives"
            wanted = shape_text(shape.with_channels(self.features))
            raise Reject(message, "", wanted, shape_text(shape))

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        return (Weight("weight", (self.features, self.out)),)

    def macs(self, *inputs: Shape) -> Count:
        (shape,) = inputs
        return product(self.out, *shape.sizes)

    def saves(self, *inputs: Shape) -> Saves:
        return Saves(inputs=True)

    def torch(self, *inputs: Shape) -> TorchForm:
        return TorchForm(call="{x} @ {m}.weight")

    def label(self, *inputs: Shape) -> str:
        return f"{self.title} {self.out}"

    def __str__(self) -> str:
        return f"tied({self.out})"
