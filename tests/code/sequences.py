"""Positions rearranged, taken, appended and rolled."""

import torch
from torch import Tensor, nn

__all__ = ["Generator", "Patches", "Shifted", "Sound"]


class GlobalAvgPoolLast(nn.Module):
    """The mean of every channel over some dimensions, where the channels are last."""

    def __init__(self, dims: tuple[int, ...]) -> None:
        super().__init__()
        self.dims = list(dims)

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(self.dims, keepdim=True)


class GlobalMaxPoolLast(nn.Module):
    """The largest number of every channel over some dimensions, where the channels are last."""

    def __init__(self, dims: tuple[int, ...]) -> None:
        super().__init__()
        self.dims = list(dims)

    def forward(self, x: Tensor) -> Tensor:
        return x.amax(self.dims, keepdim=True)


class Rearrange(nn.Module):
    """Splits dimensions into factors, reorders them, and joins neighbours."""

    splits: list[list[int]]
    joins: list[list[int]]
    dropped: list[int]
    made: list[int]

    def __init__(
        self,
        order: tuple[int, ...],
        splits: tuple[tuple[int, ...], ...] = (),
        joins: tuple[tuple[int, ...], ...] = (),
        dropped: tuple[int, ...] = (),
        made: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.order = list(order)
        self.splits = [list(split) for split in splits]
        self.joins = [list(join) for join in joins]
        self.dropped = list(dropped)
        self.made = list(made)

    def forward(self, x: Tensor) -> Tensor:
        for split in self.splits:
            x = x.unflatten(split[0], split[1:])
        for dimension in self.dropped:
            x = x.squeeze(dimension)
        x = x.permute(self.order)
        for join in self.joins:
            x = x.flatten(join[0], join[1])
        for dimension in self.made:
            x = x.unsqueeze(dimension)
        return x


class Windows(nn.Module):
    def __init__(self, h: int, in_features: int, size: int) -> None:
        super().__init__()
        self.shifts = (-1, -size)
        self.size = size
        self.h = h // size
        self.proj = nn.Linear(in_features, in_features)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.roll(x, shifts=self.shifts, dims=(1, 2))
        x = self.proj(
            x.unflatten(1, (-1, self.size))
            .unflatten(3, (-1, self.size))
            .transpose(2, 3)
            .flatten(1, 2)
            .flatten(2, 3)
        )
        return (
            x.unflatten(1, (self.h, -1))
            .unflatten(3, (self.size, -1))
            .transpose(2, 3)
            .flatten(1, 2)
            .flatten(2, 3)
        )


class Shifted(nn.Sequential):
    """Defaults: [8, 8; 16] -> [8, 8; 16]; 544 parameters; 32,768 multiply-adds.

    0, 1 [8, 8; 16].
    """

    def __init__(self, size: int = 2) -> None:
        super().__init__(Windows(8, 16, size), Windows(8, 16, 2 * size))


class Sound(nn.Module):
    """Defaults: [1, l] -> [10] for l >= 1; 3,626 parameters; 2,560 * ((l + 7) // 8) + 320 +
    40 * ((l + 1) // 2) + 640 * ((l + 3) // 4) multiply-adds.

    conv0 [8, (l + 1) // 2]; conv1 [16, (l + 3) // 4]; conv2 [32, (l + 7) // 8]; head [10].
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv0 = nn.Conv1d(1, 8, 5, stride=2, padding=2)
        self.relu = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv1d(8, 16, 5, stride=2, padding=2)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv1d(16, 32, 5, stride=2, padding=2)
        self.relu3 = nn.ReLU(inplace=True)
        self.head = nn.Linear(32, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.conv0(x))
        x = self.relu2(self.conv1(x))
        x = self.relu3(self.conv2(x))
        return self.head(x.transpose(1, 2)[:, -1])


class Patches(nn.Module):
    """Defaults: [3, 8 * h, 8 * w] -> [10] for h >= 1 and w >= 1; 6,570 parameters; 320 +
    6,144 * h * w multiply-adds.

    proj [32, h, w]; norm [2 + h * w; 32]; head [10].
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, 32, 8, stride=8)
        self.global_avgpool = GlobalAvgPoolLast((1,))
        self.global_maxpool = GlobalMaxPoolLast((1,))
        self.norm = nn.LayerNorm(32)
        self.head = nn.Linear(32, classes)

    def forward(self, x: Tensor) -> Tensor:
        x2 = self.proj(x).permute(0, 2, 3, 1).flatten(1, 2)
        x = self.norm(torch.cat([self.global_avgpool(x2), self.global_maxpool(x2), x2], 1))
        return self.head(x[:, 0])


class Generator(nn.Sequential):
    """Defaults: [16] -> [1, 8, 8]; 2,305 parameters; 4,096 multiply-adds.

    0 [128]; 2 [1, 8, 8].
    """

    def __init__(self, z: int = 16) -> None:
        super().__init__(
            nn.Linear(z, 128),
            Rearrange((0, 1, 2, 3), splits=((1, -1, 4, 4),)),
            nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1),
            nn.Tanh(),
        )
