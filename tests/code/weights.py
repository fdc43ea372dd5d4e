"""Learned tensors without a layer around them: positions, gates and gains."""

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Derived", "Mixed", "Prompt", "Scaling"]


def _xavier_uniform(module: nn.Conv2d) -> nn.Module:
    nn.init.xavier_uniform_(module.weight)
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


def _normal(module: nn.Conv2d) -> nn.Module:
    nn.init.normal_(module.weight, std=0.1)
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


class LayerNorm2d(nn.LayerNorm):
    """Layer normalization over the channels at each position."""

    def forward(self, x: Tensor) -> Tensor:
        x = x.permute(0, 2, 3, 1)
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


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


class ScaledStdConv2d(nn.Conv2d):
    """A convolution whose filters have mean 0 and variance 1 / fan-in, times a learned gain."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
        eps: float = 1e-6,
        gamma: float = 1.0,
        gain_init: float = 1.0,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias
        )
        self.eps = eps
        self.scale = gamma * self.weight[0].numel() ** -0.5
        self.gain = nn.Parameter(torch.full((out_channels, 1, 1, 1), float(gain_init)))

    def forward(self, x: Tensor) -> Tensor:
        # A batch norm of the filters, each as a channel, does it in one step.
        filters = self.weight.reshape(1, self.out_channels, -1)
        scale = (self.gain * self.scale).flatten()
        filters = F.batch_norm(filters, None, None, scale, training=True, eps=self.eps)
        return self._conv_forward(x, filters.view_as(self.weight), self.bias)


class Conv2dSame(nn.Conv2d):
    """Pads as little as gives ceil(size / stride) positions, the smaller half before them."""

    def forward(self, x: Tensor) -> Tensor:
        margins: list[int] = []
        for axis in range(1, -1, -1):
            size, stride = x.shape[axis + 2], self.stride[axis]
            reach = self.dilation[axis] * (self.kernel_size[axis] - 1) + 1
            total = (size - 1) // stride * stride + reach - size
            total = total * (total // (stride + reach) + 1)  # 0 instead of less, without a branch
            margins += [total // 2, total - total // 2]
        x = F.pad(x, margins)
        return self._conv_forward(x, self.weight, self.bias)


class Scaled(nn.Module):
    """The block of ConvNeXt (Liu et al., CVPR 2022): a learned gain scales what is added."""

    def __init__(self, in_channels: int, hidden: int, start: float = 1e-6) -> None:
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv2d(in_channels, in_channels, 7, padding=3, groups=in_channels),
            LayerNorm2d(in_channels, eps=1e-6),
            nn.Conv2d(in_channels, hidden, 1),
            nn.GELU(),
            nn.Conv2d(hidden, in_channels, 1),
        )
        self.layer_scale = nn.Parameter(torch.full((in_channels, 1, 1), float(start)))
        self.drop_path = DropPath(0.1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.drop_path(self.block(x) * self.layer_scale)


class Maybe(nn.Module):
    """Without `start`, nothing is learned here."""

    has_gamma: Final[bool]

    def __init__(self, in_channels: int, start: float = 0.0) -> None:
        super().__init__()
        self.has_gamma = start > 0
        self.conv = nn.Conv2d(in_channels, in_channels, 3, padding=1)
        if self.has_gamma:
            self.gamma = nn.Parameter(torch.full((in_channels, 1, 1), float(start)))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        if self.has_gamma:
            x = x * self.gamma
        return x


class ScalingPosEmbed(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.table = nn.Parameter(
            nn.init.trunc_normal_(torch.empty(1, size, 8, 8), std=0.02, a=-2, b=2)
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.table


class ScalingRezero(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, in_channels, 3, padding=1)
        self.alpha = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) * self.alpha


class Scaling(nn.Module):
    """Defaults: [3, 32, 32] -> [10]; 13,867 parameters; 788,640 multiply-adds.

    stem, pos_embed, stage1, stage2, rezero, a, b [16, 8, 8]; norm [16]; fc [10].
    """

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 4, stride=4)
        self.pos_embed = ScalingPosEmbed(width)
        self.stage1 = Scaled(width, 4 * width)
        self.stage2 = Scaled(width, 2 * width, start=0.1)
        self.rezero = ScalingRezero(width)
        self.a = Maybe(width)
        self.b = Maybe(width, start=0.5)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.norm = nn.Parameter(torch.ones(width))
        self.fc = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = self.pos_embed(x)
        x = self.stage1(x)
        x = self.stage2(x)
        x = self.rezero(x)
        x = self.a(x)
        x = torch.flatten(self.global_avgpool(self.b(x)), 1)
        return self.fc(x * self.norm)


class MixedGate(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(8, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight


class Mixed(nn.Module):
    """Two inputs, and tensors that are repeated for every sample of the batch.

    [3, 8, 8] and [1, 8, 8] -> [8, 8, 8]; 1,088 parameters; 27,648 multiply-adds.

    marks [2, 8, 8]; conv, gate, background [8, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.marks = nn.Parameter(nn.init.normal_(torch.empty(1, 2, 8, 8), std=0.02))
        self.conv = nn.Conv2d(6, 8, 3, padding=1)
        self.x = nn.ReLU(inplace=True)
        self.gate = MixedGate()
        self.background = nn.Parameter(torch.zeros(1, 8, 8, 8))
        self.tanh = nn.Tanh()

    def forward(self, image: Tensor, depth: Tensor) -> Tensor:
        x = self.conv(torch.cat([image, self.marks.expand(image.shape[0], -1, -1, -1), depth], 1))
        x2 = self.x(x)
        x = self.gate(x2)
        tanh = self.tanh(self.background.expand(x.shape[0], -1, -1, -1))
        return torch.stack([x, x2, tanh]).mean(0)


class Prompt(nn.Module):
    """Only learned tensors are added.

    Defaults: [4, 8, 8] -> [4, 8, 8]; 256 parameters; 0 multiply-adds.

    a, b [2, 8, 8].
    """

    def __init__(self, scale: float = 0.5) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.zeros(1, 2, 8, 8))
        self.b = nn.Parameter(torch.full((1, 2, 8, 8), float(scale)))

    def forward(self, x: Tensor) -> Tensor:
        out = self.a.expand(x.shape[0], -1, -1, -1) + self.b.expand(x.shape[0], -1, -1, -1)
        return torch.cat([out, x[:, :2]], 1)


class Derived(nn.Sequential):
    """Classes that are derived from a convolution begin as they say, and not as convolutions.

    [3, 8, 8] -> [4, 8, 8]; 1,332 parameters; 83,456 multiply-adds.

    0, 1 [8, 8, 8]; 2 [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__(
            _xavier_uniform(nn.Conv2d(3, 8, 3, padding=1)),
            ScaledStdConv2d(8, 8, 3, padding=1),
            _normal(Conv2dSame(8, 4, 4)),
        )
