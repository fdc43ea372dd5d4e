"""Tests of the filling: every rule once, with numbers that can be checked by hand."""

from __future__ import annotations

import math

import numpy
import torch
from torch import nn

from tests.helpers.filling import filled, stream, value


def test_stream_depends_on_the_key_alone() -> None:
    # crc32("a") is 3904355907.
    expected = numpy.random.RandomState(3904355907).uniform(-1.0, 1.0, (2, 3))
    assert torch.equal(stream("a", (2, 3)), torch.from_numpy(expected))


def test_every_kind_of_entry() -> None:
    weight = (8, 3, 2, 2)
    assert torch.equal(value("a.weight", weight), stream("a.weight", weight) * math.sqrt(6 / 12))
    assert torch.equal(value("a.weight", (8,)), 1 + 0.25 * stream("a.weight", (8,)))
    assert torch.equal(value("a.running_var", (8,)), 1 + 0.25 * stream("a.running_var", (8,)))
    assert torch.equal(value("a.running_mean", (8,)), 0.1 * stream("a.running_mean", (8,)))
    assert torch.equal(value("a.bias", (8,)), 0.1 * stream("a.bias", (8,)))
    assert value("a.num_batches_tracked", ()).dtype == torch.int64


def test_a_table_of_whole_numbers_stays() -> None:
    module = nn.BatchNorm1d(4)
    module.register_buffer("index", torch.tensor([2, 0]))
    assert torch.equal(filled(module).index, torch.tensor([2, 0]))


def test_a_module_on_the_meta_device_is_filled() -> None:
    with torch.device("meta"):
        module = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))
    assert torch.equal(filled(module)[0].bias, value("0.bias", (4,)))
    assert not module.training
