"""Exact sizes: calculated with as with numbers, and equal where the functions are."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

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
    greatest,
    least,
    product,
    same,
    symbol,
)
from archdsl.shapes.residues import from_steps, from_values
from tests.helpers.sizes import VALUES, Function, functions, halved

H, W = symbol("h"), symbol("w")


@given(functions())
def test_calculations_are_those_of_numbers(function: Function) -> None:
    assert function.agrees()


@given(functions(), functions())
def test_sums_and_differences(first: Function, second: Function) -> None:
    for combine in (int.__add__, int.__sub__):
        size = first.size + second.size if combine is int.__add__ else first.size - second.size
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
    assert function.size.grows == all(value >= 1 for value in far)  # type: ignore[union-attr]


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
        (3 * (H // 2) // 2 * 4 + 1, 3 * (H // 2) // 2 * 4 + 1, True),
        ((H // 2 + (H + 1) // 2), H, True),
        (H - H % 4, 4 * (H // 4), True),
        (H % 2 * 2, 1, False),
        (2 * H, 2 * (H // 3) + 5, False),
        (2 * H, 2 * (H // 3) + 6, None),
        (H + W, W + H, True),
        (H * W + H, H * (W + 1), True),
        ((H // 2) * W, (W * H) - W * (H - H // 2), True),
        (H // 2 * W, (H + 1) // 2 * W, None),
        (H * W, H * W + 1, False),
        (H * W, W, None),
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
        (3 * (H // 2) // 2, "(3 * (h // 2)) // 2"),
        (2 * (3 * (H // 2) // 2) - 5, "2 * ((3 * (h // 2)) // 2) - 5"),
        (H % 4, "h % 4"),
        (H + H // 2, "(3 * h) // 2"),
        (H // 2 + H // 3, "h // 2 + h // 3"),
        (H + W, "h + w"),
    ],
)
def test_text(size: Dim | Polynomial, text: str) -> None:
    assert str(size) == text


def test_what_cannot_be_expressed_is_undecided() -> None:
    for calculate in (
        lambda: H * W // 2,
        lambda: H + 0.5,  # type: ignore[operator]
        lambda: H // W,
        lambda: 5 // H,
        lambda: 5 % H,
        lambda: H / 2,
        lambda: H // 0,
        lambda: H < 5,
        lambda: least(H, 5),
        lambda: least(H, W),
        lambda: H // 173 + H // 179,
        lambda: 3 * (H // 1_000_000_007) // 2,
    ):
        with pytest.raises(Undecided):
            calculate()


@given(st.integers(-9, 9), st.lists(st.integers(-2, 2), min_size=1, max_size=8))
def test_every_table_of_steps(first: int, steps: list[int]) -> None:
    """A table is what its steps say, and no other steps make it."""
    function = from_steps(first, tuple(steps))
    value = first
    for number in range(3 * len(steps)):
        assert (function if isinstance(function, int) else function.at(number)) == value
        value += steps[number % len(steps)]
    assert from_steps(first, tuple(steps * 3)) == function
    longer = from_values([*accumulate(steps * 2, initial=first)][:-1], 2 * sum(steps))
    assert longer == function


@given(st.data())
def test_polynomials_that_are_equal(data: st.DataObject) -> None:
    """Each of them is some terms of two symbols, which may be the same in another form."""
    halves: list[Callable[[Dim], Dim]] = [lambda x: x // 2, lambda x: (x + 1) // 2, lambda x: x % 2]
    forms: list[Dim] = [H, W, *[half(size) for half in halves for size in (H, W)], 2, 1]
    terms = st.lists(st.tuples(st.sampled_from(forms), st.sampled_from(forms)), max_size=3)
    first, second = [
        sum((one * other for one, other in data.draw(terms)), start=H * W) for _ in range(2)
    ]
    places = [{"h": h, "w": w} for h in range(1, 7) for w in range(1, 7)]
    equal = [evaluate(first, place) == evaluate(second, place) for place in places]
    try:
        assert all(each == same(first, second) for each in equal)
    except Undecided:
        assert not all(equal)


@given(functions(3), functions(3), st.integers(-9, 9))
def test_the_smaller_and_the_larger(first: Function, second: Function, number: int) -> None:
    others = [(second.size, second.at), (number, lambda _: number)]
    for choose, number_choose in ((least, min), (greatest, max)):
        for size, at in others:
            try:
                chosen = choose(first.size, size)
            except Undecided:
                continue
            for value in VALUES:
                expected = number_choose(first.at(value), at(value))
                assert evaluate(chosen, {"h": value}) == expected


def test_a_clamp_is_a_size() -> None:
    assert least(H // 2 * 2, H) == H // 2 * 2
    assert greatest(H % 3, 1) + 1 == greatest(H % 3 + 1, 2)
    assert str(least(H % 4, 2)) == "min(h % 4, 2)"


@pytest.mark.parametrize("stride", [1_000_000_007, 97 * 101 * 103, 2**31])
def test_large_strides_take_no_table(stride: int) -> None:
    far = halved(halved(H, 3, stride, 1), 1, 2, 0)
    assert same(far, halved(halved(H, 3, 2 * stride, 1), 1, 1, 0))
    with pytest.raises(Undecided, match="are equal"):
        same(far, H // stride)
    with pytest.raises(Undecided) as undecided:
        _ = 3 * far // 2
    assert "repeats only after" in undecided.value.reason
