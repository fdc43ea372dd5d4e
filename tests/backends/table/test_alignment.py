"""Lists of names beside each other, as `difflib` has them, and faster."""

from __future__ import annotations

from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archdsl.backends.table import alignment
from archdsl.backends.table.alignment import aligned

Rows = list[tuple[str, str, str]]


def ours(first: list[str], second: list[str]) -> Rows:
    """Every name with its sign, as a difference shows them."""
    found: Rows = []
    for stretch in aligned(first, second):
        before, after = first[stretch.first], second[stretch.second]
        if stretch.is_equal:
            assert before == after
            found += [("=", name, name) for name in before]
        else:
            found += [("-", name, "") for name in before] + [("+", "", name) for name in after]
    return found


def theirs(first: list[str], second: list[str]) -> Rows:
    found: Rows = []
    for tag, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [("=", name, name) for name in first[a:b]]
        else:
            found += [("-", name, "") for name in first[a:b]]
            found += [("+", "", name) for name in second[c:d]]
    return found


@given(
    st.lists(st.sampled_from("abcdefgh"), max_size=12),
    st.lists(st.sampled_from("abcdefgh"), max_size=12),
)
def test_names_in_any_order(first: list[str], second: list[str]) -> None:
    assert ours(first, second) == theirs(first, second)


@given(st.lists(st.tuples(st.integers(0, 99), st.sampled_from("<>=")), unique_by=lambda x: x[0]))
def test_names_in_one_order(marked: list[tuple[int, str]]) -> None:
    first = [str(number) for number, mark in marked if mark in "<="]
    second = [str(number) for number, mark in marked if mark in ">="]
    assert ours(first, second) == theirs(first, second)


def test_layers_in_one_order_need_no_difflib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "SequenceMatcher", None)
    first = [str(number) for number in range(20_000)]
    second = [name + "x" * (not number % 3) for number, name in enumerate(first)]
    assert len(ours(first, second)) == 20_000 + 6_667
