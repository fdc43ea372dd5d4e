"""Learned tensors that stand alone: weights of the scope that they are written in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archdsl.ops.base import Op, Reject, Shape, Weight
from archdsl.ops.expressions import InitNumber, Size, given
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.parameters import Filling, Initializer, SizeList, Truth, parameter, shown
from archdsl.ops.tensor_type import TensorType
from archdsl.provenance import Expression, operation


@dataclass(frozen=True)
class Parameter(Op):
    """A learned tensor, the same for every sample; its label is its key.

    It reads nothing, so it stands first in a chain or branch, as a wire does. It is stored with a
    size of 1 for the batch, or without it if `batch=false`.
    """

    name = "parameter"
    positional = 1
    family = "linear"
    is_link = False
    is_bare = True
    reads_shape_only = True
    reads_batch_only = True
    examples = (
        "[8, 5, 4] | parameter([8, 5, 4]) -> [8, 5, 4]",
        "[8] | parameter([8], init=constant(0.5)) -> [8]",
        "[8, 5] | parameter([8, 5], init=normal(0.02), batch=false) -> [8, 5]",
        "[5; 8] | parameter([5; 8], init=normal(0.02)) -> [5; 8]",
    )

    shape: tuple[Any, ...] = parameter(SizeList(), about="sizes of the tensor, in numbers")
    init: Initializer = parameter(Filling(), Initializer("zeros"), about="what it starts as")
    batch: bool = parameter(Truth(), True, about="whether its first size is a 1, for the batch")

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The sizes that are given."""
        return TensorType(op.type.sizes, op.type.is_last)

    @property
    def type(self) -> TensorType[int]:
        """The sizes, and where the channels are among them."""
        match self.shape:
            case (tuple() as positions, channels):
                return TensorType((*positions, channels), is_last=True)
        return TensorType(self.shape)

    def sources(self, *inputs: Shape) -> TensorType[Expression]:
        listed, count = given("shape"), self.type.rank
        if not self.type.is_last:
            return self.type.with_sizes(operation("[]", listed, place) for place in range(count))
        positions = operation("[]", listed, 0)
        before = [operation("[]", positions, place) for place in range(count - 1)]
        return self.type.with_sizes((*before, operation("[]", listed, 1)))

    def __str__(self) -> str:
        return super().__str__().replace(shown(self.shape), str(self.type), 1)

    def label(self, *inputs: Shape) -> str:
        return f"{self.title} {self.type}"

    def check(self, *inputs: Shape) -> None:
        scheme = self.init.scheme
        counts_units = scheme.startswith(("kaiming", "xavier"))
        if counts_units and len(self._stored) < 2:
            message = f"`{scheme}` counts the inputs and outputs of a tensor of two sizes or more"
            raise Reject(message, "init", "`normal(0.02)`", scheme)

    @property
    def _stored(self) -> tuple[int, ...]:
        return (1, *self.type) if self.batch else self.type.sizes

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        return (Weight("", self._stored, is_bare=True),)

    def torch(self, *inputs: Shape) -> TorchForm:
        sizes = range(self.type.rank)
        arguments = [*map(TorchArgument, self.sources())]
        written = [*["1"] * self.batch, *[f"{{{index}}}" for index in sizes]]
        template, numbers = _filled(written, self.init, len(arguments))
        module = TorchCall("nn.Parameter", (*arguments, *numbers), template)
        every = ", -1" * len(sizes)
        return TorchForm(module, call=f"{{m}}.expand({{x}}.shape[0]{every})")


def _filled(
    sizes: Sequence[str], init: Initializer, first: int
) -> tuple[str, Sequence[TorchArgument]]:
    """The template of a tensor that starts in some way, and the numbers of its initialisation.

    These are its arguments from number `first` on.
    """
    listed, given = ", ".join(sizes), dict(init.arguments)
    if init.scheme in ("zeros", "ones"):
        return f"nn.Parameter(torch.{init.scheme}({listed}))", ()
    if init.scheme == "constant":
        comma = "," if len(sizes) == 1 else ""
        value = TorchArgument(operation("float", InitNumber("value")))
        return f"nn.Parameter(torch.full(({listed}{comma}), {{{first}}}))", (value,)
    numbers = [TorchArgument(InitNumber(name)) for name in given if name != "fan"]
    places = {name: f"{{{first + place}}}" for place, name in enumerate(given) if name != "fan"}
    if "limit" in places:
        limit = places.pop("limit")
        places |= {"a": f"-{limit}", "b": limit}
    if "fan" in given:
        places = {"mode": f"'fan_{given['fan']}'", "nonlinearity": "'relu'"}
    more = "".join(f", {name}={text}" for name, text in places.items())
    return f"nn.Parameter(nn.init.{init.scheme}_(torch.empty({listed}){more}))", numbers
