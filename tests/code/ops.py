"""Ops that PyTorch has no module for, numbers that the class computes, and ways to start."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Assorted"]


def _kaiming_normal(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


def _zero_bias(module: nn.Conv2d) -> nn.Module:
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


def _trunc_normal(module: nn.Linear) -> nn.Module:
    nn.init.trunc_normal_(module.weight, std=0.02, a=-0.04, b=0.04)
    nn.init.constant_(module.bias, 0.1)
    return module


class Slice(nn.Module):
    """The channels from `start` up to `stop`."""

    def __init__(self, start: int, stop: int) -> None:
        super().__init__()
        self.start = start
        self.stop = stop

    def forward(self, x: Tensor) -> Tensor:
        return x[:, self.start : self.stop]


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


class LayerNorm2d(nn.LayerNorm):
    """Layer normalization over the channels at each position."""

    def forward(self, x: Tensor) -> Tensor:
        x = x.permute(0, 2, 3, 1)
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class Affine(nn.Module):
    """A learned gain and bias for every channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        shape = [-1] + [1] * (x.dim() - 2)
        return x * self.weight.view(shape) + self.bias.view(shape)


class RBF(nn.Module):
    """Squared distances to fixed codes: code i repeats the binary digits of i, as 1 and -1."""

    codes: Tensor

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        digits = max(1, (out_features - 1).bit_length())
        places = torch.arange(in_features) % digits
        bits = torch.arange(out_features).unsqueeze(1) >> places & 1
        self.register_buffer("codes", 2.0 * bits - 1.0)

    def forward(self, x: Tensor) -> Tensor:
        return (x.unsqueeze(1) - self.codes).square().sum(2)


class Shuffle(nn.Module):
    def __init__(self, in_channels: int, groups: int) -> None:
        super().__init__()
        half = in_channels // groups
        self.add_module("0", Slice(0, half))
        self.add_module("1", Slice(half, in_channels))
        self.add_module("2", nn.Conv2d(in_channels - half, half, 1, groups=groups))
        self.add_module("3", nn.ChannelShuffle(groups))

    def forward(self, x: Tensor) -> Tensor:
        slice, slice2, conv, channel_shuffle = self.children()
        x = torch.cat([slice(x), conv(slice2(x))], 1)
        return channel_shuffle(x)


class Shortcut(nn.Sequential):
    def __init__(self, in_channels: int, out: int, stride: int) -> None:
        super().__init__(
            nn.AvgPool2d(1, stride=stride), nn.ZeroPad3d((0, 0, 0, 0, 0, out - in_channels))
        )


class Unit(nn.Module):
    def __init__(self, in_channels: int, out: int, p: float, stride: int = 1) -> None:
        super().__init__()
        self.shortcut = Shortcut(in_channels, out, stride)
        layers: list[nn.Module] = [
            _kaiming_normal(nn.Conv2d(in_channels, out, 3, stride=stride, padding=1)),
            nn.BatchNorm2d(out),
            nn.ReLU(inplace=True),
        ]
        if p > 0:
            layers.append(DropPath(p))
        self.body = nn.Sequential(*layers)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.shortcut(x) + self.body(x))


class Assorted(nn.Module):
    """Defaults: [8, 16, 16] -> [10]; 92,868 parameters; 1,997,568 multiply-adds.

    shuffle [8, 16, 16]; a [16, 16, 16]; b, norm, affine [32, 8, 8]; up [8, 17, 19]; fc [32]; rbf
    [10].
    """

    def __init__(self, classes: int = 10, p: float = 0.2) -> None:
        super().__init__()
        self.shuffle = Shuffle(8, 2)
        self.a = Unit(8, 16, 0.0)
        self.b = Unit(16, 32, p, stride=2)
        self.norm = LayerNorm2d(32)
        self.affine = Affine(32)
        self.lrn = nn.LocalResponseNorm(3)
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2.0), _zero_bias(nn.Conv2d(32, 8, 4, padding=1))
        )
        self.fc = _trunc_normal(nn.Linear(8 * 17 * 19, 32))
        self.tanh = nn.Tanh()
        self.rbf = RBF(32, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.shuffle(x)
        x = self.a(x)
        x = self.norm(self.b(x))
        x = F.pad(torch.stack([x, x * 0.5, self.affine(x)]).mean(0), (2, 0, 1, 0), value=0.5)
        x = self.lrn(x)
        x = self.fc(torch.flatten(self.up(x), 1))
        return self.rbf(self.tanh(x))
