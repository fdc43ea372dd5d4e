"""`archdsl playground`: what it serves, and what it says where there is nothing to serve."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from archdsl.cli import main
from archdsl.playground.serve import HOST, NEEDED
from tests.helpers.paths import ROOT
from tests.helpers.serving import served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "dist"
    (made / "pyodide").mkdir(parents=True)
    for name in NEEDED:
        (made / name).write_text("x", encoding="utf-8")
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    return made


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    with served(folder) as address:
        yield address


def test_a_folder_is_served_and_nothing_beside_it(address: str) -> None:
    with urlopen(f"{address}/worker.js") as found:
        assert found.headers["Content-Type"] == "text/javascript"
        assert "connect-src 'self'" in found.headers["Content-Security-Policy"]
    with urlopen(f"{address}/") as found:
        assert found.headers["Content-Security-Policy"] is None
    for path in ("../secret", "%2e%2e/secret", "no"):
        with pytest.raises(HTTPError):
            urlopen(f"{address}/{path}")


def test_a_page_that_goes_away_is_no_fault(
    address: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "page.js").write_bytes(bytes(20_000_000))
    with urlopen(f"{address}/page.js") as found:
        found.read(1)
    with urlopen(f"{address}/worker.js") as found:
        assert found.read() == b"x"
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("missing", ["index.html", "viewer.html", "examples.json"])
def test_it_says_how_to_build_what_is_not_built(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    found = CliRunner().invoke(main, ["playground", str(folder)])
    assert found.exit_code == 2
    said = " ".join(found.output.split())
    assert f"no `{missing}`" in said
    assert "`python playground/build.py DIR` builds it" in said


def test_what_is_no_playground_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x", encoding="utf-8")
    command = [sys.executable, ROOT / "playground" / "build.py", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "holds something else" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_port_in_use_is_refused(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = CliRunner().invoke(main, ["playground", str(folder), "--port", str(port)])
    assert found.exit_code == 2
    assert "choose another with `--port`" in " ".join(found.output.split())
