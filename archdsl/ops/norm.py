"""Normalization: mean and deviation of numbers made those of all others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archdsl.ops.axes import Window
from archdsl.ops.base import Reject, SameShape, Shape, Weight, shape_text
from archdsl.ops.checks import require_axes, require_few_axes, require_groups, require_image
from archdsl.ops.expressions import channels_size, given, given_float, input_size
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import INDEX_BYTES, SavedTensor, Saves
from archdsl.ops.parameters import Initializer, Real, Start, Truth, Whole, parameter
from archdsl.shapes import Dim

EPS = Real(0, above=True)
EPS_ADDED = "number added to the variance, to avoid division by 0"

LAYER_NORM = '''\
class LayerNorm{axes}d(nn.LayerNorm):
    """Layer normalization over the channels at each position."""

    def forward(self, x: Tensor) -> Tensor:
        x = x.permute({last})
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute({first})
'''


def _several_positions(shape: Shape) -> tuple[Dim, ...]:
    """The room above a single position, where all sides are equal: of others one may be 1."""
    sides = {*shape.positions}
    return (sides.pop() - 1,) if len(sides) == 1 else ()


@dataclass(frozen=True)
class Norm(SameShape, abstract=True):
    """An op that keeps the shape, with a gain and bias per channel."""

    family = "normalization"
    part = "normalization"
    is_overwritable = True

    @classmethod
    def is_usual(cls, values: Mapping[str, Any]) -> bool:
        """Whether the number added to a variance is small."""
        eps = values.get("eps", 0)
        return not isinstance(eps, int | float) or eps < 1

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        require_few_axes(self.name, shape)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        channels = inputs[0].channels
        assert isinstance(channels, int)
        return Weight("weight", (channels,)), Weight("bias", (channels,))


def channel_orders(axes: int) -> dict[str, str]:
    """The dimensions in the order that brings the channels to the end, and in that back."""
    last, first = [0, *range(2, axes + 2), 1], [0, axes + 1, *range(1, axes + 1)]
    return {"last": ", ".join(map(str, last)), "first": ", ".join(map(str, first))}


def _with_moments(*sizes: Dim, each: bool = True) -> Saves:
    """The input is saved, with mean and deviation of each group of numbers."""
    return Saves(inputs=True, own=(SavedTensor(sizes, each=each),) * 2)


@dataclass(frozen=True)
class BatchNorm(Norm):
    """Batch normalization: every channel gets mean 0 and variance 1, then a learned gain and bias.

    While training, mean and variance are the batch's; after it, their running averages. The gain
    starts at `gain_init` and the bias at `bias_init`.
    """

    name = "bn"
    positional = 0
    pytorch = ("num_features", "eps", "momentum")
    examples = (
        "[8, 5, 5] | bn -> [8, 5, 5]",
        "[8, 5, 4] | bn(eps=0.001, momentum=0.01) -> [8, 5, 4]",
        "[8, 5, 4] | bn(gain_init=0, bias_init=0.0001) -> [8, 5, 4]",
        "[8] | bn -> [8]",
        "[8, 20] | bn -> [8, 20]",
        "[8, 2, 5, 4] | bn -> [8, 2, 5, 4]",
    )

    eps: float = parameter(EPS, 1e-5, about=EPS_ADDED)
    momentum: float = parameter(
        Real(0, 1), 0.1, about="weight of the newest batch in the running averages"
    )
    gain_init: float = parameter(Real(), 1, about="initial value of the gain")
    bias_init: float = parameter(Real(), 0, about="initial value of the bias")

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        weight, bias = super().weights(*inputs)
        running = [Weight(f"running_{name}", weight.shape, False) for name in ("mean", "var")]
        return weight, bias, *running, Weight("num_batches_tracked", (), False, INDEX_BYTES)

    def saves(self, *inputs: Shape) -> Saves:
        return _with_moments(inputs[0].channels, each=False)

    def starts(self) -> Start:
        gain = Initializer("gain", (("gain", self.gain_init),))
        return Start(gain, self.bias_init or "default")

    def torch(self, *inputs: Shape) -> TorchForm:
        (shape,) = inputs
        arguments = [
            TorchArgument(input_size()),
            TorchArgument(given_float(self, "eps"), "eps", 1e-5),
            TorchArgument(given_float(self, "momentum"), "momentum", 0.1),
        ]
        return TorchForm(TorchCall(f"nn.BatchNorm{max(1, len(shape.positions))}d", arguments))


@dataclass(frozen=True)
class LayerNorm(Norm):
    """Layer normalization: the channels at each position get mean 0 and variance 1.

    A learned gain and bias per channel follow, the bias unless `bias=false`.
    """

    name = "layernorm"
    stays_float32 = True
    positional = 0
    pytorch = ("normalized_shape", "eps")
    examples = (
        "[8, 5, 4] | layernorm(eps=1e-6) -> [8, 5, 4]",
        "[8, 20] | layernorm -> [8, 20]",
        "[8, 2, 5, 4] | layernorm -> [8, 2, 5, 4]",
        "[8] | layernorm -> [8]",
        "[20; 8] | layernorm -> [20; 8]",
        "[5, 4; 8] | layernorm(eps=1e-6) -> [5, 4; 8]",
        "[20; 8] | layernorm(bias=false) -> [20; 8]",
        "[8, 5, 4] | layernorm(bias=false) -> [8, 5, 4]",
    )

    eps: float = parameter(EPS, 1e-5, about=EPS_ADDED)
    bias: bool = parameter(Truth(), True, about="whether to learn a bias per channel")

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        return super().weights(*inputs)[: 1 + self.bias]

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        if not shape.is_last:
            require_few_axes(self.name, shape)

    def torch(self, *inputs: Shape) -> TorchForm:
        (shape,) = inputs
        eps = TorchArgument(given_float(self, "eps"), "eps", 1e-5)
        bias = TorchArgument(given("bias"), "bias", True)
        arguments = [TorchArgument(channels_size(shape)), eps, bias]
        if shape.rank == 1 or shape.is_last:
            return TorchForm(TorchCall("nn.LayerNorm", arguments))
        axes = len(shape.positions)
        definition = LAYER_NORM.format(axes=axes, **channel_orders(axes))
        return TorchForm(TorchCall(f"LayerNorm{axes}d", arguments), definition=definition)

    def saves(self, *inputs: Shape) -> Saves:
        return _with_moments(*inputs[0].positions)


@dataclass(frozen=True)
class GroupNorm(Norm):
    """Group normalization: every group of channels gets mean 0, variance 1 over all positions.

    A learned gain and bias per channel follow.
    """

    name = "groupnorm"
    stays_float32 = True
    positional = 1
    pytorch = ("num_groups", "num_channels", "eps")
    examples = (
        "[8, 5, 4] | groupnorm(4) -> [8, 5, 4]",
        "[6] | groupnorm(2, eps=0.001) -> [6]",
        "[8, 20] | groupnorm(4) -> [8, 20]",
        "[8, 2, 5, 4] | groupnorm(2) -> [8, 2, 5, 4]",
    )

    groups: int = parameter(Whole(), about="number of groups; must divide the channels")
    eps: float = parameter(EPS, 1e-5, about=EPS_ADDED)

    def check(self, *inputs: Shape) -> None:
        super().check(*inputs)
        (shape,) = inputs
        require_groups(self, shape.channels)
        if self.groups == shape.channels and set(shape.positions) <= {1}:
            message = "`groupnorm` makes zeros of groups with a single number"
            raise Reject(message, "groups", "more than one number per group", str(self.groups))

    def leeway(self, *inputs: Shape) -> tuple[Dim, ...]:
        return _several_positions(inputs[0]) if self.groups == inputs[0].channels else ()

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [
            *map(TorchArgument, (given("groups"), input_size())),
            TorchArgument(given_float(self, "eps"), "eps", 1e-5),
        ]
        return TorchForm(TorchCall("nn.GroupNorm", arguments))

    def saves(self, *inputs: Shape) -> Saves:
        return _with_moments(self.groups)


@dataclass(frozen=True)
class InstanceNorm(Norm):
    """Instance normalization: every channel of a sample gets mean 0, variance 1 over its positions.

    With `affine` a learned gain and bias per channel follow. Nothing is averaged over batches.
    """

    name = "instancenorm"
    positional = 0
    pytorch = ("num_features", "eps")
    examples = (
        "[8, 5, 4] | instancenorm -> [8, 5, 4]",
        "[8, 5, 4] | instancenorm(eps=0.001, affine=true) -> [8, 5, 4]",
        "[8, 20] | instancenorm(affine=true) -> [8, 20]",
        "[8, 2, 5, 4] | instancenorm -> [8, 2, 5, 4]",
    )

    eps: float = parameter(EPS, 1e-5, about=EPS_ADDED)
    affine: bool = parameter(Truth(), False, about="whether to learn a gain and bias per channel")

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        require_axes(self, shape)
        if set(shape.positions) == {1}:
            message = "`instancenorm` makes zeros of a single position"
            raise Reject(message, "", "more than one position", shape_text(shape))

    def leeway(self, *inputs: Shape) -> tuple[Dim, ...]:
        return _several_positions(inputs[0])

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        return super().weights(*inputs) if self.affine else ()

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [
            TorchArgument(input_size()),
            TorchArgument(given_float(self, "eps"), "eps", 1e-5),
            TorchArgument(given("affine"), "affine", False),
        ]
        return TorchForm(TorchCall(f"nn.InstanceNorm{len(inputs[0].positions)}d", arguments))

    def saves(self, *inputs: Shape) -> Saves:
        # PyTorch normalises every channel of every sample alone, and repeats the gain for it.
        each = SavedTensor((inputs[0].channels,))
        return Saves(inputs=True, own=(each,) * (3 if self.affine else 2))


@dataclass(frozen=True)
class LocalResponseNorm(SameShape):
    """x / (k + alpha / size * sum of x**2 over `size` neighboring channels) ** beta.

    From AlexNet, in the convention of PyTorch, which divides `alpha` by `size`.
    """

    name = "lrn"
    stays_float32 = True
    positional = 1
    family = "normalization"
    part = "normalization"
    is_overwritable = True
    examples = (
        "[8, 5, 4] | lrn -> [8, 5, 4]",
        "[8, 5, 4] | lrn(3, alpha=0.5, beta=0.5, k=2) -> [8, 5, 4]",
    )

    size: int = parameter(Whole(), 5, about="number of neighboring channels in the sum")
    alpha: float = parameter(Real(0), 1e-4, about="factor of the sum, divided by `size`")
    beta: float = parameter(Real(0), 0.75, about="exponent of the divisor")
    k: float = parameter(Real(0, above=True), 1, about="number added to the sum")

    def check(self, *inputs: Shape) -> None:
        require_image(self.name, *inputs)

    def saves(self, *inputs: Shape) -> Saves:
        # The squares, padded over the channels; the divisor, and what it is a power of.
        (shape,) = inputs
        squares = SavedTensor(shape.with_channels(shape.channels + self.size - 1).sizes)
        return Saves(inputs=True, own=(squares, SavedTensor(shape.sizes), SavedTensor(shape.sizes)))

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [
            TorchArgument(given("size")),
            TorchArgument(given_float(self, "alpha"), "alpha", 1e-4),
            TorchArgument(given_float(self, "beta"), "beta", 0.75),
            TorchArgument(given_float(self, "k"), "k", 1.0),
        ]
        return TorchForm(
            TorchCall("nn.LocalResponseNorm", arguments),
            TorchCall("F.local_response_norm", arguments),
        )
