"""What windows add to attention, against the paper's words: pair by pair, and as masked maps."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import Tensor

from tests.helpers.op_examples import EXAMPLES, Example
from tests.helpers.op_forms import module_of

CASES = [case for case in EXAMPLES if case.op.name == "window_bias"]
each_case = pytest.mark.parametrize("case", CASES, ids=str)


def windows(case: Example) -> list[list[tuple[int, int]]]:
    """The places of every window in the map, in order."""
    height, width = case.op.size if isinstance(case.op.size, tuple) else (case.op.size,) * 2
    side = case.op.side
    steps = [*product(range(side), range(side))]
    corners = product(range(0, height, side), range(0, width, side))
    return [[(row + down, column + right) for down, right in steps] for row, column in corners]


def neighbours(case: Example, first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Whether two places of a rolled map were as far apart before: no edge came between."""
    sizes = case.op.size if isinstance(case.op.size, tuple) else (case.op.size,) * 2
    pairs = zip(first, second, sizes, strict=True)
    return all(
        (a + case.op.shift) % size - (b + case.op.shift) % size == a - b for a, b, size in pairs
    )


def expected(case: Example, table: Tensor) -> Tensor:
    """The number of every window, pair of places and head."""
    every = windows(case) if case.op.shift else windows(case)[:1]
    side = case.op.side
    found = torch.empty(len(every), side**2, side**2, case.op.heads)
    for number, places in enumerate(every):
        for (i, query), (j, key) in product(enumerate(places), enumerate(places)):
            down, right = query[0] - key[0] + side - 1, query[1] - key[1] + side - 1
            found[number, i, j] = table[down * (2 * side - 1) + right]
            if not neighbours(case, query, key):
                found[number, i, j] -= 100
    return found if case.op.shift else found[0]


@each_case
def test_every_pair_has_its_number(case: Example) -> None:
    module = module_of(case)
    with torch.no_grad():
        result = module(*case.tensors())
        wanted = expected(case, module.m_bias_table)
    assert all(torch.equal(one, wanted) for one in result)
