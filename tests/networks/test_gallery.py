"""The gallery holds the pictures that archdsl draws, as far as the compiler decides them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.paths import SPECS
from tests.helpers.pipeline import graphs
from tools.gallery import FOLDER, dot, page

FILES = sorted(SPECS.glob("*.arch"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_pictures_of_a_file(file: Path) -> None:
    for name, graph in graphs(file).items():
        assert (FOLDER / f"{name}.dot").read_bytes() == dot(graph), name


def test_the_page_and_nothing_beside_it() -> None:
    names = {name for file in FILES for name in graphs(file)}
    files = {"README.md", *[f"{name}.{form}" for name in names for form in ("dot", "svg")]}
    assert {path.name for path in FOLDER.iterdir()} == files
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == page()


def test_no_picture_is_large() -> None:
    assert max(path.stat().st_size for path in FOLDER.glob("*.svg")) < 200_000
