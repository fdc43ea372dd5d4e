# Generated from mixer.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 5831106c1928c39d3c16232931e6da4cbfe9d8af92112fe0808d2797f84daa0b
"""MLP-Mixer: An all-MLP Architecture for Vision (Tolstikhin et al., NeurIPS 2021).

Patches of an image are positions of a sequence. Every block mixes first the positions of each
channel, then the channels of each position. Keys are timm's.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

__all__ = ["Mixer", "mixer_b16_224", "mixer_l16_224", "mixer_s16_224"]


class GlobalAvgPoolLast(nn.Module):
    """The mean of every channel over some dimensions, where the channels are last."""

    def __init__(self, dims: tuple[int, ...]) -> None:
        super().__init__()
        self.dims = list(dims)

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(self.dims, keepdim=True)


class MLP(nn.Module):
    """Two linear layers, over whatever is last."""

    def __init__(self, in_features: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(in_features, hidden)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(hidden, in_features)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.fc1(x))
        return self.fc2(x)


class MixerBlock(nn.Module):
    """Positions are mixed where they take the place of the channels."""

    def __init__(self, n: int, in_features: int, tokens: int, channels: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(in_features, eps=1e-6)
        self.mlp_tokens = MLP(n, tokens)
        self.norm2 = nn.LayerNorm(in_features, eps=1e-6)
        self.mlp_channels = MLP(in_features, channels)

    def forward(self, x: Tensor) -> Tensor:
        out = self.mlp_tokens(self.norm1(x).transpose(1, 2))
        x = x + out.transpose(1, 2)
        return x + self.mlp_channels(self.norm2(x))


class Mixer(nn.Module):
    def __init__(self, in_channels: int, patch: int, depth: int, width: int, classes: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            OrderedDict(proj=nn.Conv2d(in_channels, width, patch, stride=patch))
        )
        self.blocks = nn.Sequential(
            *(
                MixerBlock(
                    ((224 - patch) // patch + 1) * ((224 - patch) // patch + 1),
                    width,
                    width // 2,
                    channels=4 * width,
                )
                for _ in range(depth)
            )
        )
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.global_avgpool = GlobalAvgPoolLast((1,))
        self.head = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x).permute(0, 2, 3, 1).flatten(1, 2)
        x = self.global_avgpool(self.norm(self.blocks(x)))
        return self.head(torch.flatten(x, 1))


def mixer_s16_224(classes: int = 1000) -> Mixer:
    """Defaults: [3, 224, 224] -> [1000]; 18,528,264 parameters; 3,776,958,464 multiply-adds.

    stem [512, 14, 14]; blocks, norm [196; 512]; head [1000].
    """
    return Mixer(3, 16, 8, width=512, classes=classes)


def mixer_b16_224(classes: int = 1000) -> Mixer:
    """Defaults: [3, 224, 224] -> [1000]; 59,880,472 parameters; 12,601,767,936 multiply-adds.

    stem [768, 14, 14]; blocks, norm [196; 768]; head [1000].
    """
    return Mixer(3, 16, 12, width=768, classes=classes)


def mixer_l16_224(classes: int = 1000) -> Mixer:
    """Defaults: [3, 224, 224] -> [1000]; 208,196,168 parameters; 44,547,678,208 multiply-adds.

    stem [1024, 14, 14]; blocks, norm [196; 1024]; head [1000].
    """
    return Mixer(3, 16, 24, width=1024, classes=classes)
