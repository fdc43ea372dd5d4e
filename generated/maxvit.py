# Generated from maxvit.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: a525daae841ec718a8fa480c6b5c052645835b61d04f10adf255b407a3c5d20f
"""MaxViT: Multi-Axis Vision Transformer (Tu et al., ECCV 2022), with torchvision's keys.

An inverted bottleneck is followed by attention twice: among the neighbours in a window of 7 x 7
positions, and among 7 x 7 positions that lie apart, one in each cell of a grid. So every layer
looks at the whole image, at a cost that grows with its area alone.
"""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["MaxViTT"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


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


def relative_position_index(window: int, square: bool = False) -> Tensor:
    """The row of the table for every pair of positions in a window, by how far they are apart."""
    places = torch.cartesian_prod(torch.arange(window), torch.arange(window))
    apart = places[:, None] - places + window - 1
    index = apart[..., 0] * (2 * window - 1) + apart[..., 1]
    return index if square else index.flatten()


def window_bias(
    x: Tensor, table: Tensor, index: Tensor, size: tuple[int, int], window: int
) -> Tensor:
    """What attention within windows adds for every pair of positions, for each sample and head."""
    bias = table[index].view(window * window, window * window, -1)
    return bias.expand(x.shape[:1] + bias.shape)


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    heads: int = 1,
    bias: Tensor | None = None,
    scale: float | None = None,
) -> Tensor:
    """Attention along the last axis of positions; every head has an equal part of the features."""
    apart = query.shape[:-2]
    query, key, value = [
        x.unflatten(-1, (heads, -1)).transpose(-3, -2).flatten(0, -4) for x in [query, key, value]
    ]
    if bias is not None:
        bias = bias.movedim(-1, -3).flatten(0, -4)
        bias = bias.repeat_interleave(query.shape[0] // bias.shape[0], 0)
    x = F.scaled_dot_product_attention(query, key, value, bias, scale=scale)
    return x.transpose(-3, -2).flatten(-2).unflatten(0, apart)


class Unit(nn.Sequential):
    def __init__(
        self, in_channels: int, out: int, kernel: int, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out,
                kernel,
                stride=stride,
                padding=kernel // 2,
                groups=groups,
                bias=False,
            ),
            nn.BatchNorm2d(out, eps=0.001, momentum=0.01),
            nn.GELU(),
        )


class Plain(nn.Sequential):
    """A convolution alone, in a scope of its own as torchvision has it."""

    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__(nn.Conv2d(in_channels, out, 3, padding=1))


class SqueezeExcitation(nn.Module):
    def __init__(self, in_channels: int, squeeze: int) -> None:
        super().__init__()
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(in_channels, squeeze, 1)
        self.silu = nn.SiLU(inplace=True)
        self.fc2 = nn.Conv2d(squeeze, in_channels, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        out = self.silu(self.fc1(self.global_avgpool(x)))
        return x * self.sigmoid(self.fc2(out))


class MBConv(nn.Module):
    """The norm comes first, as in a transformer."""

    def __init__(self, in_channels: int, out: int, stride: int, drop: float) -> None:
        super().__init__()
        self.proj = (
            nn.Sequential(nn.AvgPool2d(3, stride=2, padding=1), nn.Conv2d(in_channels, out, 1))
            if stride == 2
            else nn.Identity()
        )
        self.layers = nn.Sequential(
            OrderedDict(
                pre_norm=nn.BatchNorm2d(in_channels, eps=0.001, momentum=0.01),
                conv_a=Unit(in_channels, 4 * out, 1),
                conv_b=Unit(4 * out, 4 * out, 3, stride=stride, groups=4 * out),
                squeeze_excitation=SqueezeExcitation(4 * out, out // 4),
                conv_c=nn.Conv2d(4 * out, out, 1),
            )
        )
        self.drop_path = DropPath(drop)

    def forward(self, x: Tensor) -> Tensor:
        return self.proj(x) + self.drop_path(self.layers(x))


class RelativeAttention(nn.Module):
    """Among the positions of the last axis, which were a square of `side` positions.

    The products are scaled as if all features were one head.
    """

    def __init__(self, in_features: int, side: int) -> None:
        super().__init__()
        self.side = side
        self.heads = in_features // 32
        self.scale = in_features**-0.5
        self.to_qkv = nn.Linear(in_features, 3 * in_features)
        self.relative_position_bias_table = nn.Parameter(
            nn.init.trunc_normal_(torch.empty((2 * side - 1) ** 2, in_features // 32), std=0.02)
        )
        self.relative_position_index: Tensor
        self.register_buffer("relative_position_index", relative_position_index(side, square=True))
        self.merge = nn.Linear(in_features, in_features)

    def forward(self, x: Tensor) -> Tensor:
        x = self.to_qkv(x)
        q, k, v = x.chunk(3, -1)
        return self.merge(
            attend(
                q,
                k,
                v,
                bias=window_bias(
                    x,
                    self.relative_position_bias_table,
                    self.relative_position_index,
                    (self.side, self.side),
                    self.side,
                ),
                heads=self.heads,
                scale=self.scale,
            )
        )


class WindowAttention(nn.Module):
    def __init__(self, in_channels: int, h: int, side: int, drop: float) -> None:
        super().__init__()
        self.side = side
        self.h = h // side
        self.attn_layer = nn.Sequential(
            nn.LayerNorm(in_channels), RelativeAttention(in_channels, side), nn.Dropout(0.0)
        )
        self.drop_path = DropPath(drop)
        self.mlp_layer = nn.Sequential(
            nn.LayerNorm(in_channels),
            nn.Linear(in_channels, 4 * in_channels),
            nn.GELU(),
            nn.Linear(4 * in_channels, in_channels),
            nn.Dropout(0.0),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = (
            x.unflatten(2, (-1, self.side))
            .unflatten(4, (-1, self.side))
            .permute(0, 2, 4, 3, 5, 1)
            .flatten(1, 2)
            .flatten(2, 3)
        )
        x = x + self.drop_path(self.attn_layer(x))
        x = x + self.drop_path(self.mlp_layer(x))
        return (
            x.unflatten(1, (self.h, -1))
            .unflatten(3, (self.side, -1))
            .permute(0, 5, 1, 3, 2, 4)
            .flatten(2, 3)
            .flatten(3, 4)
        )


class GridAttention(nn.Module):
    def __init__(self, in_channels: int, h: int, side: int, drop: float) -> None:
        super().__init__()
        self.side = side
        self.h = h // side
        self.attn_layer = nn.Sequential(
            nn.LayerNorm(in_channels), RelativeAttention(in_channels, side), nn.Dropout(0.0)
        )
        self.drop_path = DropPath(drop)
        self.mlp_layer = nn.Sequential(
            nn.LayerNorm(in_channels),
            nn.Linear(in_channels, 4 * in_channels),
            nn.GELU(),
            nn.Linear(4 * in_channels, in_channels),
            nn.Dropout(0.0),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = (
            x.unflatten(2, (self.side, -1))
            .unflatten(4, (self.side, -1))
            .permute(0, 3, 5, 2, 4, 1)
            .flatten(1, 2)
            .flatten(2, 3)
        )
        x = x + self.drop_path(self.attn_layer(x))
        x = x + self.drop_path(self.mlp_layer(x))
        return (
            x.unflatten(1, (self.h, -1))
            .unflatten(3, (self.side, -1))
            .permute(0, 5, 3, 1, 4, 2)
            .flatten(2, 3)
            .flatten(3, 4)
        )


class MaxViTLayer(nn.Module):
    def __init__(
        self,
        in_channels: int,
        out: int,
        stride: int,
        drop: float,
        layers_channels: int,
        side: int = 7,
    ) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            OrderedDict(
                MBconv=MBConv(in_channels, out, stride, drop=drop),
                window_attention=WindowAttention(out, layers_channels, side, drop=drop),
                grid_attention=GridAttention(out, layers_channels, side, drop=drop),
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class MaxViTBlock(nn.Module):
    """`depth` layers, the first of which is number `before` of `total`, and halves the map."""

    def __init__(
        self, in_channels: int, h: int, out: int, depth: int, before: int, total: int, drop: float
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = in_channels
        for i in range(depth):
            layers.append(
                MaxViTLayer(
                    channels,
                    out,
                    2 if i == 0 else 1,
                    drop=drop * (before + i) / (total - 1),
                    layers_channels=(h - 1) // 2 + 1,
                )
            )
            channels = out
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class MaxViTT(nn.Module):
    """Defaults: [3, 224, 224] -> [1000]; 30,919,624 parameters; 5,558,046,720 multiply-adds.

    stem [64, 112, 112]; blocks [512, 7, 7]; classifier [1000].
    """

    def __init__(self, classes: int = 1000, drop: float = 0.2) -> None:
        super().__init__()
        self.stem = nn.Sequential(Unit(3, 64, 3, stride=2), Plain(64, 64))
        self.blocks = nn.Sequential(
            MaxViTBlock(64, 112, 64, depth=2, before=0, total=11, drop=drop),
            MaxViTBlock(64, 56, 128, depth=2, before=2, total=11, drop=drop),
            MaxViTBlock(128, 28, 256, depth=5, before=4, total=11, drop=drop),
            MaxViTBlock(256, 14, 512, depth=2, before=9, total=11, drop=drop),
        )
        self.classifier = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.LayerNorm(512),
            nn.Linear(512, 512),
            nn.Tanh(),
            nn.Linear(512, classes, bias=False),
        )
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = self.blocks(x)
        return self.classifier(x)
