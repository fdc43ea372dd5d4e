"""Sums and products in which sizes of 1 are repeated."""

from torch import Tensor, nn

__all__ = ["Denoiser", "Gated", "Many"]


class Timed(nn.Module):
    """A network for denoising: the time step is added to every position."""

    def __init__(self, in_channels: int, time_channels: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out, 3, padding=1)
        self.time_proj = nn.Linear(time_channels, out)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        x = self.conv1(x)
        x = self.relu(x + self.time_proj(time).unsqueeze(2).unsqueeze(3))
        return self.conv2(x)


class Denoiser(nn.Module):
    """Defaults: [3, a, b] and [16] -> [3, a, b] for a >= 1 and b >= 1; 1,298 parameters;
    1,089 * a * b + 176 multiply-adds.

    down [8, a, b]; up [3, a, b].
    """

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.down = Timed(3, 16, width)
        self.up = Timed(width, 16, 3)

    def forward(self, image: Tensor, time: Tensor) -> Tensor:
        x = self.down(image, time)
        return self.up(x, time)


class Many(nn.Module):
    """Many branches of several shapes, which no list holds.

    [3, 8, 8] -> [8, 8, 8]; 104 parameters; 4,992 multiply-adds.

    0, 1, 2 [8, 8, 8]; 3, 4 [1, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.add_module("0", nn.Conv2d(3, 8, 1))
        self.add_module("1", nn.Conv2d(3, 8, 1))
        self.add_module("2", nn.Conv2d(3, 8, 1))
        self.add_module("3", nn.Conv2d(3, 1, 1))
        self.add_module("4", nn.Conv2d(3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        conv, conv2, conv3, conv4, conv5 = self.children()
        return conv(x) + conv2(x) + conv3(x) + conv4(x) + conv5(x)


class Gated(nn.Module):
    """[3, 8, 8] -> [8, 8, 8]; 104 parameters; 4,992 multiply-adds.

    0, 1, 2 [8, 8, 8]; 3, 4 [1, 8, 8].
    """

    def __init__(self) -> None:
        super().__init__()
        self.add_module("0", nn.Conv2d(3, 8, 1))
        self.add_module("1", nn.Conv2d(3, 8, 1))
        self.add_module("2", nn.Conv2d(3, 8, 1))
        self.add_module("3", nn.Conv2d(3, 1, 1))
        self.add_module("4", nn.Conv2d(3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        conv, conv2, conv3, conv4, conv5 = self.children()
        return conv(x) * conv2(x) * conv3(x) * conv4(x) * conv5(x)
