"""Tensors that are read outside of the scope that makes them, and into scopes two deep."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Deep", "Inner", "Taps", "Turns"]


class TapsEncoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(3, 4, 3, padding=1)
        self.c2 = nn.Conv2d(4, 8, 3, stride=2, padding=1)
        self.c3 = nn.Conv2d(8, 8, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        c1 = self.c1(x)
        c2 = self.c2(c1)
        return self.c3(c2), c1, c2


class Taps(nn.Module):
    """The encoder gives what the decoder reads, beside its result.

    [3, 16, 16] -> [3, 16, 16]; 1,055 parameters; 70,656 multiply-adds.

    encoder [8, 4, 4]; out [3, 16, 16].
    """

    def __init__(self) -> None:
        super().__init__()
        self.encoder = TapsEncoder()
        self.out = nn.Conv2d(20, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        x, c1, c2 = self.encoder(x)
        x = F.interpolate(x, scale_factor=2.0)
        x = F.interpolate(torch.cat([c2, x], 1), scale_factor=2.0)
        return self.out(torch.cat([c1, x], 1))


class InnerFirst(nn.Module):
    def __init__(self, out: int) -> None:
        super().__init__()
        self.a = nn.Conv2d(3, out, 3, padding=1)
        self.t = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        t = self.t(self.a(x))
        return t, t


class InnerStem(nn.Module):
    def __init__(self, out: int) -> None:
        super().__init__()
        self.first = InnerFirst(out)
        self.b = nn.Conv2d(out, out, 3, padding=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x, t = self.first(x)
        return self.b(x), t


class Inner(nn.Module):
    """A label on a tensor within a scope within a scope.

    Defaults: [3, 8, 8] -> [8, 8, 8]; 808 parameters; 50,688 multiply-adds.

    stem [8, 8, 8].
    """

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.stem = InnerStem(width)

    def forward(self, x: Tensor) -> Tensor:
        x, t = self.stem(x)
        return x + t


class TurnsSteps(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.l0 = nn.Conv2d(3, 4, 3, padding=1)
        self.l1 = nn.Conv2d(4, 4, 3, padding=1)
        self.l2 = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        l0 = self.l0(x)
        l1 = self.l1(l0)
        return self.l2(l1), l0, l1


class Turns(nn.Module):
    """Turns of a loop, read by their names.

    [3, 8, 8] -> [4, 8, 8]; 408 parameters; 25,344 multiply-adds.

    steps [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.steps = TurnsSteps()

    def forward(self, x: Tensor) -> Tensor:
        x, l0, l1 = self.steps(x)
        return l0 + l1 + x


class DeepInner(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Conv2d(8, 8, 1)

    def forward(self, x: Tensor, stem: Tensor) -> Tensor:
        x = self.b(x)
        return x + stem


class DeepOuter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(8, 8, 3, padding=1)
        self.inner = DeepInner()

    def forward(self, x: Tensor, stem: Tensor) -> Tensor:
        x = self.a(x)
        return self.inner(x, stem)


class Deep(nn.Module):
    """A wire into a scope within a scope, beside a gate without weights of its own.

    [3, 8, 8] -> [2, 8, 8]; 898 parameters; 55,808 multiply-adds.

    stem, outer, gate [8, 8, 8]; head [2, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.outer = DeepOuter()
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.sigmoid = nn.Sigmoid()
        self.head = nn.Conv2d(8, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        stem = self.stem(x)
        x = self.outer(stem, stem)
        return self.head(x * self.sigmoid(self.global_avgpool(x)))
