"""The playground, built and used in Chromium by clicks and keys."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from archdsl.playground.serve import missing
from tests.helpers.paths import ROOT
from tests.helpers.programs import needs_browser, needs_node, node
from tests.helpers.serving import served

CHECKS = Path(__file__).with_name("page_checks.mjs")
STOPS = Path(__file__).with_name("stop_checks.mjs")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("playground") / "dist"
    command = [sys.executable, str(ROOT / "playground" / "build.py"), str(folder)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if built.returncode:
        pytest.skip(f"the playground cannot be built: {built.stderr.strip()}")
    assert not missing(folder)
    with served(folder) as address:
        yield address


@needs_browser
def test_everything_works_by_clicks_and_keys(address: str) -> None:
    status, said = node(CHECKS, [address], seconds=600)
    assert status == 0, said
    assert not said


@needs_node
def test_what_waits_has_its_turn_after_a_stop(tmp_path: Path) -> None:
    module = shutil.copy(ROOT / "playground" / "src" / "python.js", tmp_path / "python.mjs")
    status, said = node(STOPS, [module])
    assert (status, said) == (0, "")
