"""Code that resizes a tensor to the size of another is held to that very one."""

from __future__ import annotations

import pytest

from tests.helpers.validated import fault

LIKE = """
network n(mode="linear"): [3, 9, 9] = x: identity -> small: conv(4, 3, 2) -> y: conv(4, 3, 2)
    -> z: resize(identity, @small, mode=mode) -> relu -> resize(identity, @x)
"""
MISTAKES = [
    ("size=x.shape[2:]", "size=small.shape[2:]", "size=x.shape[2:]"),
    ("size=x.shape[2:]", "size=x.shape[1:]", "a size is read that no layer"),
    ("size=x.shape[2:]", "size=x.shape[0]", "is not a layer of the network"),
    ('mode="nearest"', 'mode="bilinear"', "is not a layer of the network"),
    ("mode=self.mode", 'mode="nearest"', "is not a layer of the network"),
]


@pytest.mark.parametrize(("text", "wrong", "message"), MISTAKES)
def test_another_size_is_a_mistake(text: str, wrong: str, message: str) -> None:
    assert message in fault(LIKE, text, wrong)
