"""Sizes, each with the same calculation on numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from hypothesis import strategies as st

from archdsl.shapes import Dim, evaluate, symbol

VALUES = [*range(1, 90), *range(10**6, 10**6 + 90)]
"""Values for a symbol: small and large ones, in runs longer than any divisor below."""
H = symbol("h")


@dataclass(frozen=True)
class Function:
    """A size, and the same calculation on numbers."""

    size: Dim
    at: Callable[[int], int]

    def agrees(self) -> bool:
        return all(evaluate(self.size, {"h": value}) == self.at(value) for value in VALUES)


Step: TypeAlias = Callable[[Dim], Dim]


def steps(draw: st.DrawFn) -> Step:
    """One step of a calculation that sizes support."""
    number = draw(st.integers(-4, 4))
    return draw(
        st.sampled_from(
            [
                lambda x: x + number,
                lambda x: number - x,
                lambda x: x - number,
                lambda x: number * x,
                lambda x: x // (number % 3 + 1),
                lambda x: x % (number % 3 + 1),
                lambda x: x + x // (number % 3 + 1),
                lambda x: -x,
            ]
        )
    )


@st.composite
def functions(draw: st.DrawFn, most: int = 4) -> Function:
    """Random sizes; every calculation from one symbol can be expressed."""
    size: Dim = H
    taken = [steps(draw) for _ in range(draw(st.integers(0, most)))]
    for step in taken:
        size = step(size)

    def at(value: int) -> int:
        result: Dim = value
        for step in taken:
            result = step(result)
        assert isinstance(result, int)
        return result

    return Function(size, at)


def halved(size: Dim, kernel: int, stride: int, pad: int) -> Dim:
    return (size + 2 * pad - kernel) // stride + 1
