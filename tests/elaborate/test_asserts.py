"""What an assert that does not hold says."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.driver import check
from archdsl.files import finder
from archdsl.source import Source


@pytest.mark.parametrize(
    ("claim", "help"),
    [
        ("n.receptive_field == 5", "write `== [5, 5]`"),
        ("5 == n.receptive_field", "write `[5, 5] ==`"),
        ("n.receptive_field == 7", "write `== [7, 7]`"),
        ("n.output == 4", "write `== [4, 64, 64]`"),
        ("f.output == 10", "write `== [10]`"),
        ("n.receptive_field == [5, 7]", ""),
        ("f.params == 10", ""),
        ("open.output == 4", ""),
    ],
)
def test_a_list_against_a_number_says_what_to_write(claim: str, help: str) -> None:
    text = f"""
        network n: [3, 64, 64] = conv(4, 3) -> conv(4, 3)
        network f: [3, 8, 8] = flatten -> linear(10)
        network open: [3, h, w] = conv(4, 3)
        assert {claim}
    """
    _, (found,) = check(Source("claims.arch", text), finder(Path()))
    assert (found.code, found.help) == ("E0802", help)
