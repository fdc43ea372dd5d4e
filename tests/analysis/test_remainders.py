"""Values of open sizes: at every stride, the size has every remainder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import pytest

import archdsl
from archdsl.analysis.remainders import FEWEST, MOST, telling_values
from archdsl.contracts import contract


def values_for(layers: str, image: str = "[3, h, w]") -> list[dict[str, int]]:
    graph = archdsl.read(text=f"network net: {image} = {layers}")["net"].graph
    return telling_values(graph, contract(graph).least)


def remainders(values: Sequence[Mapping[str, int]], strides: Sequence[int]) -> list[set[int]]:
    """The remainders that the height has at each of some pools of 3 that round up."""
    met: list[set[int]] = [set() for _ in strides]
    for each in values:
        size = each["h"]
        for stride, seen in zip(strides, met, strict=True):
            seen.add(size % stride)
            size = -(-(size - 3) // stride) + 1
    return met


@pytest.mark.parametrize("strides", [*product((1, 2, 3), repeat=3), (2, 2, 2, 2, 2)])
def test_every_remainder_is_met_at_every_stride(strides: tuple[int, ...]) -> None:
    values = values_for(" -> ".join(f"maxpool(3, {stride}, ceil=true)" for stride in strides))
    assert remainders(values, strides) == [{*range(stride)} for stride in strides]
    assert FEWEST <= len(values) <= MOST
    assert len({each["h"] for each in values}) == len(values)


def test_the_first_values_are_the_least_and_images_are_seldom_square() -> None:
    first, *others = values_for("conv(4, 3, stride=2, pad=0)")
    assert first == {"h": 3, "w": 3}
    assert all(each["h"] != each["w"] for each in others)


def test_remainders_that_no_size_has_are_not_sought() -> None:
    assert len(values_for("conv(4, 16, stride=16, pad=0)", "[3, 16 * h, 16 * w]")) == FEWEST
    assert len(values_for("conv(4, 16, stride=16, pad=0)")) == MOST


def test_numbers_have_no_values() -> None:
    assert values_for("conv(4, 3, stride=2)", "[3, 8, 8]") == []
