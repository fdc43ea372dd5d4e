"""Classes of layers that the language has no op for, which random specs declare as `extern`."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Mixed(nn.Module):
    """Channels mixed at every position, and divided by a number; `(N, channels, ...)`."""

    def __init__(self, channels: int, out: int, kernel: int = 1, *, bias: bool = True) -> None:
        super().__init__()
        self.mix = nn.Parameter(torch.ones(out, channels) / channels)
        self.start = nn.Parameter(torch.zeros(out)) if bias else None
        self.register_buffer("version", torch.ones(()))
        self.kernel = kernel

    def forward(self, x: Tensor) -> Tensor:
        """The mixed channels, `(N, out, ...)`."""
        # Behind the positions, where what starts all channels is spread by itself.
        mixed: Tensor = torch.tensordot(x, self.mix, ([1], [1])) / self.kernel
        if self.start is not None:
            mixed = mixed + self.start
        return mixed.movedim(-1, 1)


class Blend(nn.Module):
    """The part `share` of one tensor and the rest of another, with a learned factor."""

    def __init__(self, share: float = 0.5) -> None:
        super().__init__()
        self.share = share
        self.factor = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """A tensor of the shape of both."""
        return self.factor * (self.share * x + (1 - self.share) * y)
