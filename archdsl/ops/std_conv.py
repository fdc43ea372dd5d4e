"""Convolutions whose filters are standardised before they are applied."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.ops import same_end
from archdsl.ops.base import Reject, Shape, Weight
from archdsl.ops.conv import Conv
from archdsl.ops.expressions import given_float
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import SavedTensor, Saves
from archdsl.ops.norm import EPS
from archdsl.ops.parameters import Real, Truth, parameter

STANDARDISED = '''\
class {name}(nn.Conv{axes}d):
    """A convolution whose filters have mean 0 and variance 1{times}."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[{ints}],
        stride: int | tuple[{ints}] = 1,
        padding: int | tuple[{ints}] = 0,
        dilation: int | tuple[{ints}] = 1,
        groups: int = 1,
        bias: bool = True,
        eps: float = 1e-6,{parameters}
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias
        )
        self.eps = eps{gain}

    def forward(self, x: Tensor) -> Tensor:
{margins}        # A batch norm of the filters, each as a channel, does it in one step.
        filters = self.weight.reshape(1, self.out_channels, -1)
{scale}        filters = F.batch_norm(filters, None, None, {given}training=True, eps=self.eps)
        return self._conv_forward(x, filters.view_as(self.weight), self.bias)
'''
PARAMETERS = """
        gamma: float = 1.0,
        gain_init: float = 1.0,"""
GAIN = """
        self.scale = gamma * self.weight[0].numel() ** -0.5
        self.gain = nn.Parameter(torch.full((out_channels{ones}), float(gain_init)))"""

SCALE = """\
        scale = (self.gain * self.scale).flatten()
"""


@dataclass(frozen=True)
class StandardisedConv(Conv):
    """A convolution whose filters are standardised: (weight - mean) / sqrt(variance + eps).

    Mean and variance are those of a filter (Qiao et al., 2019). With `gain`, every filter is then
    multiplied by a learned number, and all by gamma / sqrt(inputs of a filter), as in networks
    without norms (NFNet, Brock et al., ICML 2021).
    """

    name = "std_conv"
    title = "standardised conv"
    pytorch = ()
    examples = (
        "[3, 8, 9] | std_conv(8, 3, stride=2) -> [8, 4, 5]",
        "[4, 8, 9] | std_conv(6, 3, groups=2, bias=false, gain=false, eps=1e-8) -> [6, 8, 9]",
        "[4, 8, 7] | std_conv(8, [1, 3], pad=0, gamma=1.7, gain_init=0.5) -> [8, 8, 5]",
        '[4, 20] | std_conv(8, 4, 2, pad="same_end", dilation=3) -> [8, 10]',
        "[3, 4, 6, 5] | std_conv(4, 3, init=normal(0.1), bias_init=0.5) -> [4, 4, 6, 5]",
    )

    gain: bool = parameter(Truth(), True, about="whether to learn a factor for every filter")
    gamma: float = parameter(Real(), 1, about="factor of all filters, where there is a gain")
    eps: float = parameter(EPS, 1e-6, about="number added to the variance, to avoid division by 0")
    gain_init: float = parameter(Real(), 1, about="what the factors start as")

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("gamma", "gain_init"):
            if not self.gain and getattr(self, name) != 1:
                message = f"`{name}` belongs to the gain, and there is none"
                raise Reject(message, name, "no `gain=false`", str(getattr(self, name)))

    def check(self, *inputs: Shape) -> None:
        super().check(*inputs)
        weight, *_ = super().weights(*inputs)
        filters, *sizes = weight.shape
        if set(sizes) == {1}:
            message = "`std_conv` makes zeros of filters with a single weight"
            found = f"weights {list(weight.shape)}, {filters} filters"
            raise Reject(message, "", "more than one weight per filter", found)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        ones = (1,) * (1 + len(inputs[0].positions))
        own = (Weight("gain", (self.out, *ones)),) if self.gain else ()
        return (*super().weights(*inputs), *own)

    def saves(self, *inputs: Shape) -> Saves:
        known = super().saves(*inputs)
        weight, *_ = super().weights(*inputs)
        # The filters as they are applied, their means and deviations, and the factors.
        filters, each = SavedTensor(weight.shape, each=False), SavedTensor((self.out,), each=False)
        return Saves(known.inputs, own=(*known.own, filters, *[each] * (3 if self.gain else 2)))

    def arguments(self) -> list[TorchArgument]:
        """The arguments of the class."""
        gained = [
            TorchArgument(given_float(self, "gamma"), "gamma", 1.0),
            TorchArgument(given_float(self, "gain_init"), "gain_init", 1.0),
        ]
        return [
            *super().arguments(),
            TorchArgument(given_float(self, "eps"), "eps", 1e-6),
            *(gained if self.gain else []),
        ]

    def torch(self, *inputs: Shape) -> TorchForm:
        axes, is_same = len(inputs[0].positions), self.pad == same_end.SAME_END
        name = f"{'Scaled' * self.gain}StdConv{axes}d{'Same' * is_same}"
        text = STANDARDISED.format(
            name=name,
            axes=axes,
            ints=", ".join(["int"] * axes),
            times=" / fan-in, times a learned gain" * self.gain,
            parameters=PARAMETERS * self.gain,
            gain=GAIN.format(ones=", 1" * (axes + 1)) * self.gain,
            margins=same_end.margins(axes) * is_same,
            scale=SCALE * self.gain,
            given="scale, " * self.gain,
        )
        module = TorchCall(name, self.arguments())
        return TorchForm(module, definition=text, base=f"nn.Conv{axes}d")
