# Generated from audio.arch by archdsl 0.1.0. Do not edit.
# sha256 of the lines below: 1a45c48cfbf942d6a37981fab05b500c4927236e458613acfa04836c4d3cbfff
"""Networks for sound, and for other sequences of any length.

M5 (Very Deep Convolutional Neural Networks for Raw Waveforms, Dai et al., ICASSP 2017) is a
convolutional network, here as PyTorch's tutorial on speech commands has it. A TCN (An Empirical
Evaluation of Generic Convolutional and Recurrent Networks, Bai et al., 2018) looks back only,
ever further; its convolutions are plain ones, without weight normalization.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["M5", "Tcn"]


class M5(nn.Module):
    """Defaults: [1, l] -> [35] for l >= 6848; 26,915 parameters; 12,288 * ((l - 2752) // 1024) +
    2,240 + 2,560 * ((l - 64) // 16) + 3,072 * ((l - 192) // 64) + 6,144 * ((l - 704) // 256)
    multiply-adds.

    conv1, bn1 [32, (l - 64) // 16]; conv2, bn2 [32, (l - 192) // 64]; conv3, bn3
    [64, (l - 704) // 256]; conv4, bn4 [64, (l - 2752) // 1024]; fc1 [35].
    """

    def __init__(self, classes: int = 35, width: int = 32) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(1, width, 80, stride=16)
        self.bn1 = nn.BatchNorm1d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool1d(4)
        self.conv2 = nn.Conv1d(width, width, 3)
        self.bn2 = nn.BatchNorm1d(width)
        self.relu2 = nn.ReLU(inplace=True)
        self.maxpool2 = nn.MaxPool1d(4)
        self.conv3 = nn.Conv1d(width, 2 * width, 3)
        self.bn3 = nn.BatchNorm1d(2 * width)
        self.relu3 = nn.ReLU(inplace=True)
        self.maxpool3 = nn.MaxPool1d(4)
        self.conv4 = nn.Conv1d(2 * width, 2 * width, 3)
        self.bn4 = nn.BatchNorm1d(2 * width)
        self.relu4 = nn.ReLU(inplace=True)
        self.maxpool4 = nn.MaxPool1d(4)
        self.global_avgpool = nn.AdaptiveAvgPool1d(1)
        self.fc1 = nn.Linear(2 * width, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.bn2(self.conv2(self.maxpool(x)))
        x = self.conv3(self.maxpool2(self.relu2(x)))
        x = self.relu3(self.bn3(x))
        x = self.bn4(self.conv4(self.maxpool3(x)))
        x = self.global_avgpool(self.maxpool4(self.relu4(x)))
        return self.fc1(torch.flatten(x, 1))


class Temporal(nn.Module):
    """Two convolutions over a position and those before it, and a projection where the width
    changes.
    """

    def __init__(self, in_channels: int, out: int, kernel: int, apart: int, p: float) -> None:
        super().__init__()
        before = (kernel - 1) * apart
        self.size = (before, 0)
        self.conv1 = nn.Conv1d(in_channels, out, kernel, dilation=apart)
        self.relu = nn.ReLU(inplace=True)
        self.dropout = nn.Dropout(p)
        self.conv2 = nn.Conv1d(out, out, kernel, dilation=apart)
        self.downsample = nn.Conv1d(in_channels, out, 1) if in_channels != out else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.conv1(F.pad(x, self.size)))
        out = self.conv2(F.pad(self.dropout(out), self.size))
        return self.relu(self.dropout(self.relu(out)) + self.downsample(x))


class Tcn(nn.Module):
    """The last position of a sequence has seen 2 * (kernel - 1) * (2 ** depth - 1) positions before
    it.

    Defaults: [1, l] -> [10] for l >= 1; 66,510 parameters; 250 + 65,825 * l multiply-adds.

    network [25, l]; linear [10].
    """

    def __init__(
        self, width: int = 25, kernel: int = 7, depth: int = 8, classes: int = 10, p: float = 0.05
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 1
        for i in range(depth):
            layers.append(Temporal(channels, width, kernel, apart=2**i, p=p))
            channels = width
        self.network = nn.Sequential(*layers)
        self.linear = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.network(x).transpose(1, 2)[:, -1]
        return self.linear(x)
