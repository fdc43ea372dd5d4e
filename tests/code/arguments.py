"""Blocks and ops as arguments: what stands for them in Python when they are of several kinds."""

from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

__all__ = ["Aliases", "Bound", "Counted", "Named", "Normalised", "Scopes", "Starts", "Twice"]


def _kaiming_normal(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return module


def _normal(module: nn.Conv2d, std: float) -> nn.Module:
    nn.init.normal_(module.weight, std=std)
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


class Activated(nn.Module):
    def __init__(self, in_channels: int, kernel: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 4, kernel, padding=kernel // 2)
        self.norm = nn.BatchNorm2d(4)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.norm(self.conv(x)))


class Activated2(nn.Module):
    def __init__(self, in_channels: int, kernel: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 4, kernel, padding=kernel // 2)
        self.norm = _kaiming_normal(nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.norm(self.conv(x)))


class Inner(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.bn = nn.BatchNorm2d(in_channels)
        self.then = Activated(in_channels)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn(x)
        return self.then(x)


class Inner2(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.bn = nn.BatchNorm2d(in_channels)
        self.then = Activated2(in_channels, kernel=3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn(x)
        return self.then(x)


class Inner3(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.bn = nn.BatchNorm2d(in_channels)
        self.then = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.then(self.bn(x))


class Outer(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 4, 3, padding=1)
        self.inner = Inner(4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return self.inner(x)


class Outer2(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 4, 3, padding=1)
        self.inner = Inner2(4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return self.inner(x)


class Outer3(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 4, 3, padding=1)
        self.inner = Inner3(4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return self.inner(x)


class Twice(nn.Module):
    """One block is two classes, because one argument is none that Python could pass.

    [4, 8, 8] -> [4, 8, 8]; 680 parameters; 40,192 multiply-adds.

    a, b, c [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Outer(4)
        self.b = Outer2(4)
        self.c = Outer3(4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        x = self.b(x)
        return self.c(x)


class Shrink(nn.Module):
    def __init__(self, in_channels: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out, 1, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Pooled(nn.Module):
    def __init__(self, in_channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(stride)
        self.conv = nn.Conv2d(in_channels, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.pool(x))


class Down(nn.Module):
    def __init__(self, in_channels: int, body: Callable[..., nn.Module], out: int) -> None:
        super().__init__()
        self.body = body(in_channels, out=out, stride=2)
        self.bn = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.body(x))


class Bound(nn.Module):
    """[4, 8, 8] -> [16, 2, 2]; 232 parameters; 1,024 multiply-adds.

    a [8, 4, 4]; b [16, 2, 2].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Down(4, Shrink, 8)
        self.b = Down(8, Pooled, 16)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.b(x)


class Mixed(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.first = nn.BatchNorm2d(in_channels)
        self.conv = nn.Conv2d(in_channels, 4, 3, padding=1)
        self.last = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.conv(self.first(x)))


class Mixed2(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.first = _kaiming_normal(
            nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False)
        )
        self.conv = nn.Conv2d(in_channels, 4, 3, padding=1)
        self.last = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.conv(self.first(x)))


class Mixed3(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.first = nn.ReLU()
        self.conv = nn.Conv2d(in_channels, 4, 3, padding=1)
        self.last = nn.BatchNorm2d(4)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.conv(self.first(x)))


class Mixed4(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 4, 3, padding=1)
        self.last = nn.SiLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.conv(x))


class Named(nn.Module):
    """An op by another name is no class, and these names are none in Python.

    [4, 8, 8] -> [4, 8, 8]; 644 parameters; 39,168 multiply-adds.

    a, b, c, d [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Mixed(4)
        self.b = Mixed2(4)
        self.c = Mixed3(4)
        self.d = Mixed4(4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        x = self.b(x)
        x = self.c(x)
        return self.d(x)


class Aliases(nn.Module):
    """Defaults: [4, 8, 8] -> [4, 8, 8]; 164 parameters; 9,216 multiply-adds.

    a, conv, b [4, 8, 8].
    """

    def __init__(self, kind: str = "bn") -> None:
        super().__init__()
        self.a = nn.BatchNorm2d(4) if kind == "bn" else nn.GroupNorm(2, 4)
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.b = nn.GroupNorm(2, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.b(self.conv(self.a(x)))


class Numbered(nn.Sequential):
    def __init__(self, in_channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.Conv2d(4, 4, 3, padding=1),
        )


class Numbered2(nn.Sequential):
    def __init__(self, in_channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, 4, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(4, 4, 3, padding=1),
        )


class Numbered3(nn.Sequential):
    def __init__(self, in_channels: int) -> None:
        super().__init__(nn.Conv2d(in_channels, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1))


class Counted(nn.Module):
    """The identity is no module, and so it does not count.

    [4, 8, 8] -> [4, 8, 8]; 896 parameters; 55,296 multiply-adds.

    a, b, c [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Numbered(4)
        self.b = Numbered3(4)
        self.c = Numbered2(4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        x = self.b(x)
        return self.c(x)


class Unit(nn.Sequential):
    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__(
            _normal(nn.Conv2d(in_channels, out, 3, padding=1), std=0.01), nn.ReLU(inplace=True)
        )


class Plain(nn.Sequential):
    def __init__(self, in_channels: int, out: int, std: float = 0.1) -> None:
        super().__init__(
            _normal(nn.Conv2d(in_channels, out, 3, padding=1), std=std), nn.ReLU(inplace=True)
        )


class Paired(nn.Sequential):
    def __init__(self, in_channels: int) -> None:
        super().__init__(Unit(in_channels, 8), Unit(8, 8))


class Starts(nn.Module):
    """How a weight starts cannot be passed; how widely it spreads can.

    [3, 8, 8] -> [4, 8, 8]; 1,684 parameters; 105,984 multiply-adds.

    a, b [8, 8, 8]; c [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Paired(3)
        self.b = Plain(8, 8)
        self.c = Plain(8, 4, std=0.2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        x = self.b(x)
        return self.c(x)


class Body(nn.Module):
    def __init__(self, in_channels: int, norm: Callable[..., nn.Module] = nn.Identity) -> None:
        super().__init__()
        self.a = nn.Conv2d(in_channels, 8, 3, padding=1)
        self.norm = norm()
        self.b = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.b(self.norm(x))


class Normalised(nn.Module):
    """What PyTorch must be told although it is the default here.

    [3, 8, 8] -> [8, 8, 8]; 3,144 parameters; 198,144 multiply-adds.

    x, y, z [8, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.x = Body(3)
        self.y = Body(8, norm=partial(nn.LocalResponseNorm, 5))
        self.z = Body(8, norm=partial(nn.LocalResponseNorm, 5, alpha=0.001))

    def forward(self, x: Tensor) -> Tensor:
        x = self.x(x)
        x = self.y(x)
        return self.z(x)


class Fire(nn.Module):
    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.a = nn.Conv2d(in_channels, out, 1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.a(x))


class Bypass(nn.Module):
    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.a = nn.Conv2d(in_channels, out, 1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.a(x))


class Bypass2(nn.Module):
    def __init__(self, in_channels: int, out: int) -> None:
        super().__init__()
        self.add_module("0", Fire(in_channels, out))

    def forward(self, x: Tensor) -> Tensor:
        (fire,) = self.children()
        return fire(x) + x


class Scopes(nn.Module):
    """A scope of its own on one side of an `if` alone.

    [3, 8, 8] -> [4, 8, 8]; 36 parameters; 1,792 multiply-adds.

    x, y [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.x = Bypass(3, 4)
        self.y = Bypass2(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.x(x)
        return self.y(x)
