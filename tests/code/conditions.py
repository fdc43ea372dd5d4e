"""An `if` that a parameter of the network decides, in every place where one can stand."""

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Chosen", "Expanded", "Gated", "Guarded", "Numbered", "Places", "Ways", "Weighing"]


def _kaiming_normal(module: nn.Conv2d) -> nn.Module:
    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module


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


class SE(nn.Module):
    """Squeeze-and-excitation (Hu et al., CVPR 2018): weigh the channels by what the whole image
    shows.
    """

    def __init__(self, in_channels: int, reduction: int = 16) -> None:
        super().__init__()
        squeeze = in_channels // reduction
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = _kaiming_normal(nn.Conv2d(in_channels, squeeze, 1))
        self.relu = nn.ReLU(inplace=True)
        self.fc2 = _kaiming_normal(nn.Conv2d(squeeze, in_channels, 1))
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.fc1(self.global_avgpool(x)))
        return x * self.sigmoid(self.fc2(out))


class Residual(nn.Module):
    when: Final[bool]

    def __init__(self, in_channels: int, when: bool) -> None:
        super().__init__()
        self.when = when
        self.conv = nn.Sequential(nn.Conv2d(in_channels, 16, 3, padding=1), nn.BatchNorm2d(16))

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv(x)
        return x + out if self.when else out


class Gate(nn.Module):
    def __init__(self, in_channels: int, c1: int, c2: int, open: bool = True) -> None:
        super().__init__()
        self.left = nn.Conv2d(in_channels, c1, 1)
        self.right = nn.Conv2d(in_channels, c1, 3 if open else 1, padding=1 if open else 0)
        self.deep = nn.Conv2d(c1, c2, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.deep(self.left(x) + self.right(x)))


class Chosen(nn.Module):
    """Defaults: [3, 8, 8] -> [10]; 8,818 parameters; 534,336 multiply-adds.

    conv1, conv2 [8, 8, 8]; conv3, residual [16, 8, 8]; gate [32, 8, 8]; fc [10].
    """

    has_conv2: Final[bool]

    def __init__(self, classes: int = 10, deep: bool = True, wide: bool = False) -> None:
        super().__init__()
        self.has_conv2 = deep
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        if deep:
            self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
            self.relu = nn.ReLU(inplace=True)
        self.conv3 = nn.Conv2d(8, 16, 3 if wide else 1, padding=1 if wide else 0)
        self.residual = Residual(16, deep and not wide)
        self.gate = Gate(16, 16, 32, open=wide)
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(32, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        if self.has_conv2:
            x = self.relu(self.conv2(x))
        x = self.conv3(x)
        x = self.residual(x)
        x = torch.flatten(self.global_avgpool(self.gate(x)), 1)
        return self.fc(x)


class Numbered(nn.Sequential):
    """The same in a sequence without names.

    Defaults: [3, 8, 8] -> [8, 4, 4]; 808 parameters; 50,688 multiply-adds.

    0, 1 [8, 8, 8].
    """

    def __init__(self, deep: bool = True) -> None:
        layers: list[nn.Module] = [nn.Conv2d(3, 8, 3, padding=1)]
        if deep:
            layers += [nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(inplace=True)]
        if deep:
            layers.append(nn.MaxPool2d(2))
        else:
            layers.append(nn.AvgPool2d(2))
        layers.append(nn.ReLU(inplace=True))
        super().__init__(*layers)


class Among(nn.Module):
    """More than two ways."""

    has_c: Final[bool]
    has_b: Final[bool]

    def __init__(self, in_channels: int, mode: int) -> None:
        super().__init__()
        self.has_c = mode == 2
        self.has_b = mode == 1
        self.a = nn.Conv2d(in_channels, 4, 3, padding=1)
        self.bn: nn.Module
        if self.has_b:
            self.b = nn.Conv2d(4, 4, 1)
            self.bn = nn.BatchNorm2d(4)
        elif self.has_c:
            self.c = nn.Conv2d(4, 4, 3, padding=1)
        else:
            self.d = nn.Conv2d(4, 4, 5, padding=2)
            self.bn = nn.BatchNorm2d(4)
            self.silu = nn.SiLU(inplace=True)
        self.relu = nn.ReLU(inplace=True)
        self.e = nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        if self.has_b:
            x = self.relu(self.bn(self.b(x)))
        else:
            x = self.relu(self.c(x)) if self.has_c else self.silu(self.bn(self.d(x)))
        return x + self.e(x)


class Ways(nn.Module):
    """[4, 8, 8] -> [4, 8, 8]; 1,092 parameters; 66,560 multiply-adds.

    a, b, c [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Among(4, 1)
        self.b = Among(4, 2)
        self.c = Among(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        x = self.b(x)
        return self.c(x)


class Inverted(nn.Module):
    has_expand_conv: Final[bool]
    has_e: Final[bool]

    def __init__(self, in_channels: int, out: int, expand: int = 4) -> None:
        super().__init__()
        hidden = expand * in_channels
        self.has_expand_conv = expand > 1
        self.has_e = out == in_channels
        if self.has_expand_conv:
            self.expand_conv = nn.Conv2d(in_channels, hidden, 1)
            self.expand_bn = nn.BatchNorm2d(hidden)
        self.relu = nn.ReLU(inplace=True)
        self.deep = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden)
        self.bn = nn.BatchNorm2d(hidden)
        self.project = nn.Conv2d(hidden, out, 1)
        if self.has_e:
            self.e = nn.Conv2d(out, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        if self.has_expand_conv:
            x = self.relu(self.expand_bn(self.expand_conv(x)))
        x = self.relu(self.bn(self.deep(x)))
        x = self.project(x)
        if self.has_e:
            x = x + self.e(x)
        return x


class Expanded(nn.Module):
    """[4, 8, 8] -> [8, 8, 8]; 2,728 parameters; 140,544 multiply-adds.

    a, b, c [8, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Inverted(4, 8, expand=1)
        self.b = Inverted(8, 8)
        self.c = Inverted(8, 8, expand=6)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        x = self.b(x)
        return self.c(x)


class Placed(nn.Module):
    has_gate: Final[bool]
    has_gate2: Final[bool]

    def __init__(self, in_channels: int, place: str) -> None:
        super().__init__()
        self.has_gate = place == "before"
        self.has_gate2 = place == "behind"
        if self.has_gate:
            self.gate = SE(in_channels, reduction=2)
        self.conv = nn.Conv2d(in_channels, 8, 1)
        if self.has_gate2:
            self.gate = SE(8, reduction=2)

    def forward(self, x: Tensor) -> Tensor:
        if self.has_gate:
            x = self.gate(x)
        x = self.conv(x)
        if self.has_gate2:
            x = self.gate(x)
        return x


class Places(nn.Module):
    """One label in two places, of which no instance has both.

    [8, 8, 8] -> [8, 8, 8]; 368 parameters; 12,416 multiply-adds.

    a, b, c [8, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Placed(8, "before")
        self.b = Placed(8, "behind")
        self.c = Placed(8, "nowhere")

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        x = self.b(x)
        return self.c(x)


class Gated(nn.Module):
    """Gates without weights, one under a condition and another where it is not met.

    Defaults: [3, 8, 8] -> [4, 8, 8]; 260 parameters; 15,872 multiply-adds.

    stem, gate1 [8, 8, 8]; head [4, 8, 8].
    """

    has_drop_path: Final[bool]

    def __init__(self, a: int = 8, b: int = 4) -> None:
        super().__init__()
        self.has_drop_path = a != b
        self.stem = nn.Conv2d(3, a, 3, padding=1)
        if self.has_drop_path:
            self.drop_path = DropPath(0.1)
            self.global_avgpool = nn.AdaptiveAvgPool2d(1)
            self.sigmoid = nn.Sigmoid()
        else:
            self.global_avgpool2 = nn.AdaptiveAvgPool2d(1)
            self.hardsigmoid = nn.Hardsigmoid(inplace=True)
        self.head = nn.Conv2d(a, b, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        if self.has_drop_path:
            x = self.drop_path(x)
            x = x * self.sigmoid(self.global_avgpool(x))
        else:
            x = x * self.hardsigmoid(self.global_avgpool2(x))
        return self.head(x)


class Guarded(nn.Module):
    """Numbers that only a condition keeps from failing.

    Defaults: [3, 8, 8] -> [2, 8, 8]; 354 parameters; 20,992 multiply-adds.

    a, b, c [8, 8, 8]; e [2, 8, 8].
    """

    has_relu: Final[bool]
    has_b: Final[bool]

    def __init__(self, d: int = 2, w: int = 8) -> None:
        super().__init__()
        self.has_relu = d > 0 and 8 // d > 2
        self.has_b = d > 0
        self.stop = w // d if d > 0 else 0
        self.a = nn.Conv2d(3, w, 3, padding=1)
        if self.has_b:
            self.b = nn.Conv2d(w // d, w, 1)
            if self.has_relu:
                self.relu = nn.ReLU(inplace=True)
                self.c = nn.Conv2d(w, w, 1)
            else:
                self.sigmoid = nn.Sigmoid()
        self.e = nn.Conv2d(w, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        if self.has_b:
            x = self.b(x[:, : self.stop])
            if self.has_relu:
                x = self.relu(x)
                x = x + self.c(x)
            else:
                x = self.sigmoid(x)
        return self.e(x)


class Weighed(nn.Module):
    """A labelled gate without weights is no module, so an `if` around it is one of `forward`."""

    deep: Final[bool]

    def __init__(self, in_channels: int, deep: bool) -> None:
        super().__init__()
        self.deep = deep
        self.conv = nn.Conv2d(in_channels, 4, 1)
        if deep:
            self.global_avgpool = nn.AdaptiveAvgPool2d(1)
            self.hardsigmoid = nn.Hardsigmoid(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        if self.deep:
            x = x * self.hardsigmoid(self.global_avgpool(x))
        return x


class Weighing(nn.Module):
    """[4, 8, 8] -> [4, 8, 8]; 40 parameters; 2,048 multiply-adds.

    a, b [4, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.a = Weighed(4, True)
        self.b = Weighed(4, False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)
        return self.b(x)
