"""Pools that round up are equal to what is traced instead of them."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.nn import functional

from archdsl.export.pools import RoundedDown
from archdsl.ops.axes import each

SIDES = st.integers(1, 6)
EITHER = st.one_of(SIDES, st.tuples(SIDES, SIDES))


@st.composite
def settings(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    """Kernel, stride and padding, at most half the kernel."""
    kernel, stride = draw(EITHER), draw(st.none() | EITHER)
    padding = tuple(draw(st.integers(0, side // 2)) for side in each(kernel, 2))
    return kernel, stride, padding


@given(settings(), st.integers(4, 14), st.integers(4, 14), st.booleans())
def test_results_are_pytorchs(
    given: tuple[Any, Any, Any], height: int, width: int, counts: bool
) -> None:
    kernel, stride, padding = given
    assume(
        all(
            size + 2 * pad >= side
            for size, pad, side in zip((height, width), padding, each(kernel, 2), strict=True)
        )
    )
    image = torch.randn(2, 3, height, width)

    def pooled() -> list[torch.Tensor]:
        return [
            functional.max_pool2d(image, kernel, stride, padding, ceil_mode=True),
            functional.avg_pool2d(image, kernel, stride, padding, True, counts),
            functional.max_pool2d(image, kernel, stride, padding),
            functional.avg_pool2d(image, kernel, stride, padding, False, counts),
        ]

    expected = pooled()
    with RoundedDown():
        found = pooled()
    largest, mean, *others = [*zip(found, expected, strict=True)]
    assert torch.equal(*largest)
    torch.testing.assert_close(*mean, rtol=1e-5, atol=1e-6)
    assert all(torch.equal(*each) for each in others)


def test_no_pool_rounds_up_in_a_trace() -> None:
    pool = torch.nn.Sequential(
        torch.nn.MaxPool2d(3, 2, ceil_mode=True), torch.nn.AvgPool2d(3, 2, ceil_mode=True)
    )
    with RoundedDown():
        program = torch.export.export(pool, (torch.randn(2, 3, 20, 20),))
    pools = [node for node in program.graph.nodes if "pool" in str(node.target)]
    assert len(pools) == 3
    assert all(True not in node.args for node in pools)


@given(SIDES, st.none() | SIDES, st.integers(0, 3), st.integers(6, 14), st.booleans())
def test_one_axis(kernel: int, stride: int | None, pad: int, length: int, ceil: bool) -> None:
    signal, margin = torch.randn(2, 3, length), min(pad, kernel // 2)
    expected = functional.max_pool1d(signal, kernel, stride, margin, ceil_mode=ceil)
    with RoundedDown():
        found = functional.max_pool1d(signal, kernel, stride, margin, ceil_mode=ceil)
    assert torch.equal(found, expected)


@pytest.mark.parametrize("pool", [torch.nn.MaxPool2d(2), torch.nn.AvgPool2d(2)])
def test_outside_nothing_changes(pool: torch.nn.Module) -> None:
    image = torch.randn(1, 1, 5, 5)
    before = pool(image)
    with RoundedDown():
        pass
    assert torch.equal(pool(image), before)
