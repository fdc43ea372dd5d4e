"""A mistake in code for an op with several weights of its own is named."""

from __future__ import annotations

import pytest

from tests.helpers.validated import fault

SPEC = """
network n(shift=1): [4, 4; 24] =
    attend(split(3), heads=2, bias=place: window_bias([4, 4], 2, 2, shift))
"""

MISTAKES = [
    ("self.place_bias_table = ", "self.place_table = ", "place_table, nn.Parameter((9, 2)"),
    ("torch.empty(9, 2)", "torch.empty(9, 3)", "place_bias_table is nn.Parameter((9, 3)"),
    ("std=0.02", "std=0.2", "place_bias_table is nn.Parameter"),
    ('"place_index"', '"place_places"', "place_places"),
    ("relative_position_index(2)", "relative_position_index(3)", "place_index is register_buffer"),
    ("relative_position_index(2)", "relative_position_index(2, square=True)", "lacks a parameter"),
    (
        "self.place_bias_table, self.place_index",
        "self.place_index, self.place_bias_table",
        "is not a layer of the network",
    ),
    ("(4, 4), 2, shift", "(4, 8), 2, shift", "is not a layer of the network"),
    ("shift=self.shift", "shift=0", "is not a layer of the network"),
]


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES, ids=lambda text: text[:40])
def test_a_mistake_is_found(old: str, new: str, message: str) -> None:
    found = fault(SPEC, old, new)
    assert found is not None
    assert message in found
