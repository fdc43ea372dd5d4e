"""Activations: functions of single numbers, and softmax."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from archdsl.ops.base import Reject, SameShape, Shape, Weight
from archdsl.ops.expressions import as_expression, channels_size, given, given_float
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import SavedTensor, Saves
from archdsl.ops.parameters import Real, Truth, Word, parameter

EXP = '''\
class Exp(nn.Module):
    """e to the power of every number."""

    def forward(self, x: Tensor) -> Tensor:
        return x.exp()
'''


STAR_RELU = '''\
class StarReLU(nn.Module):
    """scale * max(x, 0) ** 2 + bias, with a learned scale and bias."""

    def __init__(self, scale: float = 1.0, bias: float = 0.0) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((1,), float(scale)))
        self.bias = nn.Parameter(torch.full((1,), float(bias)))

    def forward(self, x: Tensor) -> Tensor:
        return self.scale * F.relu(x) ** 2 + self.bias
'''


@dataclass(frozen=True)
class Activation(SameShape, abstract=True):
    """An op that keeps the shape; its parameters are PyTorch's, with its order and defaults.

    `kept` is what its gradient reads.
    """

    family = "activation"
    part = "activation"
    module: ClassVar[str]
    function: ClassVar[str] = ""
    inplace: ClassVar[bool] = False
    kept: ClassVar[Saves] = Saves(inputs=True)

    def arguments(self) -> list[TorchArgument]:
        """The arguments of PyTorch's form."""
        defaults = self.defaults().items()
        return [TorchArgument(given_float(self, name), "", value) for name, value in defaults]

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = self.arguments()
        return TorchForm(
            TorchCall(self.module, arguments),
            TorchCall(self.function, arguments) if self.function else None,
            inplace=self.inplace,
        )

    def saves(self, *inputs: Shape) -> Saves:
        return self.kept


def unless_negative(factor: float, form: TorchForm) -> TorchForm:
    """A form that works in place only where results have the sign of their x, by `factor`."""
    return form if factor >= 0 else replace(form, inplace=False)


@dataclass(frozen=True)
class Relu(Activation):
    """max(x, 0)."""

    name = "relu"
    module = "nn.ReLU"
    function = "F.relu"
    inplace = True
    kept = Saves(output=True)
    examples = ("[8, 5, 4] | relu -> [8, 5, 4]",)


@dataclass(frozen=True)
class Relu6(Activation):
    """min(max(x, 0), 6)."""

    name = "relu6"
    module = "nn.ReLU6"
    function = "F.relu6"
    inplace = True
    examples = ("[8, 5, 4] | relu6 -> [8, 5, 4]",)


@dataclass(frozen=True)
class LeakyRelu(Activation):
    """x where it is positive, else slope * x."""

    name = "leaky_relu"
    positional = 1
    module = "nn.LeakyReLU"
    function = "F.leaky_relu"
    inplace = True
    kept = Saves(inputs=True, output_in_place=True)
    examples = (
        "[8, 5, 4] | leaky_relu -> [8, 5, 4]",
        "[8] | leaky_relu(0.2) -> [8]",
    )

    slope: float = parameter(Real(), 0.01, about="factor for negative x")

    def torch(self, *inputs: Shape) -> TorchForm:
        return unless_negative(self.slope, super().torch(*inputs))


@dataclass(frozen=True)
class Prelu(Activation):
    """x where it is positive, else slope * x, with one slope that is learned.

    If it is not `shared`, every channel has a slope of its own.
    """

    name = "prelu"
    module = "nn.PReLU"
    examples = (
        "[8, 5, 4] | prelu -> [8, 5, 4]",
        "[8, 5, 4] | prelu(shared=false) -> [8, 5, 4]",
        "[8] | prelu(shared=false) -> [8]",
    )

    shared: bool = parameter(Truth(), True, about="whether all channels have the same slope")

    def check(self, *inputs: Shape) -> None:
        if inputs[0].is_last and not self.shared:
            message = "slopes of channels that are last are no layer of PyTorch"
            raise Reject(message, "shared", "`prelu`, or channels first", "false")

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        channels = inputs[0].channels
        assert isinstance(channels, int)
        return (Weight("weight", (1 if self.shared else channels,)),)

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [] if self.shared else [TorchArgument(channels_size(inputs[0]))]
        return TorchForm(TorchCall(self.module, arguments))


@dataclass(frozen=True)
class Elu(Activation):
    """x where it is positive, else alpha * (exp(x) - 1)."""

    name = "elu"
    positional = 1
    module = "nn.ELU"
    function = "F.elu"
    inplace = True
    kept = Saves(inputs=True, output_in_place=True)
    examples = (
        "[8, 5, 4] | elu -> [8, 5, 4]",
        "[8] | elu(alpha=0.5) -> [8]",
    )

    alpha: float = parameter(Real(), 1.0, about="results are above -alpha")

    def torch(self, *inputs: Shape) -> TorchForm:
        return unless_negative(self.alpha, super().torch(*inputs))


@dataclass(frozen=True)
class Selu(Activation):
    """1.0507 * x where it is positive, else 1.7581 * (exp(x) - 1): keeps mean 0 and variance 1."""

    name = "selu"
    module = "nn.SELU"
    function = "F.selu"
    inplace = True
    kept = Saves(inputs=True, output_in_place=True)
    examples = ("[8, 5, 4] | selu -> [8, 5, 4]",)


@dataclass(frozen=True)
class Gelu(Activation):
    """x * P(X < x) for a standard normal X; "tanh" is the approximation that GPT-2 computes."""

    name = "gelu"
    positional = 0
    module = "nn.GELU"
    function = "F.gelu"
    examples = (
        "[8, 5, 4] | gelu -> [8, 5, 4]",
        '[8] | gelu(approximate="tanh") -> [8]',
    )

    approximate: str = parameter(
        Word(("none", "tanh")), "none", about="whether to approximate the exact function"
    )

    def arguments(self) -> list[TorchArgument]:
        return [TorchArgument(given("approximate"), "approximate", "none")]


@dataclass(frozen=True)
class Silu(Activation):
    """x * sigmoid(x), also called swish."""

    name = "silu"
    module = "nn.SiLU"
    function = "F.silu"
    inplace = True
    examples = ("[8, 5, 4] | silu -> [8, 5, 4]",)


@dataclass(frozen=True)
class Mish(Activation):
    """x * tanh(log(1 + exp(x)))."""

    name = "mish"
    module = "nn.Mish"
    function = "F.mish"
    inplace = True
    examples = ("[8, 5, 4] | mish -> [8, 5, 4]",)


@dataclass(frozen=True)
class StarRelu(Activation):
    """scale * max(x, 0) ** 2 + bias, with one scale and one bias that are learned.

    From MetaFormer baselines (Yu et al., 2022).
    """

    name = "star_relu"
    module = "StarReLU"
    examples = (
        "[8, 5, 4] | star_relu -> [8, 5, 4]",
        "[20; 8] | star_relu(scale=0.8944, bias=-0.4472) -> [20; 8]",
    )

    scale: float = parameter(Real(), 1, about="initial value of the scale")
    bias: float = parameter(Real(), 0, about="initial value of the bias")

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        return Weight("scale", (1,)), Weight("bias", (1,))

    def arguments(self) -> list[TorchArgument]:
        return [
            TorchArgument(given_float(self, "scale"), "scale", 1.0),
            TorchArgument(given_float(self, "bias"), "bias", 0.0),
        ]

    def torch(self, *inputs: Shape) -> TorchForm:
        return replace(super().torch(*inputs), definition=STAR_RELU)

    def saves(self, *inputs: Shape) -> Saves:
        # The positive part, and its square for the gradient of the scale.
        sizes = inputs[0].sizes
        return Saves(own=(SavedTensor(sizes), SavedTensor(sizes)))


@dataclass(frozen=True)
class Hardswish(Activation):
    """x * min(max(x + 3, 0), 6) / 6."""

    name = "hardswish"
    module = "nn.Hardswish"
    function = "F.hardswish"
    inplace = True
    examples = ("[8, 5, 4] | hardswish -> [8, 5, 4]",)


@dataclass(frozen=True)
class Hardsigmoid(Activation):
    """min(max(x + 3, 0), 6) / 6."""

    name = "hardsigmoid"
    module = "nn.Hardsigmoid"
    function = "F.hardsigmoid"
    inplace = True
    examples = ("[8, 5, 4] | hardsigmoid -> [8, 5, 4]",)


@dataclass(frozen=True)
class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    name = "sigmoid"
    module = "nn.Sigmoid"
    function = "torch.sigmoid"
    kept = Saves(output=True)
    examples = ("[8, 5, 4] | sigmoid -> [8, 5, 4]",)


@dataclass(frozen=True)
class Tanh(Activation):
    """The hyperbolic tangent."""

    name = "tanh"
    module = "nn.Tanh"
    function = "torch.tanh"
    kept = Saves(output=True)
    examples = ("[8, 5, 4] | tanh -> [8, 5, 4]",)


@dataclass(frozen=True)
class Exp(Activation):
    """e ** x: a standard deviation from half of the logarithm of a variance, for example."""

    name = "exp"
    module = "Exp"
    function = "torch.exp"
    kept = Saves(output=True)
    examples = ("[8, 5, 4] | exp -> [8, 5, 4]",)

    def torch(self, *inputs: Shape) -> TorchForm:
        return replace(super().torch(*inputs), definition=EXP)


@dataclass(frozen=True)
class Softmax(Activation):
    """exp(x) / sum of exp(x) over the channels: positive numbers that add up to 1."""

    name = "softmax"
    module = "nn.Softmax"
    function = "F.softmax"
    kept = Saves(output=True)
    examples = (
        "[8, 5, 4] | softmax -> [8, 5, 4]",
        "[8] | softmax -> [8]",
        "[20; 8] | softmax -> [20; 8]",
    )

    def torch(self, *inputs: Shape) -> TorchForm:
        dimension = -1 if inputs[0].is_last else 1
        arguments = [TorchArgument(as_expression(dimension), "dim")]
        return TorchForm(TorchCall(self.module, arguments), TorchCall(self.function, arguments))


@dataclass(frozen=True)
class LogSoftmax(Softmax):
    """The logarithm of softmax over the channels, which is what `nn.NLLLoss` wants."""

    name = "log_softmax"
    module = "nn.LogSoftmax"
    function = "F.log_softmax"
    examples = (
        "[8, 5, 4] | log_softmax -> [8, 5, 4]",
        "[8] | log_softmax -> [8]",
        "[20; 8] | log_softmax -> [20; 8]",
    )
