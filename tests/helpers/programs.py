"""Programs that some tests need and not every machine has."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.helpers.paths import ROOT

MODULES = ROOT / "tests" / "viewer" / "node_modules"
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


@cache
def _has_browser() -> bool:
    return shutil.which("chromium") is not None and (MODULES / "playwright-core").is_dir()


needs_browser = pytest.mark.skipif(
    shutil.which("node") is None or not _has_browser(),
    reason="chromium or playwright-core is not installed",
)


def node(script: Path, arguments: Sequence[str | Path], seconds: int = 900) -> tuple[int, str]:
    """Run a script; its exit status, and what it printed."""
    program = shutil.which("node")
    assert program is not None
    command = [program, str(script), *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=seconds, check=False, cwd=ROOT
    )
    return done.returncode, done.stdout + done.stderr
