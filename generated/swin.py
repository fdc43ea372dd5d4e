# Generated from swin.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 0ef2806c1d3a0ea46e885324e4bcabeaa4f108d3b39715ac1382b96ed33b6720
"""Swin Transformer: Hierarchical Vision Transformer using Shifted Windows (Liu et al., ICCV 2021),
and Swin Transformer V2: Scaling Up Capacity and Resolution (Liu et al., CVPR 2022), with
torchvision's keys.

Attention looks around within windows of 7 x 7 positions. Every second block moves the map by
half a window before, so that windows exchange what they know. Multiply-adds count the products
of attention; figures that count layers alone are smaller.
"""

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Swin", "SwinV2", "swin_b", "swin_s", "swin_t", "swin_v2_b", "swin_v2_s", "swin_v2_t"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02, a=-2, b=2)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def relative_position_index(window: int) -> Tensor:
    """The row of the table for every pair of positions in a window, by how far they are apart."""
    places = torch.cartesian_prod(torch.arange(window), torch.arange(window))
    apart = places[:, None] - places + window - 1
    index = apart[..., 0] * (2 * window - 1) + apart[..., 1]
    return index.flatten()


def window_bias(
    x: Tensor, table: Tensor, index: Tensor, size: tuple[int, int], window: int, shift: int = 0
) -> Tensor:
    """What attention within windows adds for every pair of positions, for each sample and head.

    In a map that was shifted, positions that are no neighbours are kept apart.
    """
    bias = table[index].view(window * window, window * window, -1)
    if shift > 0:
        height, width = size
        rows = torch.arange(height, device=x.device).unsqueeze(1)
        columns = torch.arange(width, device=x.device)
        rows = (rows >= height - window).long() + (rows >= height - shift).long()
        columns = (columns >= width - window).long() + (columns >= width - shift).long()
        part = (3 * rows + columns).unflatten(1, (-1, window)).unflatten(0, (-1, window))
        part = part.transpose(1, 2).flatten(2).flatten(0, 1)
        bias = bias - 100.0 * (part[:, :, None] != part[:, None]).unsqueeze(-1)
    return bias.expand(x.shape[:1] + bias.shape)


def attend(
    query: Tensor, key: Tensor, value: Tensor, heads: int = 1, bias: Tensor | None = None
) -> Tensor:
    """Attention along the last axis of positions; every head has an equal part of the features."""
    apart = query.shape[:-2]
    query, key, value = [
        x.unflatten(-1, (heads, -1)).transpose(-3, -2).flatten(0, -4) for x in [query, key, value]
    ]
    if bias is not None:
        bias = bias.movedim(-1, -3).flatten(0, -4)
        bias = bias.repeat_interleave(query.shape[0] // bias.shape[0], 0)
    x = F.scaled_dot_product_attention(query, key, value, bias)
    return x.transpose(-3, -2).flatten(-2).unflatten(0, apart)


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


class Rearrange(nn.Module):
    """Splits dimensions into factors, reorders them, and joins neighbours."""

    splits: list[list[int]]
    joins: list[list[int]]
    dropped: list[int]
    made: list[int]

    def __init__(
        self,
        order: tuple[int, ...],
        splits: tuple[tuple[int, ...], ...] = (),
        joins: tuple[tuple[int, ...], ...] = (),
        dropped: tuple[int, ...] = (),
        made: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.order = list(order)
        self.splits = [list(split) for split in splits]
        self.joins = [list(join) for join in joins]
        self.dropped = list(dropped)
        self.made = list(made)

    def forward(self, x: Tensor) -> Tensor:
        for split in self.splits:
            x = x.unflatten(split[0], split[1:])
        for dimension in self.dropped:
            x = x.squeeze(dimension)
        x = x.permute(self.order)
        for join in self.joins:
            x = x.flatten(join[0], join[1])
        for dimension in self.made:
            x = x.unsqueeze(dimension)
        return x


class WindowAttention(nn.Module):
    """A map is cut into windows, and put together again."""

    use_roll: Final[bool]

    def __init__(
        self, h: int, w: int, in_features: int, heads: int, window: int, shift: int
    ) -> None:
        super().__init__()
        self.shift = shift
        self.use_roll = shift > 0
        self.window = window
        self.size = (h, w)
        self.heads = heads
        self.h = h // window
        self.qkv = nn.Linear(in_features, 3 * in_features)
        self.relative_position_bias_table = nn.Parameter(
            nn.init.trunc_normal_(torch.empty((2 * window - 1) ** 2, heads), std=0.02)
        )
        self.relative_position_index: Tensor
        self.register_buffer("relative_position_index", relative_position_index(window))
        self.proj = nn.Linear(in_features, in_features)

    def forward(self, x: Tensor) -> Tensor:
        if self.use_roll:
            x = torch.roll(x, shifts=(-self.shift, -self.shift), dims=(1, 2))
        x = self.qkv(
            x.unflatten(1, (-1, self.window))
            .unflatten(3, (-1, self.window))
            .transpose(2, 3)
            .flatten(1, 2)
            .flatten(2, 3)
        )
        q, k, v = x.chunk(3, -1)
        x = self.proj(
            attend(
                q,
                k,
                v,
                bias=window_bias(
                    x,
                    self.relative_position_bias_table,
                    self.relative_position_index,
                    self.size,
                    self.window,
                    shift=self.shift,
                ),
                heads=self.heads,
            )
        )
        x = (
            x.unflatten(1, (self.h, -1))
            .unflatten(3, (self.window, -1))
            .transpose(2, 3)
            .flatten(1, 2)
            .flatten(2, 3)
        )
        if self.use_roll:
            x = torch.roll(x, shifts=(self.shift, self.shift), dims=(1, 2))
        return x


class SwinBlock(nn.Module):
    def __init__(
        self, h: int, w: int, in_features: int, heads: int, window: int, shift: int, drop: float
    ) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(in_features)
        self.attn = WindowAttention(h, w, in_features, heads=heads, window=window, shift=shift)
        self.drop_path = DropPath(drop)
        self.norm2 = nn.LayerNorm(in_features)
        self.mlp = nn.Sequential(
            nn.Linear(in_features, 4 * in_features),
            nn.GELU(),
            nn.Dropout(0.0),
            nn.Linear(4 * in_features, in_features),
            nn.Dropout(0.0),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.drop_path(self.attn(self.norm1(x)))
        return x + self.drop_path(self.mlp(self.norm2(x)))


class Blocks(nn.Sequential):
    """`depth` blocks, the first of which is number `before` of `total`.

    Where there is a single window, nothing is moved.
    """

    def __init__(
        self,
        h: int,
        w: int,
        in_features: int,
        depth: int,
        heads: int,
        before: int,
        total: int,
        drop: float,
        window: int = 7,
    ) -> None:
        super().__init__(
            *(
                SwinBlock(
                    h,
                    w,
                    in_features,
                    heads=heads,
                    window=window,
                    shift=window // 2 if i % 2 == 1 and h > window else 0,
                    drop=drop * (before + i) / (total - 1),
                )
                for i in range(depth)
            )
        )


class Merging(nn.Module):
    """Four neighbours become one position of twice the width."""

    def __init__(self, in_features: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(4 * in_features)
        self.reduction = nn.Linear(4 * in_features, 2 * in_features, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.reduction(
            self.norm(
                x.unflatten(1, (-1, 2))
                .unflatten(3, (-1, 2))
                .permute(0, 1, 3, 4, 2, 5)
                .flatten(3, 5)
            )
        )


class SwinBlockV2(nn.Module):
    """The second version: windows of 8 x 8, cosines of queries and keys, and norms behind the
    layers.
    """

    def __init__(self, in_features: int, heads: int, window: int, shift: int, drop: float) -> None:
        super().__init__()
        self.attn = WindowAttentionV2(in_features, heads, window, shift=shift)
        self.norm1 = nn.LayerNorm(in_features)
        self.drop_path = DropPath(drop)
        self.mlp = nn.Sequential(
            nn.Linear(in_features, 4 * in_features),
            nn.GELU(),
            nn.Dropout(0.0),
            nn.Linear(4 * in_features, in_features),
            nn.Dropout(0.0),
        )
        self.norm2 = nn.LayerNorm(in_features)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.drop_path(self.norm1(self.attn(x)))
        return x + self.drop_path(self.norm2(self.mlp(x)))


class BlocksV2(nn.Sequential):
    def __init__(
        self,
        h: int,
        in_features: int,
        depth: int,
        heads: int,
        before: int,
        total: int,
        drop: float,
        window: int = 8,
    ) -> None:
        super().__init__(
            *(
                SwinBlockV2(
                    in_features,
                    heads,
                    window,
                    shift=window // 2 if i % 2 == 1 and h > window else 0,
                    drop=drop * (before + i) / (total - 1),
                )
                for i in range(depth)
            )
        )


class MergingV2(nn.Module):
    def __init__(self, in_features: int) -> None:
        super().__init__()
        self.reduction = nn.Linear(4 * in_features, 2 * in_features, bias=False)
        self.norm = nn.LayerNorm(2 * in_features)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(
            self.reduction(
                x.unflatten(1, (-1, 2))
                .unflatten(3, (-1, 2))
                .permute(0, 1, 3, 4, 2, 5)
                .flatten(3, 5)
            )
        )


class Stem(nn.Sequential):
    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, width, 4, stride=4), Rearrange((0, 2, 3, 1)), nn.LayerNorm(width)
        )


class Swin(nn.Module):
    def __init__(
        self, in_channels: int, width: int, heads: int, depth: int, drop: float, classes: int
    ) -> None:
        super().__init__()
        total = 6 + depth
        self.features = nn.Sequential(
            Stem(in_channels, width),
            Blocks(56, 56, width, depth=2, heads=heads, before=0, total=total, drop=drop),
            Merging(width),
            Blocks(28, 28, 2 * width, depth=2, heads=2 * heads, before=2, total=total, drop=drop),
            Merging(2 * width),
            Blocks(
                14, 14, 4 * width, depth=depth, heads=4 * heads, before=4, total=total, drop=drop
            ),
            Merging(4 * width),
            Blocks(
                7, 7, 8 * width, depth=2, heads=8 * heads, before=4 + depth, total=total, drop=drop
            ),
        )
        self.norm = nn.LayerNorm(8 * width)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(8 * width, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.features(x)).permute(0, 3, 1, 2)
        return self.head(torch.flatten(self.global_avgpool(x), 1))


class SwinV2(nn.Module):
    def __init__(
        self, in_channels: int, width: int, heads: int, depth: int, drop: float, classes: int
    ) -> None:
        super().__init__()
        total = 6 + depth
        self.features = nn.Sequential(
            Stem(in_channels, width),
            BlocksV2(64, width, 2, heads=heads, before=0, total=total, drop=drop),
            MergingV2(width),
            BlocksV2(32, 2 * width, 2, heads=2 * heads, before=2, total=total, drop=drop),
            MergingV2(2 * width),
            BlocksV2(16, 4 * width, depth, heads=4 * heads, before=4, total=total, drop=drop),
            MergingV2(4 * width),
            BlocksV2(8, 8 * width, 2, heads=8 * heads, before=4 + depth, total=total, drop=drop),
        )
        self.norm = nn.LayerNorm(8 * width)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(8 * width, classes)
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.features(x)).permute(0, 3, 1, 2)
        return self.head(torch.flatten(self.global_avgpool(x), 1))


def swin_t(classes: int = 1000) -> Swin:
    """Defaults: [3, 224, 224] -> [1000]; 28,288,354 parameters; 4,490,566,656 multiply-adds.

    features, norm [7, 7; 768]; head [1000].
    """
    return Swin(3, 96, 3, depth=6, drop=0.2, classes=classes)


def swin_s(classes: int = 1000) -> Swin:
    """Defaults: [3, 224, 224] -> [1000]; 49,606,258 parameters; 8,740,875,264 multiply-adds.

    features, norm [7, 7; 768]; head [1000].
    """
    return Swin(3, 96, 3, depth=18, drop=0.3, classes=classes)


def swin_b(classes: int = 1000) -> Swin:
    """Defaults: [3, 224, 224] -> [1000]; 87,768,224 parameters; 15,430,946,816 multiply-adds.

    features, norm [7, 7; 1024]; head [1000].
    """
    return Swin(3, 128, 4, depth=18, drop=0.5, classes=classes)


def swin_v2_t(classes: int = 1000) -> SwinV2:
    """Defaults: [3, 256, 256] -> [1000]; 28,351,570 parameters; 5,939,690,496 multiply-adds.

    features, norm [8, 8; 768]; head [1000].
    """
    return SwinV2(3, 96, 3, depth=6, drop=0.2, classes=classes)


def swin_v2_s(classes: int = 1000) -> SwinV2:
    """Defaults: [3, 256, 256] -> [1000]; 49,737,442 parameters; 11,545,857,024 multiply-adds.

    features, norm [8, 8; 768]; head [1000].
    """
    return SwinV2(3, 96, 3, depth=18, drop=0.3, classes=classes)


def swin_v2_b(classes: int = 1000) -> SwinV2:
    """Defaults: [3, 256, 256] -> [1000]; 87,930,848 parameters; 20,325,134,336 multiply-adds.

    features, norm [8, 8; 1024]; head [1000].
    """
    return SwinV2(3, 128, 4, depth=18, drop=0.5, classes=classes)
