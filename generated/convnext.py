# Generated from convnext.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 373f77e5e228f7d4532fbe7399b9ebed9a1ebc0c9cc86ed4951bdfbac78afb79
"""A ConvNet for the 2020s (Liu et al., CVPR 2022), with torchvision's keys.

Layers on one position at a time work on channels that are last. A learned gain, small at first,
scales what every block adds, and deeper blocks are dropped more often.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["ConvNeXt", "convnext_base", "convnext_large", "convnext_small", "convnext_tiny"]


def _init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02, a=-2, b=2)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


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


class CnBlock(nn.Module):
    def __init__(self, in_channels: int, drop: float) -> None:
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv2d(in_channels, in_channels, 7, padding=3, groups=in_channels),
            Rearrange((0, 2, 3, 1)),
            nn.LayerNorm(in_channels, eps=1e-6),
            nn.Linear(in_channels, 4 * in_channels),
            nn.GELU(),
            nn.Linear(4 * in_channels, in_channels),
            Rearrange((0, 3, 1, 2)),
        )
        self.layer_scale = nn.Parameter(torch.full((in_channels, 1, 1), 1e-6))
        self.stochastic_depth = DropPath(drop)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.stochastic_depth(self.block(x) * self.layer_scale)


class Blocks(nn.Sequential):
    """`depth` blocks, the first of which is number `before` of `total`."""

    def __init__(self, in_channels: int, depth: int, before: int, total: int, drop: float) -> None:
        super().__init__(
            *(CnBlock(in_channels, drop * (before + i) / (total - 1)) for i in range(depth))
        )


class Stem(nn.Sequential):
    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__(nn.Conv2d(in_channels, width, 4, stride=4), LayerNorm2d(width, eps=1e-6))


class Downsampling(nn.Sequential):
    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__(
            LayerNorm2d(in_channels, eps=1e-6), nn.Conv2d(in_channels, width, 2, stride=2)
        )


class ConvNeXt(nn.Module):
    def __init__(self, in_channels: int, width: int, depth: int, drop: float, classes: int) -> None:
        super().__init__()
        total = 9 + depth
        self.features = nn.Sequential(
            Stem(in_channels, width),
            Blocks(width, 3, 0, total=total, drop=drop),
            Downsampling(width, 2 * width),
            Blocks(2 * width, 3, 3, total=total, drop=drop),
            Downsampling(2 * width, 4 * width),
            Blocks(4 * width, depth, 6, total=total, drop=drop),
            Downsampling(4 * width, 8 * width),
            Blocks(8 * width, 3, 6 + depth, total=total, drop=drop),
        )
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            LayerNorm2d(8 * width, eps=1e-6), nn.Flatten(), nn.Linear(8 * width, classes)
        )
        self.apply(_init_weights)

    def forward(self, x: Tensor) -> Tensor:
        x = self.global_avgpool(self.features(x))
        return self.classifier(x)


def convnext_tiny(classes: int = 1000) -> ConvNeXt:
    """Defaults: [3, 224, 224] -> [1000]; 28,589,128 parameters; 4,455,531,264 multiply-adds.

    features [768, 7, 7]; classifier [1000].
    """
    return ConvNeXt(3, 96, 9, drop=0.1, classes=classes)


def convnext_small(classes: int = 1000) -> ConvNeXt:
    """Defaults: [3, 224, 224] -> [1000]; 50,223,688 parameters; 8,683,712,256 multiply-adds.

    features [768, 7, 7]; classifier [1000].
    """
    return ConvNeXt(3, 96, 27, drop=0.4, classes=classes)


def convnext_base(classes: int = 1000) -> ConvNeXt:
    """Defaults: [3, 224, 224] -> [1000]; 88,591,464 parameters; 15,354,729,472 multiply-adds.

    features [1024, 7, 7]; classifier [1000].
    """
    return ConvNeXt(3, 128, 27, drop=0.5, classes=classes)


def convnext_large(classes: int = 1000) -> ConvNeXt:
    """Defaults: [3, 224, 224] -> [1000]; 197,767,336 parameters; 34,361,433,600 multiply-adds.

    features [1536, 7, 7]; classifier [1000].
    """
    return ConvNeXt(3, 192, 27, drop=0.5, classes=classes)
