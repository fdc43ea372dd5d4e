"""Statistics over the channels of every position, and the norm that compares channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from archdsl.ops.axes import Window
from archdsl.ops.base import Op, Reject, SameShape, Shape, Weight, shape_text
from archdsl.ops.expressions import Size, channels_size, given_float
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import SavedTensor, Saves
from archdsl.ops.norm import EPS
from archdsl.ops.parameters import parameter
from archdsl.ops.tensor_type import TensorType

CHANNELS = '''\
class {name}(nn.Module):
    """{words}"""

    def forward(self, x: Tensor) -> Tensor:
        return x.{method}({dim}, keepdim=True)
'''

RESPONSE_NORM = '''\
class {name}(nn.Module):
    """Global response normalization: a gain that grows with how strong a channel is."""

    def __init__(self, channels: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.zeros(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        norm = x.norm(2, {dims}, keepdim=True)
        norm = norm / (norm.mean({channels}, keepdim=True) + self.eps)
        return x + {bias} + {weight} * (x * norm)
'''


@dataclass(frozen=True)
class ChannelStatistic(Op, abstract=True):
    """One number of all channels, at every position."""

    family = "pooling"
    is_overwritable = True
    method: ClassVar[str]
    """The method of a tensor that makes one number of several."""

    @staticmethod
    def rule(op: Any, *inputs: TensorType[Size]) -> TensorType[Size]:
        """There is one channel."""
        one: Any = 1
        return inputs[0].with_channels(one)

    def torch(self, *inputs: Shape) -> TorchForm:
        (shape,) = inputs
        dim = -1 if shape.is_last else 1
        name = type(self).__name__ + "Last" * shape.is_last
        words = (type(self).__doc__ or "").strip().splitlines()[0]
        text = CHANNELS.format(name=name, words=words, method=self.method, dim=dim)
        function = TorchCall("", (), f"{{x}}.{self.method}({dim}, keepdim=True)")
        return TorchForm(TorchCall(name), function, text)


@dataclass(frozen=True)
class ChannelMean(ChannelStatistic):
    """The mean of all channels at every position.

    With `channel_max` it is what spatial attention looks at (CBAM, Woo et al., ECCV 2018).
    """

    name = "channel_mean"
    method = "mean"
    examples = (
        "[8, 5, 4] | channel_mean -> [1, 5, 4]",
        "[8, 20] | channel_mean -> [1, 20]",
        "[8, 2, 5, 4] | channel_mean -> [1, 2, 5, 4]",
        "[8] | channel_mean -> [1]",
        "[20; 8] | channel_mean -> [20; 1]",
    )


@dataclass(frozen=True)
class ChannelMax(ChannelStatistic):
    """The largest of all channels at every position."""

    name = "channel_max"
    method = "amax"
    examples = (
        "[8, 5, 4] | channel_max -> [1, 5, 4]",
        "[8, 20] | channel_max -> [1, 20]",
        "[8, 2, 5, 4] | channel_max -> [1, 2, 5, 4]",
        "[8] | channel_max -> [1]",
        "[20; 8] | channel_max -> [20; 1]",
    )

    def saves(self, *inputs: Shape) -> Saves:
        return Saves(inputs=True, output=True)


@dataclass(frozen=True)
class GlobalResponseNorm(SameShape):
    """x + bias + weight * x * (how strong its channel is, compared with the mean of all).

    A channel is as strong as the root of the sum of its squares over all positions. From ConvNeXt
    V2 (Woo et al., CVPR 2023); weight and bias start at 0.
    """

    name = "grn"
    stays_float32 = True
    family = "normalization"
    part = "normalization"
    is_overwritable = True
    title = "GRN"
    examples = (
        "[8, 5, 4] | grn -> [8, 5, 4]",
        "[8, 20] | grn(eps=0.001) -> [8, 20]",
        "[8, 2, 5, 4] | grn -> [8, 2, 5, 4]",
        "[5, 4; 8] | grn -> [5, 4; 8]",
        "[20; 8] | grn -> [20; 8]",
    )

    eps: float = parameter(EPS, 1e-6, about="number added to the mean, to avoid division by 0")

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        if not shape.positions:
            message = "`grn` compares channels by their strength over positions"
            raise Reject(message, "", "[channels, positions]", shape_text(shape))

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        channels = inputs[0].channels
        assert isinstance(channels, int)
        return Weight("weight", (channels,)), Weight("bias", (channels,))

    def torch(self, *inputs: Shape) -> TorchForm:
        (shape,) = inputs
        axes = len(shape.positions)
        name = f"GlobalResponseNorm{'Last' if shape.is_last else ''}{axes}d"
        first = 1 if shape.is_last else 2
        dims = ", ".join(map(str, range(first, first + axes)))
        view = "" if shape.is_last else f".view(-1{', 1' * axes})"
        text = RESPONSE_NORM.format(
            name=name,
            dims=f"({dims},)" if axes == 1 else f"({dims})",
            channels=-1 if shape.is_last else 1,
            weight=f"self.weight{view}",
            bias=f"self.bias{view}",
        )
        arguments = [
            TorchArgument(channels_size(shape)),
            TorchArgument(given_float(self, "eps"), "eps", 1e-6),
        ]
        return TorchForm(TorchCall(name, arguments), definition=text)

    def saves(self, *inputs: Shape) -> Saves:
        (shape,) = inputs
        # The norms, those divided, their mean, and x with the norms as factors.
        norms = shape.with_positions(1 for _ in shape.positions).sizes
        return Saves(
            inputs=True,
            own=(
                SavedTensor(norms),
                SavedTensor(norms),
                SavedTensor((1,)),
                SavedTensor(shape.sizes),
            ),
        )
