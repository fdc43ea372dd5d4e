"""Exact sizes: calculated with as with numbers, and equal where the functions are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from archdsl.shapes import (
    Count,
    Dim,
    Polynomial,
    Symbolic,
    Undecided,
    evaluate,
    product,
    same,
    symbol,
)

VALUES = [*range(1, 90), *range(10**6, 10**6 + 90)]
"""Sizes that a symbol may have: near and far, and at a stretch more than any divisor below."""

H, W = symbol("h"), symbol("w")


@dataclass(frozen=True)
class Function:
    """A size, and the same calculation on numbers."""

    size: Dim
    at: Callable[[int], int]

    def agrees(self) -> bool:
        return all(evaluate(self.size, {"h": value}) == self.at(value) for value in VALUES)


Step: TypeAlias = Callable[[Dim], Dim]


def steps(draw: st.DrawFn) -> Step:
    """One step of a calculation that sizes can take."""
    number = draw(st.integers(-4, 4))
    return draw(
        st.sampled_from(
            [
                lambda x: x + number,
                lambda x: number - x,
                lambda x: x - number,
                lambda x: number * x,
                lambda x: x // (number % 3 + 1),
                lambda x: -x,
            ]
        )
    )


@st.composite
def functions(draw: st.DrawFn, most: int = 4) -> Function:
    """Random sizes that can be expressed; a calculation ends before the first that cannot."""
    size: Dim = H
    taken: list[Step] = []
    for step in [steps(draw) for _ in range(draw(st.integers(0, most)))]:
        try:
            size = step(size)
        except Undecided:
            break
        taken.append(step)

    def at(value: int) -> int:
        result: Dim = value
        for step in taken:
            result = step(result)
        assert isinstance(result, int)
        return result

    return Function(size, at)


@given(functions())
def test_calculations_are_those_of_numbers(function: Function) -> None:
    assert function.agrees()


@given(functions(), functions())
def test_sums_and_differences(first: Function, second: Function) -> None:
    for combine in (int.__add__, int.__sub__):
        try:
            size = first.size + second.size if combine is int.__add__ else first.size - second.size
        except Undecided:
            continue
        assert Function(size, lambda h: combine(first.at(h), second.at(h))).agrees()  # noqa: B023


@given(functions(), functions())
def test_sizes_are_equal_where_the_functions_are(first: Function, second: Function) -> None:
    equal = [first.at(value) == second.at(value) for value in VALUES]
    assert (first.size == second.size) == all(equal)
    try:
        assert all(each == same(first.size, second.size) for each in equal)
    except Undecided:
        assert not all(equal)


@given(functions(), functions())
def test_comparisons_that_are_decided_are_right(first: Function, second: Function) -> None:
    try:
        is_less = first.size < second.size
    except Undecided:
        return
    assert all((first.at(value) < second.at(value)) == is_less for value in VALUES)


@given(functions())
def test_growing_sizes_grow(function: Function) -> None:
    assume(isinstance(function.size, Symbolic))
    far = [function.at(value) for value in VALUES if value > 90]
    assert function.size.grows == all(left <= right for left, right in pairwise(far))  # type: ignore[union-attr]


@given(functions(), st.integers(-9, 9))
def test_shifted_sizes_differ(function: Function, number: int) -> None:
    assert function.size - function.size == 0
    assert same(function.size + number, function.size) == (number == 0)
    assert (function.size < function.size + number) == (number > 0)


@given(st.lists(functions(3), max_size=3), st.lists(functions(3), max_size=3))
def test_polynomials(first: list[Function], second: list[Function]) -> None:
    count: Count = product(*[f.size for f in first]) + product(*[f.size for f in second])
    for value in (1, 2, 7, 100):
        expected = 0
        for factors in (first, second):
            term = 1
            for factor in factors:
                term *= factor.at(value)
            expected += term
        assert evaluate(count, {"h": value}) == expected


def halved(size: Dim, kernel: int, stride: int, pad: int) -> Dim:
    return (size + 2 * pad - kernel) // stride + 1


@pytest.mark.parametrize(
    ("first", "second", "equal"),
    [
        (halved(H, 3, 2, 1), halved(H, 1, 2, 0), True),
        (halved(halved(H, 3, 2, 1), 3, 2, 1), halved(H, 7, 4, 3), True),
        (H // 2 * 2, 2 * (H // 2), True),
        ((H + 1) // 2, -(-H // 2), True),
        ((2 * H + 1) // 2, H, True),
        ((6 * H + 3) // 4, (3 * H + 1) // 2, True),
        (H // 2 + 1, H // 2, False),
        (H, H + 1, False),
        (halved(H, 3, 2, 1), H // 2, None),
        (H // 2 * 2, H, None),
        (H, W, None),
        (H, 5, None),
    ],
)
def test_whether_branches_fit(first: Dim, second: Dim, equal: bool | None) -> None:
    if equal is not None:
        assert same(first, second) is equal
        return
    with pytest.raises(Undecided, match=r"whether .* and .* are equal"):
        same(first, second)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (H, "h"),
        (16 * H - 2, "16 * h - 2"),
        (halved(halved(halved(H, 7, 2, 3), 3, 2, 1), 3, 2, 1), "(h + 7) // 8"),
        (H // 2, "h // 2"),
        (2 * (H // 2) + 1, "2 * (h // 2) + 1"),
        (product(3, H, W, H // 2) + 5, "3 * h * (h // 2) * w + 5"),
        (product(H) + product(-1, H), "0"),
    ],
)
def test_text(size: Dim | Polynomial, text: str) -> None:
    assert str(size) == text


def test_what_cannot_be_expressed_is_undecided() -> None:
    for calculate in (
        lambda: H * W,
        lambda: H + W,
        lambda: H // W,
        lambda: 5 // H,
        lambda: 5 % H,
        lambda: H / 2,
        lambda: 3 * (H // 2) // 2,
        lambda: H // 0,
        lambda: H < 5,
        lambda: H // 2 + H // 3,
    ):
        with pytest.raises(Undecided):
            calculate()
