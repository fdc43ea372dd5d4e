"""The page of claims says what the analyses give now, and every claim is held by an assert."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.claims_page import CLAIMS, PAGE, page, section


def test_the_page_is_what_the_claims_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("path", CLAIMS, ids=lambda path: path.stem)
def test_a_claim_that_does_not_hold_is_refused(path: Path, tmp_path: Path) -> None:
    """Each assert with its comparison turned around."""
    lines = path.read_text(encoding="utf-8").splitlines()
    turned = {"==": "!=", "<": ">=", ">": "<="}
    places = [place for place, line in enumerate(lines) if line.startswith("assert ")]
    assert len(places) > 2
    for place in places:
        words = [turned.get(word, word) for word in lines[place].split(" ")]
        (tmp_path / path.name).write_text(
            "\n".join([*lines[:place], " ".join(words), *lines[place + 1 :]])
        )
        with pytest.raises(AssertionError, match="E0802"):
            section(tmp_path / path.name)
