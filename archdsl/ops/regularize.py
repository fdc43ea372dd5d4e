"""Ops that drop numbers at random during training, as regularization."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.ops.base import Reject, SameShape, Shape
from archdsl.ops.checks import require_axes
from archdsl.ops.expressions import given, given_float
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import SavedTensor, Saves
from archdsl.ops.parameters import Real, Word, parameter

DROP_PATH = '''\
class DropPath(nn.Module):
    """Drops a whole sample, or the whole batch, with probability `p` while training."""

    def __init__(self, p: float, mode: str = "row") -> None:
        super().__init__()
        self.p = p
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        count = x.size(0) if self.mode == "row" else 1
        kept = F.dropout(x.new_ones([count]), self.p)
        return (x.transpose(0, -1) * kept).transpose(0, -1)
'''


NOISE = '''\
class Noise(nn.Module):
    """Normal random numbers of the shape of the input while training; zeros in evaluation."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.randn_like(x) if self.training else torch.zeros_like(x)
'''


@dataclass(frozen=True)
class Dropout(SameShape):
    """Drops every number with probability p while training; the others are divided by 1 - p."""

    name = "dropout"
    family = "regularization"
    positional = 1
    part = "regularization"
    is_random = True
    examples = (
        "[8, 5, 4] | dropout -> [8, 5, 4]",
        "[8] | dropout(0.2) -> [8]",
    )

    p: float = parameter(Real(0, 1), 0.5, about="probability that a number is dropped")

    def saves(self, *inputs: Shape) -> Saves:
        # PyTorch leaves the input alone at 0, and multiplies it by a single zero at 1.
        masks = {0: (), 1: (SavedTensor((), each=False),)}
        return Saves(own=masks.get(self.p, (SavedTensor(inputs[0].sizes),)))  # type: ignore[call-overload]

    def is_view(self, *inputs: Shape, training: bool) -> bool:
        return not training or self.p == 0

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [TorchArgument(given_float(self, "p"), "", 0.5)]
        return TorchForm(
            TorchCall("nn.Dropout", arguments),
            TorchCall("F.dropout", arguments),
            inplace=True,
            training=True,
        )


@dataclass(frozen=True)
class Dropout2d(SameShape):
    """Drops whole channels with probability p while training; the others are divided by 1 - p.

    It works on 1, 2 or 3 axes of positions.
    """

    name = "dropout2d"
    family = "regularization"
    title = "channel dropout"
    positional = 1
    part = "regularization"
    is_random = True
    examples = (
        "[8, 5, 4] | dropout2d -> [8, 5, 4]",
        "[8, 20] | dropout2d(0.2) -> [8, 20]",
        "[8, 2, 5, 4] | dropout2d(0.2) -> [8, 2, 5, 4]",
    )

    p: float = parameter(Real(0, 1), 0.5, about="probability that a channel is dropped")

    def check(self, *inputs: Shape) -> None:
        require_axes(self, inputs[0])

    def saves(self, *inputs: Shape) -> Saves:
        (shape,) = inputs
        mask = SavedTensor(shape.with_positions(1 for _ in shape.positions).sizes)
        masks = {0: (), 1: (SavedTensor((), each=False),)}
        return Saves(own=masks.get(self.p, (mask,)))  # type: ignore[call-overload]

    def is_view(self, *inputs: Shape, training: bool) -> bool:
        return not training or self.p == 0

    def torch(self, *inputs: Shape) -> TorchForm:
        axes = len(inputs[0].positions)
        arguments = [TorchArgument(given_float(self, "p"), "", 0.5)]
        return TorchForm(
            TorchCall(f"nn.Dropout{axes}d", arguments),
            TorchCall(f"F.dropout{axes}d", arguments),
            inplace=True,
            training=True,
        )


@dataclass(frozen=True)
class Noise(SameShape):
    """Normal random numbers of the shape of the input while training; zeros in evaluation.

    A variational autoencoder draws its code by it: `add(mean: linear(8), deviation: linear(8) ->
    scale(0.5) -> exp -> mul(identity, noise))`.
    """

    name = "noise"
    family = "regularization"
    part = "regularization"
    is_random = True
    reads_shape_only = True
    examples = (
        "[8, 5, 4] | noise -> [8, 5, 4]",
        "[8] | noise -> [8]",
    )

    def torch(self, *inputs: Shape) -> TorchForm:
        return TorchForm(TorchCall("Noise"), definition=NOISE)


@dataclass(frozen=True)
class DropPath(SameShape):
    """Drops whole samples with probability p while training; the others are divided by 1 - p.

    Of a residual branch, that is stochastic depth. The mode "batch" drops all samples or none.
    """

    name = "drop_path"
    family = "regularization"
    positional = 1
    part = "regularization"
    is_random = True
    examples = (
        "[8, 5, 4] | drop_path(0.1) -> [8, 5, 4]",
        '[8] | drop_path(0.5, mode="batch") -> [8]',
    )

    p: float = parameter(Real(0, 1), about="probability that a sample is dropped")
    mode: str = parameter(
        Word(("row", "batch")), "row", about="whether to drop single samples or the whole batch"
    )

    def __post_init__(self) -> None:
        if self.p == 1:
            message = "`p` must be below 1: the output is scaled by 1 / (1 - p)"
            raise Reject(message, "p", "a number less than 1", str(self.p))

    def saves(self, *inputs: Shape) -> Saves:
        return Saves(own=(SavedTensor((), each=self.mode == "row"),))

    def is_view(self, *inputs: Shape, training: bool) -> bool:
        return not training

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [
            TorchArgument(given_float(self, "p")),
            TorchArgument(given("mode"), "mode", "row"),
        ]
        return TorchForm(TorchCall("DropPath", arguments), definition=DROP_PATH)
