"""`archdsl compare A B -o both.html`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archdsl.cli import main
from archdsl.outputs import BEGINNINGS

SPEC = """\
network small: [8] -> [2] = linear(8) -> relu -> linear(2)
network large: [8] -> [2] = linear(8) -> relu -> linear(8) -> relu -> linear(2)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.arch").write_text(SPEC)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["compare", *arguments])


def test_two_networks_are_a_page(folder: Path) -> None:
    without, result = run("net.arch"), run("net.arch", "-o", "both.html")
    assert (result.exit_code, result.output) == (0, without.output)
    content = (folder / "both.html").read_bytes()
    assert BEGINNINGS["html"].match(content)
    assert b'"sides":["small","large"]' in content


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["net.arch:small", "-o", "both.html"], "two networks"),
        (["net.arch", "-o", "both.svg"], "does not end in .html"),
        (["net.arch", "-o", "both"], "does not end in .html"),
    ],
)
def test_other_pages_are_refused(folder: Path, arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert [path.name for path in folder.iterdir()] == ["net.arch"]


def test_somebody_elses_page_stays(folder: Path) -> None:
    (folder / "both.html").write_text("<!doctype html><p>mine")
    result = run("net.arch", "-o", "both.html")
    assert result.exit_code == 2
    assert "E0925" in result.output
