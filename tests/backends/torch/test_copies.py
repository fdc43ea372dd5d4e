"""Copies of tensors are left out where what follows can do without them."""

from __future__ import annotations

import pytest

from archdsl.backends.torch import python, source
from archdsl.backends.torch.copies import without_copies
from archdsl.backends.torch.python import PyBlock, PyName, assign

x, entry = PyName("x"), PyName("entry")
RESULT = python.PyReturn(python.PyOperation("+", (x, entry)))


def applied(layer: str, value: python.PyExpression) -> python.PyExpression:
    return python.call(layer, value)


SIMPLE = {
    "never assigned": ((assign("entry", x), RESULT), ["return x + x"]),
    "assigned once": (
        (assign("entry", x), assign("x", applied("a", entry)), RESULT),
        ["out = a(x)", "return out + x"],
    ),
    "assigned twice": (
        (
            assign("entry", x),
            assign("y", applied("c", x)),
            assign("x", applied("a", x)),
            assign("x", applied("b", x)),
            RESULT,
        ),
        ["y = c(x)", "out = a(x)", "out = b(out)", "return out + x"],
    ),
    "out is taken": (
        (assign("out", x), assign("x", applied("a", x)), python.PyReturn(x)),
        ["y = a(x)", "return y"],
    ),
}


@pytest.mark.parametrize(("block", "expected"), SIMPLE.values(), ids=SIMPLE)
def test_copies_are_left_out(block: PyBlock, expected: list[str]) -> None:
    assert source.lines(without_copies(block, {"x"})) == expected


KEPT = {
    "assigned under a condition": (
        assign("entry", x),
        python.PyIf(PyName("flag"), (assign("x", applied("a", x)),)),
        RESULT,
    ),
    "assigned in place": (
        assign("entry", x),
        python.PyAssign(x, applied("a", x), operator="+"),
        RESULT,
    ),
    "assigned with others": (
        assign("entry", x),
        python.PyAssign(python.PyDisplay("bare", (x, PyName("aux"))), applied("a", x)),
        RESULT,
    ),
    "assigned anew itself": (assign("entry", x), assign("entry", applied("a", x)), RESULT),
}


@pytest.mark.parametrize("block", KEPT.values(), ids=KEPT)
def test_other_copies_stay(block: PyBlock) -> None:
    assert without_copies(block, {"x"}) == block
