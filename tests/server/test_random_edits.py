"""What the server says after an edit is what it says of a text just opened.

`python -m tools.random_server_edits` looks for more.
"""

from __future__ import annotations

import pytest

from tools.random_server_edits import differences, pairs

pytest.importorskip("pygls")


def test_edits_are_answered_as_new_texts() -> None:
    with pairs() as clients:
        found = [each for seed in (1, 6) for each in differences(seed, 4, clients) if each]
    assert found == []
