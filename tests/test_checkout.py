"""What is tested is the tree that the tests stand in, whichever archdsl is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import archdsl
from tests.helpers.paths import ROOT

WHERE = "import archdsl; print(archdsl.__file__)"


def test_archdsl_is_that_of_this_tree() -> None:
    assert Path(archdsl.__file__) == ROOT / "archdsl" / "__init__.py"


def test_processes_have_the_archdsl_of_this_tree(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WHERE]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert Path(found.strip()) == ROOT / "archdsl" / "__init__.py"
