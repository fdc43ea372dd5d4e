"""Networks for sequences against the same written by hand in PyTorch, at five lengths each."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from archdsl.analysis.state import state_shapes
from tests.helpers.filling import filled
from tests.helpers.generated import on_meta
from tests.helpers.paths import SPECS
from tests.helpers.pipeline import graphs


class M5(nn.Module):
    """As PyTorch's tutorial on speech commands has it, without the logarithm of the softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv1d(1, 32, 80, stride=16), nn.BatchNorm1d(32)
        self.conv2, self.bn2 = nn.Conv1d(32, 32, 3), nn.BatchNorm1d(32)
        self.conv3, self.bn3 = nn.Conv1d(32, 64, 3), nn.BatchNorm1d(64)
        self.conv4, self.bn4 = nn.Conv1d(64, 64, 3), nn.BatchNorm1d(64)
        self.fc1 = nn.Linear(64, 35)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.max_pool1d(self.bn1(self.conv1(x)).relu(), 4)
        x = functional.max_pool1d(self.bn2(self.conv2(x)).relu(), 4)
        x = functional.max_pool1d(self.bn3(self.conv3(x)).relu(), 4)
        x = functional.max_pool1d(self.bn4(self.conv4(x)).relu(), 4)
        found: Tensor = self.fc1(x.mean(2))
        return found


class Temporal(nn.Module):
    def __init__(self, channels: int, out: int, apart: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(channels, out, 7, padding=6 * apart, dilation=apart)
        self.conv2 = nn.Conv1d(out, out, 7, padding=6 * apart, dilation=apart)
        self.downsample = nn.Conv1d(channels, out, 1) if channels != out else None

    def forward(self, x: Tensor) -> Tensor:
        # What looks ahead is cut off behind, as the authors do it.
        out = self.conv1(x)[:, :, : x.shape[2]].relu()
        out = self.conv2(out)[:, :, : x.shape[2]].relu()
        return (out + (x if self.downsample is None else self.downsample(x))).relu()


class Tcn(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        blocks = [Temporal(1 if i == 0 else 25, 25, 2**i) for i in range(8)]
        self.network = nn.Sequential(*blocks)
        self.linear = nn.Linear(25, 10)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.linear(self.network(x)[:, :, -1])
        return found


CASES = {
    "m5": (M5, (6848, 7000, 8000, 9001, 16000)),
    "tcn": (Tcn, (1, 2, 50, 301, 784)),
}


@pytest.mark.parametrize("name", CASES)
def test_results_at_five_lengths(name: str) -> None:
    made, lengths = CASES[name]
    ours, theirs = filled(on_meta("audio", name)), filled(made())
    assert state_shapes(graphs(SPECS / "audio.arch")[name]) == {
        key: tuple(entry.shape) for key, entry in theirs.state_dict().items()
    }
    for length in lengths:
        sound = torch.randn(2, 1, length, dtype=torch.float64)
        with torch.no_grad():
            torch.testing.assert_close(ours(sound), theirs(sound))


class Dcgan(nn.Sequential):
    """The generator of PyTorch's tutorial."""

    def __init__(self) -> None:
        layers: list[nn.Module] = [nn.ConvTranspose2d(100, 512, 4, bias=False)]
        for width in (512, 256, 128, 64):
            out = width // 2 if width > 64 else 3
            layers += [nn.BatchNorm2d(width), nn.ReLU()]
            layers += [nn.ConvTranspose2d(width, out, 4, 2, 1, bias=False)]
        super().__init__()
        self.main = nn.Sequential(*layers, nn.Tanh())


def test_the_generator() -> None:
    ours, theirs = filled(on_meta("dcgan", "generator")), filled(Dcgan())
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    noise = torch.randn(2, 100, 1, 1, dtype=torch.float64)
    with torch.no_grad():
        torch.testing.assert_close(ours(noise), theirs(noise))
