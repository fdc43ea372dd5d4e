"""What repeats is left out of a network, and nothing else."""

from __future__ import annotations

from torch import nn

from tests.helpers.shortened import shortened


def conv(before: int, out: int, stride: int = 1) -> nn.Module:
    return nn.Sequential(nn.Conv2d(before, out, 1, stride), nn.Dropout(before / 100))


def test_what_repeats_is_left_out() -> None:
    network = nn.Sequential(conv(3, 8), conv(8, 8), conv(8, 8), conv(8, 8, 2), conv(8, 8))
    assert [name for name, _ in shortened(network).named_children()] == ["0", "1", "3", "4"]


def test_a_layer_that_drops_nothing_is_another() -> None:
    network = nn.Sequential(nn.Dropout(0.1), nn.Dropout(0.2), nn.Dropout(0.0), nn.Dropout(0.0))
    assert [name for name, _ in shortened(network).named_children()] == ["0", "2"]
