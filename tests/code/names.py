"""Names that Python, PyTorch or the generated file keep for themselves."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

__all__ = ["Expressions", "Lambda", "Named", "Print", "self_"]


class Tensor_(nn.Sequential):
    def __init__(self, in_channels: int, self_: int, x: int, nn_: int) -> None:
        super().__init__(
            OrderedDict(
                [
                    ("class_", nn.Conv2d(in_channels, self_, x, padding=x // 2)),
                    ("a-b", nn.Conv2d(self_, nn_, 1)),
                ]
            )
        )


class Lambda(nn.Module):
    def __init__(self, in_channels: int, len_: int = 3) -> None:
        super().__init__()
        self.add_module("0", nn.Conv2d(in_channels, 8, len_, padding=len_ // 2))
        self.add_module("1", nn.ReLU())
        self.add_module("2", nn.Conv2d(8, 4, 1))

    def forward(self, x: Tensor) -> Tensor:
        conv, relu, conv2 = self.children()
        x = conv(x)
        return conv2(x + relu(x))


class Slice2(nn.Module):
    def __init__(self, in_channels: int, n: int) -> None:
        super().__init__()
        self.n = n
        self.in_channels = in_channels
        self.weight = nn.Conv2d(in_channels, in_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.weight(torch.cat([x[:, : self.n], x[:, self.n : self.in_channels]], 1))


class Print(nn.Module):
    """Defaults: [3, 8, 8] -> [4, 8, 8]; 612 parameters; 37,376 multiply-adds.

    tensor, F, zip [4, 8, 8].
    """

    def __init__(self, range_: int = 8, torch_: int = 4) -> None:
        super().__init__()
        self.tensor = Tensor_(3, range_, 3, nn_=torch_)
        self.F = Lambda(torch_)
        self.zip = Slice2(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.tensor(x)
        x = self.F(x)
        return self.zip(x)


class Expression(nn.Sequential):
    """A label that is also an expression of its block."""

    def __init__(self, in_channels: int, width: int) -> None:
        out = width * 2 + 1
        super().__init__(
            OrderedDict(
                [
                    ("width * 2 + 1", nn.Conv2d(in_channels, out, 3, padding=1)),
                    ("y", nn.Conv2d(out, out, 3, padding=1)),
                    ("z", nn.Conv2d(out, out, 3, padding=1)),
                ]
            )
        )


class Expressions(nn.Module):
    """Defaults: [3, 8, 8] -> [17, 8, 8]; 8,358 parameters; 529,920 multiply-adds.

    a [9, 8, 8]; b [17, 8, 8].
    """

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.a = Expression(3, width)
        self.b = Expression(width * 2 + 1, 2 * width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.b(x)


class Named(nn.Module):
    """Learned tensors are attributes also beside labels that are no names.

    [4, 8, 8] -> [4, 8, 8]; 160 parameters; 9,216 multiply-adds.

    layer-1, scale, layer-2 [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((4, 1, 1), 0.5))
        self.add_module("layer-1", nn.Conv2d(4, 4, 3, padding=1))
        self.add_module("layer-2", nn.BatchNorm2d(4))

    def forward(self, x: Tensor) -> Tensor:
        conv, bn = self.children()
        return bn(conv(x) * self.scale)


def self_() -> Lambda:
    """[3, 8, 8] -> [4, 8, 8]; 260 parameters; 15,872 multiply-adds.

    0 [8, 8, 8]; 2 [4, 8, 8].
    """
    return Lambda(3)
