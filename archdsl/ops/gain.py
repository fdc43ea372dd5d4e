"""Numbers that tensors are multiplied by, learned or fixed."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.ops.base import Reject, SameShape, Shape, Weight
from archdsl.ops.expressions import channels_size, given
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import Saves
from archdsl.ops.norm import Norm
from archdsl.ops.parameters import Real, Truth, parameter
from archdsl.provenance import operation

AFFINE = '''\
class Affine(nn.Module):
    """A learned gain and bias for every channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        shape = [-1] + [1] * (x.dim() - 2)
        return x * self.weight.view(shape) + self.bias.view(shape)
'''

AFFINE_LAST = '''\
class AffineLast(nn.Module):
    """A learned gain and bias for every channel, where these are last."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight + self.bias
'''

SCALE = '''\
class Scale(nn.Module):
    """Multiplies by a fixed number."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def forward(self, x: Tensor) -> Tensor:
        return x * self.value
'''


@dataclass(frozen=True)
class Affine(Norm):
    """x * weight + bias, with a learned weight and bias for every channel."""

    name = "affine"
    examples = (
        "[8, 5, 4] | affine -> [8, 5, 4]",
        "[8] | affine -> [8]",
        "[20; 8] | affine -> [20; 8]",
    )

    def check(self, *inputs: Shape) -> None:
        if not inputs[0].is_last:
            super().check(*inputs)

    def torch(self, *inputs: Shape) -> TorchForm:
        (shape,) = inputs
        arguments = [TorchArgument(channels_size(shape))]
        if shape.is_last:
            return TorchForm(TorchCall("AffineLast", arguments), definition=AFFINE_LAST)
        return TorchForm(TorchCall("Affine", arguments), definition=AFFINE)

    def saves(self, *inputs: Shape) -> Saves:
        return Saves(inputs=True)


@dataclass(frozen=True)
class Scale(SameShape):
    """x * value, with a fixed number."""

    name = "scale"
    positional = 1
    family = "normalization"
    part = "normalization"
    is_overwritable = True
    examples = (
        "[8, 5, 4] | scale(0.5) -> [8, 5, 4]",
        "[8] | scale(-2) -> [8]",
    )

    value: float = parameter(Real(), about="factor")

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [TorchArgument(given("value"))]
        function = TorchCall("", arguments, "{x} * {0}", is_atom=False)
        return TorchForm(TorchCall("Scale", arguments), function, SCALE)


@dataclass(frozen=True)
class Gain(SameShape):
    """x times a learned number per channel; its label is its key.

    With `scalar` there is one number for all channels, which is stored with a size of 1, or without
    any if `sized=false`.
    """

    name = "gain"
    positional = 0
    family = "normalization"
    part = "normalization"
    is_link = False
    is_bare = True
    is_overwritable = True
    examples = (
        "[8, 5, 4] | gain(init=1e-6) -> [8, 5, 4]",
        "[8, 5, 4] | gain(init=0.5, scalar=true) -> [8, 5, 4]",
        "[8, 5, 4] | gain(init=0.5, scalar=true, sized=false) -> [8, 5, 4]",
        "[8] | gain -> [8]",
        "[5; 8] | gain(init=0.1) -> [5; 8]",
    )

    init: float = parameter(Real(), 1, about="what the numbers start as")
    scalar: bool = parameter(Truth(), False, about="whether all channels have the same number")
    sized: bool = parameter(Truth(), True, about="whether that one number has a size, of 1")

    def __post_init__(self) -> None:
        if not (self.sized or self.scalar):
            message = "numbers for all channels have a size"
            raise Reject(message, "sized", "`scalar=true` beside it", "false")

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        (shape,) = inputs
        if self.scalar:
            return (Weight("", (1,) if self.sized else (), is_bare=True),)
        assert isinstance(shape.channels, int)
        behind = () if shape.is_last else (1,) * len(shape.positions)
        return (Weight("", (shape.channels, *behind), is_bare=True),)

    def torch(self, *inputs: Shape) -> TorchForm:
        (shape,) = inputs
        init = TorchArgument(operation("float", given("init")))
        if self.scalar:
            size = "(1,)" if self.sized else "()"
            module = TorchCall("nn.Parameter", (init,), f"nn.Parameter(torch.full({size}, {{0}}))")
        else:
            ones = ", 1" * len(shape.positions) if shape.positions and not shape.is_last else ","
            channels = TorchArgument(channels_size(shape))
            template = f"nn.Parameter(torch.full(({{0}}{ones}), {{1}}))"
            module = TorchCall("nn.Parameter", (channels, init), template)
        return TorchForm(module, call="{x} * {m}")

    def saves(self, *inputs: Shape) -> Saves:
        return Saves(inputs=True)
