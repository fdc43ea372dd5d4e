"""Attention within windows: a learned number for every way to look, under a label of its own."""

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Added", "Looped", "Passed", "Shared", "Windows"]


def relative_position_index(window: int, square: bool = False) -> Tensor:
    """The row of the table for every pair of positions in a window, by how far they are apart."""
    places = torch.cartesian_prod(torch.arange(window), torch.arange(window))
    apart = places[:, None] - places + window - 1
    index = apart[..., 0] * (2 * window - 1) + apart[..., 1]
    return index if square else index.flatten()


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


class WindowAttention(nn.Module):
    """Every second block moves the map, and keeps apart what only came together by that."""

    use_roll: Final[bool]

    def __init__(
        self, h: int, w: int, in_features: int, heads: int, window: int, shift: int = 0
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


class Around(nn.Module):
    def __init__(self, in_features: int, size: int, side: int, size2: tuple[int, int]) -> None:
        super().__init__()
        self.size2 = size2
        self.side = side
        self.qkv = nn.Linear(in_features, 3 * in_features)
        self.p_bias_table = nn.Parameter(nn.init.trunc_normal_(torch.empty(size, 2), std=0.02))
        self.p_index: Tensor
        self.register_buffer("p_index", relative_position_index(side))

    def forward(self, x: Tensor) -> Tensor:
        out = self.qkv(x)
        q, k, v = out.chunk(3, -1)
        y = attend(
            q,
            k,
            v,
            bias=window_bias(out, self.p_bias_table, self.p_index, self.size2, self.side),
            heads=2,
        )
        return x + y


class Around2(nn.Module):
    def __init__(self, in_features: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(in_features, 3 * in_features)
        self.q_bias_table = nn.Parameter(nn.init.trunc_normal_(torch.empty(25, 2), std=0.02))
        self.q_index: Tensor
        self.register_buffer("q_index", relative_position_index(3, square=True))

    def forward(self, x: Tensor) -> Tensor:
        out = self.qkv(x)
        q, k, v = out.chunk(3, -1)
        q2 = attend(
            q, k, v, bias=window_bias(out, self.q_bias_table, self.q_index, (6, 6), 3), heads=2
        )
        return x + q2


class Around3(nn.Module):
    def __init__(self, in_features: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(in_features, 3 * in_features)
        self.p_0_bias_table = nn.Parameter(nn.init.trunc_normal_(torch.empty(9, 2), std=0.02))
        self.p_0_index: Tensor
        self.register_buffer("p_0_index", relative_position_index(2))

    def forward(self, x: Tensor) -> Tensor:
        out = self.qkv(x)
        q, k, v = out.chunk(3, -1)
        y = attend(
            q, k, v, bias=window_bias(out, self.p_0_bias_table, self.p_0_index, (2, 2), 2), heads=2
        )
        return x + y


class Around4(nn.Module):
    def __init__(self, in_features: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(in_features, 3 * in_features)
        self.p_1_bias_table = nn.Parameter(nn.init.trunc_normal_(torch.empty(9, 2), std=0.02))
        self.p_1_index: Tensor
        self.register_buffer("p_1_index", relative_position_index(2))

    def forward(self, x: Tensor) -> Tensor:
        out = self.qkv(x)
        q, k, v = out.chunk(3, -1)
        y = attend(
            q, k, v, bias=window_bias(out, self.p_1_bias_table, self.p_1_index, (2, 2), 2), heads=2
        )
        return x + y


class Around5(nn.Module):
    has_r: Final[bool]

    def __init__(self, in_features: int, is_windowed: bool) -> None:
        super().__init__()
        self.has_r = is_windowed
        self.qkv = nn.Linear(in_features, 3 * in_features)
        if is_windowed:
            self.r_bias_table = nn.Parameter(nn.init.trunc_normal_(torch.empty(25, 2), std=0.02))
            self.r_index: Tensor
            self.register_buffer("r_index", relative_position_index(3))
        else:
            self.s = nn.Parameter(torch.zeros(1, 9, 9, 2))

    def forward(self, x: Tensor) -> Tensor:
        out = self.qkv(x)
        q, k, v = out.chunk(3, -1)
        if self.has_r:
            y = window_bias(out, self.r_bias_table, self.r_index, (3, 3), 3)
        else:
            y = self.s.expand(out.shape[0], -1, -1, -1)
        return x + attend(q, k, v, bias=y, heads=2)


class Windows(nn.Module):
    """Defaults: [4, 8; 8] -> [4, 8; 8]; 612 parameters; 20,480 multiply-adds.

    a, b [4, 8; 8].
    """

    def __init__(self, window: int = 2) -> None:
        super().__init__()
        self.a = WindowAttention(4, 8, 8, heads=2, window=window)
        self.b = WindowAttention(4, 8, 8, heads=2, window=2, shift=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.b(x)


class Passed(nn.Module):
    """The bias is passed to a block, chosen, and used twice.

    Defaults: [9; 8] -> [9; 8]; 910 parameters; 9,072 multiply-adds.

    a, b, c [9; 8].
    """

    def __init__(self, is_windowed: bool = False) -> None:
        super().__init__()
        self.a = Around(8, 25, 3, size2=(3, 3))
        self.b = Around2(8)
        self.c = Around5(8, is_windowed)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        x = self.b(x)
        return self.c(x)


class Shared(nn.Module):
    """[4; 8] -> [4; 8]; 234 parameters; 2,048 multiply-adds.

    f [4; 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.f = Around(8, 9, 2, size2=(2, 2))

    def forward(self, x: Tensor) -> Tensor:
        x = self.f(x)
        return self.f(x)


class Looped(nn.Module):
    """[4; 8] -> [4; 8]; 936 parameters; 4,096 multiply-adds.

    layers, more [4; 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(*(Around(8, 9, 2, size2=(2, 2)) for _ in range(2)))
        self.more = nn.Sequential(Around3(8), Around4(8))

    def forward(self, x: Tensor) -> Tensor:
        x = self.layers(x)
        return self.more(x)


class Added(nn.Module):
    """[4, 4; 2] -> [4, 4; 2]; 36 parameters; 0 multiply-adds.

    b, c [4, 4; 2].
    """

    def __init__(self) -> None:
        super().__init__()
        self.b_bias_table = nn.Parameter(nn.init.trunc_normal_(torch.empty(9, 2), std=0.02))
        self.b_index: Tensor
        self.register_buffer("b_index", relative_position_index(2))
        self.relu = nn.ReLU(inplace=True)
        self.c_bias_table = nn.Parameter(nn.init.trunc_normal_(torch.empty(9, 2), std=0.02))
        self.c_index: Tensor
        self.register_buffer("c_index", relative_position_index(2))
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(x + window_bias(x, self.b_bias_table, self.b_index, (4, 4), 2))
        return x * self.relu2(window_bias(x, self.c_bias_table, self.c_index, (4, 4), 2))
