"""Attention within windows as Swin Transformer V2 has it, in one layer with torchvision's keys."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.ops.attention import require_heads, require_positions
from archdsl.ops.axes import Window
from archdsl.ops.base import Reject, SameShape, Shape, Weight, shape_text
from archdsl.ops.expressions import channels_size, given
from archdsl.ops.forms import TorchArgument, TorchCall, TorchForm
from archdsl.ops.memory import INDEX_BYTES, SavedTensor, Saves
from archdsl.ops.parameters import Whole, parameter
from archdsl.shapes import Count, Dim, product

HIDDEN = 512
"""The hidden features of the network that makes biases of distances."""

DEFINITION = '''\
class WindowAttentionV2(nn.Module):
    """Cosine attention within windows of a map, which is moved by `shift` before.

    A small network makes the biases, of the logarithms of distances. Positions that only came
    together by the shift do not read each other.
    """

    relative_coords_table: Tensor
    relative_position_index: Tensor

    def __init__(self, in_features: int, heads: int, window: int, shift: int = 0) -> None:
        super().__init__()
        self.heads = heads
        self.window = window
        self.shift = shift
        self.logit_scale = nn.Parameter(torch.full((heads, 1, 1), 10.0).log())
        steps = 8 * torch.arange(1 - window, window) / (window - 1)
        steps = steps.sign() * (steps.abs() + 1).log2() / 3
        table = torch.cartesian_prod(steps, steps).view(1, 2 * window - 1, 2 * window - 1, 2)
        self.register_buffer("relative_coords_table", table)
        places = torch.cartesian_prod(torch.arange(window), torch.arange(window))
        apart = places[:, None] - places + window - 1
        index = apart[..., 0] * (2 * window - 1) + apart[..., 1]
        self.register_buffer("relative_position_index", index.flatten())
        self.qkv = nn.Linear(in_features, 3 * in_features)
        self.proj = nn.Linear(in_features, in_features)
        self.cpb_mlp = nn.Sequential(
            nn.Linear(2, 512), nn.ReLU(inplace=True), nn.Linear(512, heads, bias=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[1], x.shape[2]
        x = F.pad(x, (0, 0, 0, -width % self.window, 0, -height % self.window))
        columns = x.shape[2] // self.window
        bias = self.biases()
        if self.shift > 0:
            x = torch.roll(x, (-self.shift, -self.shift), (1, 2))
            bias = bias + self.mask(x)
        x = self.attend(self.windows(x), bias)
        x = x.unflatten(2, (self.window, self.window)).unflatten(1, (-1, columns))
        x = x.transpose(2, 3).flatten(3, 4).flatten(1, 2)
        if self.shift > 0:
            x = torch.roll(x, (self.shift, self.shift), (1, 2))
        return x[:, :height, :width]

    def windows(self, x: Tensor) -> Tensor:
        """A map as the positions of every window."""
        x = x.unflatten(2, (-1, self.window)).unflatten(1, (-1, self.window))
        return x.transpose(2, 3).flatten(3, 4).flatten(1, 2)

    def biases(self) -> Tensor:
        """What is added for every head and pair of positions in a window."""
        bias = self.cpb_mlp(self.relative_coords_table).view(-1, self.heads)
        bias = 16 * torch.sigmoid(bias[self.relative_position_index])
        area = self.window * self.window
        return bias.view(area, area, self.heads).permute(2, 0, 1)

    def mask(self, x: Tensor) -> Tensor:
        """-100 for every pair of positions of a window that are no neighbours in the map."""
        height, width = x.shape[1], x.shape[2]
        rows = torch.arange(height, device=x.device).unsqueeze(1)
        columns = torch.arange(width, device=x.device)
        rows = (rows >= height - self.window).long() + (rows >= height - self.shift).long()
        columns = (columns >= width - self.window).long() + (columns >= width - self.shift).long()
        parts = self.windows((3 * rows + columns)[None, :, :, None]).squeeze(-1)
        apart = parts.unsqueeze(-1) != parts.unsqueeze(-2)
        return -100.0 * apart.transpose(0, 1).to(x.dtype)

    def attend(self, x: Tensor, bias: Tensor) -> Tensor:
        """Every position reads the others of its window, by the angle between query and key."""
        q_bias, k_bias, v_bias = self.qkv.bias.chunk(3)
        # A bias of keys would change nothing of dot products, but it does of angles.
        biases = torch.cat([q_bias, torch.zeros_like(k_bias), v_bias])
        q, k, v = F.linear(x, self.qkv.weight, biases).chunk(3, -1)
        q, k, v = [x.unflatten(-1, (self.heads, -1)).transpose(-3, -2) for x in [q, k, v]]
        q = F.normalize(q, dim=-1) * self.logit_scale.exp().clamp(max=100.0)
        x = F.scaled_dot_product_attention(q, F.normalize(k, dim=-1), v, bias, scale=1.0)
        return self.proj(x.transpose(-3, -2).flatten(-2))
'''


@dataclass(frozen=True)
class WindowAttentionV2(SameShape):
    """Attention of a map to itself within windows, as in Swin Transformer V2 (Liu et al., 2022).

    The products are cosines of queries and keys, times a learned number per head; a small network
    makes what is added to them of the distance of two positions. It is torchvision's layer with its
    keys, for checkpoints that have it: a map that is not of whole windows is padded below and on
    the right. What is shifted has more than one window along height and width.
    """

    name = "window_attention_v2"
    positional = 3
    family = "attention"
    part = "layer"
    examples = (
        "[4, 6; 8] | window_attention_v2(2, 2) -> [4, 6; 8]",
        "[4, 6; 8] | window_attention_v2(4, 2, 1) -> [4, 6; 8]",
        "[5, 4; 8] | window_attention_v2(2, 3, shift=1) -> [5, 4; 8]",
        "[5, 3; 8] | window_attention_v2(2, 3) -> [5, 3; 8]",
    )

    heads: int = parameter(Whole(), about="number of heads; must divide the features")
    side: int = parameter(Whole(2), about="height and width of a window")
    shift: int = parameter(
        Whole(0), 0, about="places by which the map is moved, to the left and up"
    )

    def __post_init__(self) -> None:
        if self.shift >= self.side:
            message = f"`shift` of `{self.name}` is less than a window"
            raise Reject(message, "shift", f"{self.side - 1} or less", str(self.shift))

    def check(self, *inputs: Shape) -> None:
        (shape,) = inputs
        require_positions(self.name, shape)
        if len(shape.positions) != 2:
            message = f"`{self.name}` works on maps"
            raise Reject(message, "", "[height, width; features]", shape_text(shape))
        require_heads(self, self.heads, shape.channels)
        for room in self.leeway(shape):
            if isinstance(room, int) and room < 1:
                message = "a map is shifted where it has more than one window along each axis"
                help = f"write `shift=0` where a side is {self.side} or less"
                raise Reject(message, "shift", "0", str(self.shift), help)

    def leeway(self, *inputs: Shape) -> tuple[Dim, ...]:
        counts = self.window_counts(inputs[0])
        return tuple([count - 1 for count in counts]) if self.shift else ()

    def window_counts(self, shape: Shape) -> tuple[Dim, ...]:
        """The number of windows along height and width."""
        return tuple([(size + self.side - 1) // self.side for size in shape.positions])

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        features, pairs = inputs[0].channels, 2 * self.side - 1
        assert isinstance(features, int)
        return (
            Weight("logit_scale", (self.heads, 1, 1)),
            Weight("relative_coords_table", (1, pairs, pairs, 2), trainable=False),
            Weight("relative_position_index", (self.side**4,), False, INDEX_BYTES),
            Weight("qkv.weight", (3 * features, features)),
            Weight("qkv.bias", (3 * features,)),
            Weight("proj.weight", (features, features)),
            Weight("proj.bias", (features,)),
            Weight("cpb_mlp.0.weight", (HIDDEN, 2)),
            Weight("cpb_mlp.0.bias", (HIDDEN,)),
            Weight("cpb_mlp.2.weight", (self.heads, HIDDEN)),
        )

    def macs(self, *inputs: Shape) -> Count:
        (shape,) = inputs
        area, windows = self.side**2, self.window_counts(shape)
        projections = product(4 * area, *windows, shape.channels, shape.channels)
        products = product(2 * area * area, *windows, shape.channels)
        table = (2 * self.side - 1) ** 2 * HIDDEN * (2 + self.heads)
        return projections + products + table

    def window(self, *inputs: Shape) -> Window:
        return Window(covers=True)

    def saves(self, *inputs: Shape) -> Saves:
        # Queries, keys and values are kept as they come, scaled, and normalised; the lengths that
        # they are divided by, twice; the weights; and what biases and scales are computed of.
        (shape,) = inputs
        area, windows = self.side**2, self.window_counts(shape)
        own = [
            SavedTensor((9 * area, *windows, shape.channels)),
            SavedTensor((4 * area * self.heads, *windows)),
            SavedTensor((area * area * self.heads, *windows)),
        ]
        hidden = (2 * self.side - 1) ** 2 * HIDDEN
        once = hidden + area * area * self.heads + 2 * self.heads
        return Saves(own=(*own, SavedTensor((once,), each=False)))

    def torch(self, *inputs: Shape) -> TorchForm:
        arguments = [
            TorchArgument(channels_size(inputs[0])),
            TorchArgument(given("heads")),
            TorchArgument(given("side")),
            TorchArgument(given("shift"), "shift", 0),
        ]
        return TorchForm(TorchCall("WindowAttentionV2", arguments), definition=DEFINITION)

    def label(self, *inputs: Shape) -> str:
        shifted = f", shift {self.shift}" if self.shift else ""
        return f"window attention {self.side}×{self.side}{shifted}"
