"""What the server says after an edit is what it says of a text just opened.

`python -m tools.random_server_edits` looks for more.
"""

from __future__ import annotations

import pytest

from tools.random_server_edits import differences

pytest.importorskip("pygls")


@pytest.mark.parametrize("seed", [1, 6])
def test_edits_are_answered_as_new_texts(seed: int) -> None:
    assert [each for each in differences(seed, 4) if each] == []
