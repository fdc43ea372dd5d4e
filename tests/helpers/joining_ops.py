"""Ops of two inputs that the language lacks: with weights, with a number, and with a check.

They register themselves, so this runs in a separate process: `python -m tests.helpers.joining_ops
COMMAND FILE` runs a command of archdsl with them, and `agree` compares the networks of a file with
PyTorch.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archdsl.ops.base import Op, Reject, Shape, Weight
from archdsl.ops.expressions import Size, given, input_size
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import Saves
from archdsl.ops.parameters import Real, Truth, Whole, parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.shapes import same


@dataclass(frozen=True)
class Bilinear(Op):
    """x * weight * y + bias, of two sets of features."""

    name = "bilinear"
    family = "linear"
    arity = 2
    examples = ("[8], [4] | bilinear(5) -> [5]", "[8], [4] | bilinear(5, bias=false) -> [5]")

    out: int = parameter(Whole())
    bias: bool = parameter(Truth(), True)

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        return TensorType((op.out,))

    def check(self, *inputs: Shape) -> None:
        for index, shape in enumerate(inputs):
            if shape.rank != 1:
                raise Reject("features are wanted", found=str(shape), index=index)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        first, second = [shape.channels for shape in inputs]
        bias = (Weight("bias", (self.out,)),) if self.bias else ()
        return Weight("weight", (self.out, first, second)), *bias  # type: ignore[arg-type]

    def saves(self, *inputs: Shape) -> Saves:
        return Saves(inputs=True)

    def torch(self, *inputs: Shape) -> TorchForm:
        sizes = [TorchArgument(input_size(0, index), f"in{index + 1}_features") for index in (0, 1)]
        out, bias = TorchArgument(given("out"), "out_features"), given("bias")
        return TorchForm(TorchCall("nn.Bilinear", (*sizes, out, TorchArgument(bias, "bias", True))))


@dataclass(frozen=True)
class Lerp(Op):
    """x + share * (y - x)."""

    name = "lerp"
    family = "merge"
    arity = 2
    examples = ("[8], [8] | lerp(0.5) -> [8]", "[8], [8] | lerp(0.2) -> [8]")

    share: float = parameter(Real(0, 1))

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        return inputs[0]

    def torch(self, *inputs: Shape) -> TorchForm:
        return TorchForm(function=TorchCall("torch.lerp", (TorchArgument(given("share"), ""),)))


@dataclass(frozen=True)
class Paired(Op):
    """The first of two tensors; whether their shapes are equal is only queried."""

    name = "paired"
    family = "merge"
    arity = 2
    examples = ("[8], [8] | paired -> [8]",)

    def check(self, *inputs: Shape) -> None:
        if not all(map(same, *[shape.sizes for shape in inputs])):
            raise Reject("the shapes differ", "", str(inputs[0]), str(inputs[1]), "", 1)

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        return inputs[0]

    def torch(self, *inputs: Shape) -> TorchForm:
        return TorchForm(function=TorchCall("torch.clone", template="{x}"))


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "agree":
        from archdsl.testing import Spec, agree

        agree(Spec(Path(arguments[0]).read_text(), kinds=frozenset()))
    else:
        from archdsl.cli import main

        main([command, *arguments])
