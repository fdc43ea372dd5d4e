"""A shared layer is one module that is called several times; code that has two, or one too few."""

from __future__ import annotations

import pytest

from tests.helpers.validated import fault

TWICE = "network n: [8, 8, 8] = share f = conv(8, 3) in a: conv(8, 1) -> f -> relu -> f"
TWO_SETS = "network n: [8, 8, 8] = f: conv(8, 3) -> relu -> g: conv(8, 3)"
LOOP = "network n(d=3): [8, 8, 8] = share f = conv(8, 3) in repeat(d, f -> relu)"
STARTED = """
network n: [8, 8, 8] = share f = conv(8, 3, init=normal(0.1)) in f -> f -> g: conv(8, 3)
"""
TIED = "network n: [8] = share f = linear(8) in g: linear(8) -> f -> tied(f)"

MISTAKES = [
    (TIED, "@ self.f.weight", "@ self.g.weight", "x @ 'g.weight' is not a layer"),
    (TIED, "@ self.f.weight", "@ self.f.bias", "x @ 'f.bias' is not a layer"),
    (TIED, "@ self.f.weight", "@ self.f.weight @ self.f.weight", "x @ 'f.weight' is not a layer"),
    (TIED, " @ self.f.weight", "", "output is not the result of f (tied(8))"),
    (
        TWICE,
        "self.f = nn.Conv2d(8, 8, 3, padding=1)",
        "self.f = nn.Conv2d(8, 8, 3, padding=1)\n        self.g = nn.Conv2d(8, 8, 3, padding=1)",
        "g, nn.Conv2d(8, 8, 3, padding=1), is not a layer of the network",
    ),
    (
        TWICE,
        "self.f = nn.Conv2d(8, 8, 3, padding=1)",
        "self.f = nn.Conv2d(8, 8, 3, padding=1)\n        self.g = self.f",
        "has two keys, f and g",
    ),
    (TWICE, "return self.f(x)", "return x", "output is not the result of f (conv(8, 3))"),
    (TWICE, "return self.f(x)", "return self.a(x)", "layer('a', x) is not a layer of the network"),
    (TWICE, "return self.f(x)", "return self.f(self.f(x))", "layer('f', x) is not a layer"),
    (TWICE, "return self.f(x)", "self.f(x)\n        return self.f(x)", "2 times, not 1"),
    (TWO_SETS, "self.g(", "self.f(", "layer('f', x) is not a layer of the network; expected g"),
    (
        TWO_SETS,
        "self.g = nn.Conv2d(8, 8, 3, padding=1)",
        "self.g = self.f",
        "has two keys, f and g",
    ),
    (LOOP, "range(self.d)", "range(self.d - 1)", "output is not the result of relu"),
    (LOOP, "range(self.d)", "range(self.d + 1)", "layer('f', x) is not a layer of the network"),
    (STARTED, "std=0.1", "std=0.2", "the weight of f is initialised with normal_"),
]


@pytest.mark.parametrize(("spec", "old", "new", "message"), MISTAKES)
def test_a_mistake_is_named(spec: str, old: str, new: str, message: str) -> None:
    assert message in (fault(spec, old, new) or "")
