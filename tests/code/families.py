"""The networks of families.arch."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Depth", "Layers", "Lists"]


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


class StdConv2d(nn.Conv2d):
    """A convolution whose filters have mean 0 and variance 1."""

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
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias
        )
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        # A batch norm of the filters, each as a channel, does it in one step.
        filters = self.weight.reshape(1, self.out_channels, -1)
        filters = F.batch_norm(filters, None, None, training=True, eps=self.eps)
        return self._conv_forward(x, filters.view_as(self.weight), self.bias)


class GlobalResponseNorm2d(nn.Module):
    """Global response normalization: a gain that grows with how strong a channel is."""

    def __init__(self, channels: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.zeros(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        norm = x.norm(2, (2, 3), keepdim=True)
        norm = norm / (norm.mean(1, keepdim=True) + self.eps)
        return x + self.bias.view(-1, 1, 1) + self.weight.view(-1, 1, 1) * (x * norm)


class StarReLU(nn.Module):
    """scale * max(x, 0) ** 2 + bias, with a learned scale and bias."""

    def __init__(self, scale: float = 1.0, bias: float = 0.0) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((1,), float(scale)))
        self.bias = nn.Parameter(torch.full((1,), float(bias)))

    def forward(self, x: Tensor) -> Tensor:
        return self.scale * F.relu(x) ** 2 + self.bias


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


class ChannelMean(nn.Module):
    """The mean of all channels at every position."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(1, keepdim=True)


class ChannelMax(nn.Module):
    """The largest of all channels at every position."""

    def forward(self, x: Tensor) -> Tensor:
        return x.amax(1, keepdim=True)


class SpaceToDepth(nn.Module):
    """Makes images `factor` times smaller; the channels of a sub-pixel come to lie side by side."""

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        x = x.unflatten(3, (-1, self.factor)).unflatten(2, (-1, self.factor))
        return x.permute(0, 3, 5, 1, 2, 4).flatten(1, 3)


class Unit(nn.Module):
    def __init__(self, in_channels: int, out: int, stride: int = 1, same: bool = True) -> None:
        super().__init__()
        self.conv1 = ScaledStdConv2d(in_channels, out, 3, stride=stride, padding=1, gamma=1.7)
        self.mish = nn.Mish(inplace=True)
        self.conv2 = StdConv2d(out, out, 3, padding=1)
        self.grn = GlobalResponseNorm2d(out)
        self.star = StarReLU()
        self.conv3 = Conv2dSame(out, out, 5, stride=stride) if same else nn.Identity()
        self.dropout2d = nn.Dropout2d(0.1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.mish(self.conv1(x))
        x = self.star(self.grn(self.conv2(x)))
        return self.dropout2d(self.conv3(x))


class LayersSpatial(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.add_module("0", ChannelMean())
        self.add_module("1", ChannelMax())
        self.add_module("2", nn.Conv2d(2, 1, 7, padding=3))
        self.add_module("3", nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        channel_mean, channel_max, conv, sigmoid = self.children()
        out = conv(torch.cat([channel_mean(x), channel_max(x)], 1))
        return x * sigmoid(out)


class Layers(nn.Module):
    """Defaults: [3, h, w] -> [32, (h + 3) // 4, (w + 3) // 4] for h >= 1 and w >= 1; 23,319
    parameters; 2,736 * ((h + 1) // 2) * ((w + 1) // 2) + 20,322 * ((h + 3) // 4) * ((w + 3) //
    4) multiply-adds.

    a [16, (h + 3) // 4, (w + 3) // 4]; b, spatial [32, (h + 3) // 4, (w + 3) // 4].
    """

    def __init__(self, out: int = 16) -> None:
        super().__init__()
        self.a = Unit(3, out, stride=2)
        self.b = Unit(out, 2 * out, same=False)
        self.spatial = LayersSpatial()
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        x = self.b(x)
        x = self.spatial(x)
        return x - self.global_avgpool(x)


class Depth(nn.Module):
    """Defaults: [3, 8 * h, 8 * w] -> [12, 4 * h, 4 * w] for h >= 1 and w >= 2; 2,352 parameters;
    9,216 * h * w multiply-adds.

    conv [48, 2 * h, 2 * w].
    """

    def __init__(self, factor: int = 2) -> None:
        super().__init__()
        self.factor = factor
        self.space_to_depth = SpaceToDepth(4)
        self.conv = nn.Conv2d(48, 12 * factor**2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.pixel_shuffle(self.conv(self.space_to_depth(x)), self.factor)
        return F.pad(F.pad(x, (-1, -1, -1, -1)), (0, 2, 1, 1), mode="reflect")


class Fused(nn.Module):
    """Several modules of one list need a loop each: they are appended one by one."""

    def __init__(self, in_channels: int, counts: list[int]) -> None:
        super().__init__()
        self.layers = nn.ModuleList()
        layers: list[nn.Module] = []
        for _ in range(counts[0]):
            layers.append(
                nn.Sequential(
                    nn.Conv2d(in_channels, in_channels, 3, padding=1), nn.ReLU(inplace=True)
                )
            )
        self.layers.append(nn.Sequential(*layers))
        layers = []
        for _ in range(counts[1]):
            layers.append(
                nn.Sequential(
                    nn.Conv2d(in_channels, in_channels, 3, padding=1), nn.ReLU(inplace=True)
                )
            )
        self.layers.append(nn.Sequential(*layers))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers[0](x) + self.layers[1](x)


class Lists(nn.Module):
    """[4, 8, 8] -> [4, 8, 8]; 888 parameters; 55,296 multiply-adds.

    a, b [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Fused(4, [1, 2])
        self.b = Fused(4, [2, 1])

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.b(x)
