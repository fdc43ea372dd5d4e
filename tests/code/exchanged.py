"""A block whose norm and activation are arguments is one class, also where other defaults read
them.
"""

from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

__all__ = ["Twice", "other", "plain"]


def _kaiming_normal(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return module


def projection(
    in_channels: int, out: int, norm: Callable[..., nn.Module], stride: int = 1
) -> nn.Module:
    """The identity where it fits, else a strided 1x1 convolution: ResNet's option B."""
    if stride > 1 or in_channels != out:
        return nn.Sequential(
            _kaiming_normal(nn.Conv2d(in_channels, out, 1, stride=stride, bias=False)), norm(out)
        )
    return nn.Identity()


class Body(nn.Module):
    def __init__(
        self,
        in_channels: int,
        width: int,
        norm: Callable[..., nn.Module],
        act: Callable[..., nn.Module],
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, padding=1)
        self.bn1 = norm(width)
        self.act = act(inplace=True)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.bn2 = norm(width)
        self.downsample = projection(in_channels, width, norm)

    def forward(self, x: Tensor) -> Tensor:
        out = self.act(self.bn1(self.conv1(x)))
        x = self.bn2(self.conv2(out)) + self.downsample(x)
        return self.act(x)


class Twice(nn.Module):
    def __init__(
        self,
        in_channels: int,
        norm: Callable[..., nn.Module] = nn.BatchNorm2d,
        act: Callable[..., nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        self.stem = nn.Conv2d(in_channels, 8, 3, padding=1)
        self.bn1 = norm(8)
        self.act = act(inplace=True)
        self.body = Body(8, 16, norm, act=act)
        self.body2 = Body(16, 16, norm, act=act)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = self.bn1(x)
        x = self.act(x)
        x = self.body(x)
        return self.body2(x)


def plain() -> Twice:
    """[3, 8, 8] -> [16, 8, 8]; 8,656 parameters; 538,112 multiply-adds.

    stem, bn1 [8, 8, 8]; body, body2 [16, 8, 8].
    """
    return Twice(3)


def other() -> Twice:
    """[3, 8, 8] -> [16, 8, 8]; 8,656 parameters; 538,112 multiply-adds.

    stem, bn1 [8, 8, 8]; body, body2 [16, 8, 8].
    """
    return Twice(3, norm=partial(nn.GroupNorm, 4), act=nn.SiLU)
