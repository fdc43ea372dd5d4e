"""A mistake in code for a learned tensor is named: its key, sizes, start and use."""

from __future__ import annotations

import pytest

from tests.helpers.validated import fault

SPEC = """
network n(v=0.5): [3, 8, 8] = conv: conv(4, 3)
    -> add(identity, position: parameter([4, 8, 8], init=normal(0.02)))
    -> concat(mask: parameter([2, 8, 8], init=constant(v)), identity) -> scale: gain(init=v)
    -> mean(other: parameter([6, 8, 8]), identity)
"""

MISTAKES = [
    ("self.position = ", "self.place = ", "place, nn.Parameter((1, 4, 8, 8)"),
    ("torch.empty(1, 4, 8, 8)", "torch.empty(4, 8, 8)", "position is nn.Parameter((4, 8, 8)"),
    ("std=0.02", "std=0.2", "position is nn.Parameter"),
    ("nn.init.normal_(torch.empty(1, 4, 8, 8), std=0.02)", "torch.zeros(1, 4, 8, 8)", "position"),
    ("nn.init.normal_(torch.empty(1, 4, 8, 8), std=0.02)", "torch.empty(1, 4, 8, 8)", "nobody set"),
    ("torch.full((1, 2, 8, 8), float(v))", "torch.full((1, 2, 8, 8), 1)", "makes no floats"),
    (
        "torch.full((6, 1, 1), float(v))",
        "torch.full((6, 1, 1), 0.25)",
        "scale is nn.Parameter((6, 1, 1)",
    ),
    (" + self.position", "", "torch.cat((x, x), 1) is not a layer of the network"),
    (" + self.position", " * self.position", "is not a layer of the network"),
    (" + self.position", " + self.mask", "is not a layer of the network"),
    ("self.mask.expand(x.shape[0], -1, -1, -1)", "self.mask", "is not a layer of the network"),
    ("expand(x.shape[0], -1", "expand(1, -1", "is not a layer of the network"),
    ("self.mask.expand(x.shape[0]", "self.mask.expand(self.mask.shape[0]", "sizes of a weight"),
    (" * self.scale", " * self.scale * self.scale", "is not a layer of the network"),
    ("self.scale = ", "self.conv.weight = self.scale = ", "has two keys, scale and"),
]


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES, ids=lambda text: text[:40])
def test_a_mistake_is_found(old: str, new: str, message: str) -> None:
    found = fault(SPEC, old, new)
    assert found is not None
    assert message in found
