"""Normalization by the root of the mean of the squares alone."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.ops.base import Shape, Weight
from archdsl.ops.checks import require_few_axes
from archdsl.ops.expressions import channels_size, given_float
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import SavedTensor, Saves
from archdsl.ops.norm import EPS, Norm, channel_orders
from archdsl.ops.parameters import parameter

RMS_NORM = '''\
class RMSNorm{axes}d(nn.RMSNorm):
    """The channels at each position, divided by the root of the mean of their squares."""

    def forward(self, x: Tensor) -> Tensor:
        x = x.permute({last})
        x = F.rms_norm(x, self.normalized_shape, self.weight, self.eps)
        return x.permute({first})
'''


@dataclass(frozen=True)
class RmsNorm(Norm):
    """The channels at each position, divided by the root of the mean of their squares.

    A learned gain per channel follows (Zhang and Sennrich, 2019).
    """

    name = "rmsnorm"
    stays_float32 = True
    positional = 0
    pytorch = ("normalized_shape", "eps")
    examples = (
        "[20; 8] | rmsnorm -> [20; 8]",
        "[5, 4; 8] | rmsnorm -> [5, 4; 8]",
        "[8, 5, 4] | rmsnorm -> [8, 5, 4]",
        "[8, 20] | rmsnorm -> [8, 20]",
        "[8] | rmsnorm(eps=1e-5) -> [8]",
    )

    eps: float = parameter(EPS, 1e-6, about="number added to the mean, to avoid division by 0")

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        if not shape.is_last:
            require_few_axes(self.name, shape)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        return super().weights(*inputs)[:1]

    def torch(self, *inputs: Shape) -> TorchForm:
        (shape,) = inputs
        eps = TorchArgument(given_float(self, "eps"), "eps")
        arguments = [TorchArgument(channels_size(shape)), eps]
        if shape.rank == 1 or shape.is_last:
            return TorchForm(TorchCall("nn.RMSNorm", arguments))
        axes = len(shape.positions)
        definition = RMS_NORM.format(axes=axes, **channel_orders(axes))
        return TorchForm(TorchCall(f"RMSNorm{axes}d", arguments), definition=definition)

    def saves(self, *inputs: Shape) -> Saves:
        # The input, what it is divided by at each position, and what comes out before the gain.
        (shape,) = inputs
        return Saves(inputs=True, own=(SavedTensor(shape.positions), SavedTensor(shape.sizes)))
