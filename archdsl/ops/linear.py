"""Layers in which every output reads all features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archdsl.fixes import Help
from archdsl.ops.axes import Window
from archdsl.ops.base import Op, Reject, Shape, Weight, shape_text
from archdsl.ops.checks import as_sequence, other_layout
from archdsl.ops.expressions import Size, channels_size, given
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.initializers import start_of
from archdsl.ops.memory import SavedTensor, Saves
from archdsl.ops.parameters import Initialization, Initializer, Real, Start, Truth, Whole, parameter
from archdsl.ops.tensor_type import TensorType
from archdsl.shapes import Count, product

RBF = '''\
class RBF(nn.Module):
    """Squared distances to fixed codes: code i repeats the binary digits of i, as 1 and -1."""

    codes: Tensor

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        digits = max(1, (out_features - 1).bit_length())
        places = torch.arange(in_features) % digits
        bits = torch.arange(out_features).unsqueeze(1) >> places & 1
        self.register_buffer("codes", 2.0 * bits - 1.0)

    def forward(self, x: Tensor) -> Tensor:
        return (x.unsqueeze(1) - self.codes).square().sum(2)
'''
RBF_LAST = (
    RBF.replace("RBF", "RBFLast")
    .replace('-1."""', '-1.\n\n    Every position has its own distances.\n    """')
    .replace("unsqueeze(1) - self", "unsqueeze(-2) - self")
    .replace("sum(2)", "sum(-1)")
)


@dataclass(frozen=True)
class OnFeatures(Op, abstract=True):
    """An op that computes `out` features, each from all features of its input."""

    family = "linear"
    part = "layer"
    positional = 1
    is_overwritable = True

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """The features are `out`."""
        return inputs[0].with_channels(op.out)

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        if shape.positions and not shape.is_last:
            message = f"`{self.name}` works on features, which are last or alone"
            raise other_layout(message, "[features]", shape, _help(shape))
        if not isinstance(shape.channels, int):
            message = f"the number of features that `{self.name}` reads must be known"
            raise Reject(message, "", "a number", shape_text(shape))

    def window(self, *inputs: Shape) -> Window:
        # At each position of several it reads that one alone.
        return Window(covers=not any(shape.positions for shape in inputs))


def _help(shape: Shape) -> str:
    """How to make features of channels that are first."""
    if all(size == 1 for size in shape.positions):
        return Help("`flatten` makes features of an image", before=["flatten"])
    image = "`flatten` makes features of an image; `global_avgpool -> flatten` makes fewer"
    ways = ["flatten", "global_avgpool -> flatten"]
    is_known = all(isinstance(size, int) for size in shape.positions)
    return as_sequence(shape) or Help(image, before=ways if is_known else ways[1:])


@dataclass(frozen=True)
class Linear(OnFeatures):
    """x * weight + bias: `out` weighted sums of the features."""

    name = "linear"
    pytorch = ("in_features", "out_features", "bias")
    examples = (
        "[8] | linear(5) -> [5]",
        "[8] | linear(5, bias=false, init=normal(0.01)) -> [5]",
        '[8] | linear(5, init=kaiming_normal("in"), bias_init=0.5) -> [5]',
        '[8] | linear(5, init=normal(0.1), bias_init="default") -> [5]',
        "[8] | linear(5, bias_init=0) -> [5]",
        "[20; 8] | linear(5) -> [20; 5]",
        "[5, 4; 8] | linear(3, bias=false) -> [5, 4; 3]",
    )

    out: int = parameter(Whole(), about="number of output features")
    bias: bool = parameter(Truth(), True, about="whether to add a learned bias to every feature")
    init: Initializer = parameter(
        Initialization(), Initializer(), about="initialisation of the weight"
    )
    bias_init: float | str | None = parameter(
        Real(word="default"),
        None,
        about="initial value of the bias; 0 with an `init`, else PyTorch's initialisation",
    )

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        features = inputs[0].channels
        bias = (Weight("bias", (self.out,)),) if self.bias else ()
        return Weight("weight", (self.out, features)), *bias  # type: ignore[arg-type]

    def starts(self) -> Start:
        return start_of(self)

    def macs(self, *inputs: Shape) -> Count:
        (shape,) = inputs
        return product(self.out, *shape.sizes)

    def saves(self, *inputs: Shape) -> Saves:
        return Saves(inputs=True)

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [
            *map(TorchArgument, (channels_size(inputs[0]), given("out"))),
            TorchArgument(given("bias"), "bias", True),
        ]
        return TorchForm(TorchCall("nn.Linear", arguments))


@dataclass(frozen=True)
class Rbf(OnFeatures):
    """Squared Euclidean distances to `out` fixed codes of 1 and -1, which are a buffer.

    The output layer of LeNet-5. It has no multiply-adds: nothing is multiplied with a weight.
    """

    name = "rbf"
    examples = (
        "[84] | rbf(10) -> [10]",
        "[3] | rbf(8) -> [8]",
        "[2] | rbf(1) -> [1]",
        "[20; 3] | rbf(8) -> [20; 8]",
    )
    is_distance = True

    out: int = parameter(Whole(), about="number of codes")

    def check(self, *inputs: Shape) -> None:
        super().check(*inputs)
        features = inputs[0].channels
        assert isinstance(features, int)
        if (self.out - 1).bit_length() > features:
            message = f"{features} features are too few for {self.out} different codes"
            raise Reject(message, "out", f"{2**features} or less", str(self.out))

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        features = inputs[0].channels
        return (Weight("codes", (self.out, features), trainable=False),)  # type: ignore[arg-type]

    def saves(self, *inputs: Shape) -> Saves:
        (shape,) = inputs
        return Saves(own=(SavedTensor((*shape.positions, self.out, shape.channels)),))

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [*map(TorchArgument, (channels_size(inputs[0]), given("out")))]
        if inputs[0].is_last:
            return TorchForm(TorchCall("RBFLast", arguments), definition=RBF_LAST)
        return TorchForm(TorchCall("RBF", arguments), definition=RBF)
