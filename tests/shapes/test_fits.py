"""Where sizes are equal: conditions and counterexamples, with counting as the oracle."""

from __future__ import annotations

from math import lcm

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archdsl.shapes import Dim, Symbolic, Undecided, evaluate, same, symbol
from archdsl.shapes.counterexamples import counterexample, distance, explained
from archdsl.shapes.fits import Numbers, SizeCondition, Unknown, condition_of, fit, least_values
from archdsl.shapes.functions import compose, first_from
from archdsl.shapes.residues import MOST_RESIDUES, TooManyResidues
from tests.helpers.sizes import Function, functions, halved

H, W = symbol("h"), symbol("w")
FAR = 700
"""More than three periods of any size below, and more than where any two of them cross."""


def values(size: Dim, last: int = FAR) -> list[int]:
    """A size for h = 1, 2, ..."""
    return [evaluate(size, {"h": number}) for number in range(1, last + 1)]


@settings(max_examples=300)
@given(functions(3), functions(3))
def test_where_two_sizes_are_equal(first: Function, second: Function) -> None:
    if first.size == second.size or not _symbols(first.size, second.size):
        return
    equal = [a == b for a, b in zip(values(first.size), values(second.size), strict=True)]
    where = fit(first.size, second.size)
    match where:
        case SizeCondition():
            found = [n % where.modulus in where.residues for n in range(1, FAR + 1)]
            assert found == equal
            shorter = [n for n in range(1, where.modulus) if where.modulus % n == 0]
            assert all(any(a != b for a, b in zip(found, found[n:], strict=False)) for n in shorter)
        case Numbers():
            assert [n for n in where.numbers if n <= FAR] == _places(equal)
        case Unknown():
            # The difference is a number, or it needs no table: then it never is 0.
            assert not any(equal)


@settings(max_examples=300)
@given(functions(3), functions(3), st.integers(1, 40))
def test_the_smallest_counterexample(first: Function, second: Function, least: int) -> None:
    if not _symbols(first.size, second.size):
        return
    pairs = zip(values(first.size), values(second.size), strict=True)
    differ = [n for n, (a, b) in enumerate(pairs, 1) if a != b and n >= least]
    found = counterexample(first.size, second.size, {"h": least})
    assert found == ({"h": differ[0]} if differ else None)


@settings(max_examples=60)
@given(functions(2), functions(2), st.integers(1, 6), st.integers(1, 6))
def test_the_smallest_counterexample_of_two_symbols(
    first: Function, second: Function, h: int, w: int
) -> None:
    other = second.size
    if not isinstance(first.size, Symbolic) or not isinstance(other, Symbolic):
        return
    wide = Symbolic("w", other.function)
    least = {"h": h, "w": w}
    differ = [a + b for a in range(25) for b in range(25) if first.at(h + a) != second.at(w + b)]
    found = counterexample(first.size, wide, least)
    if differ:
        assert found is not None
        assert distance(found, least) == min(differ)


@settings(max_examples=200)
@given(functions(4), st.integers(-9, 60))
def test_from_where_on_a_size_is_large_enough(function: Function, wanted: int) -> None:
    if not isinstance(function.size, Symbolic) or not function.size.grows:
        return
    if function.size.function.rise == 0:
        return
    small = [n for n, value in enumerate(values(function.size, 2 * FAR), 1) if value < wanted]
    assert first_from(function.size.function, wanted) == (small[-1] + 1 if small else 1)


@settings(max_examples=200)
@given(functions(3), functions(3))
def test_composition(outer: Function, inner: Function) -> None:
    if not isinstance(outer.size, Symbolic) or not isinstance(inner.size, Symbolic):
        return
    result = compose(outer.size.function, inner.size.function)
    for number in range(1, 100):
        expected = outer.at(inner.at(number))
        assert (result if isinstance(result, int) else result.at(number)) == expected


@given(
    st.tuples(st.integers(1, 12), st.sets(st.integers(0, 11))),
    st.tuples(st.integers(1, 12), st.sets(st.integers(0, 11))),
)
def test_both_conditions(one: tuple[int, set[int]], other: tuple[int, set[int]]) -> None:
    first, second = [
        condition_of("h", m, {r % m for r in residues}) for m, residues in (one, other)
    ]
    both = first & second
    for number in range(lcm(one[0], other[0])):
        holds = [number % c.modulus in c.residues for c in (first, second, both)]
        assert (holds[0] and holds[1]) == holds[2]


@pytest.mark.parametrize(
    ("modulus", "residues", "text"),
    [
        (8, [0, 4], "h % 4 == 0"),
        (6, [1, 3, 5], "h % 2 == 1"),
        (3, [0, 2], "h % 3 != 1"),
        (5, [0, 2], "h % 5 is 0 or 2"),
        (97, range(20), "h % 97 is 0, 1, 2, 3, 4, 5, 6, 7 or 12 more"),
    ],
)
def test_conditions_as_text(modulus: int, residues: list[int], text: str) -> None:
    assert str(condition_of("h", modulus, residues)) == text


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        (
            halved(H, 3, 2, 1),
            halved(H, 2, 2, 1),
            "they are equal only when h % 2 == 1; smallest counterexample h = 2: 1 against 2",
        ),
        (H, 2 * (H // 2), "they are equal only when h % 2 == 0; smallest counterexample h = 3"),
        (H, 5, "they are equal only for h = 5; smallest counterexample h = 1: 1 against 5"),
        (H // 4, 2, "they are equal only for h = 8 to 11; smallest counterexample h = 4"),
        (H, H + 1, "they are equal for no h; smallest counterexample h = 1: 1 against 2"),
        (2 * H, 2 * H // 3 - 4, "they are equal for no h; smallest counterexample h = 8"),
        (H, W, "h and w are not equal for all sizes; smallest counterexample h = 2, w = 1"),
        (
            H // 1_000_000_007,
            (H + 5) // 1_000_000_007,
            "16,384 are compared; smallest counterexample h = 2,000,000,009: 1 against 2",
        ),
    ],
)
def test_what_is_said_of_two_sizes(first: Dim, second: Dim, text: str) -> None:
    assert text in explained([(first, second)], least_values([first, second]))


def test_a_condition_beyond_the_bound() -> None:
    first, second = condition_of("h", 173, [0]), condition_of("h", 179, [1])
    with pytest.raises(TooManyResidues):
        _ = first & second
    assert MOST_RESIDUES < 173 * 179


def test_what_is_equal_for_some_sizes_is_never_accepted() -> None:
    with pytest.raises(Undecided):
        same(H // 97, (H + 1) // 97)


def _symbols(*sizes: Dim) -> list[Symbolic]:
    return [size for size in sizes if isinstance(size, Symbolic)]


def _places(holds: list[bool]) -> list[int]:
    return [number for number, each in enumerate(holds, 1) if each]
