"""What the tests of the command line work on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.small_spec import PARAMS, SPEC


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a spec that is right and one that is wrong."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.arch").write_text(SPEC.replace("4_018", str(PARAMS)))
    (tmp_path / "wrong.arch").write_text("network n: [3, 8, 8] = conv(8, 3) -> rellu\n")
    return tmp_path
