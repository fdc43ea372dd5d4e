"""`--watch`: a command runs again when a spec has changed, or a file that it imports."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from queue import Queue

import pytest

from tests.helpers.commands import run

pytest.importorskip("watchfiles")

MAIN = "from blocks import gate\n\nnetwork n: [3, 8, 8] = stem: conv(8, 3) -> gate\n"
GATE = "block gate = mul(identity, conv(8, 1) -> sigmoid)\n"


class Screen:
    """A command that watches, and what it shows."""

    def __init__(self, *arguments: str, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "archdsl", *arguments, "--watch"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            # A test run in the background ignores SIGINT, and so would the command.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self.lines: Queue[str] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line)

    def next(self) -> str:
        """What it shows, up to where it waits."""
        shown = [self.lines.get(timeout=300)]
        while "watching" not in shown[-1]:
            shown.append(self.lines.get(timeout=300))
        return "".join(shown)

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(300) == 130
        assert self.process.stdout
        self.process.stdout.close()


def write(path: Path, text: str) -> None:
    """Write a file as editors do: a new one gets the name of the old one."""
    other = path.with_suffix(".new")
    other.write_text(text)
    other.rename(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.arch").write_text(MAIN)
    (tmp_path / "blocks.arch").write_text(GATE)
    return tmp_path


def test_check_looks_again_at_a_spec_and_what_it_imports(folder: Path) -> None:
    screen = Screen("check", "net.arch", folder=folder)
    assert "net.arch: no errors (1 network)" in screen.next()
    write(folder / "blocks.arch", GATE.replace("sigmoid", "sigmod"))
    assert "blocks.arch:1:42: error[E0201]" in screen.next()
    write(folder / "blocks.arch", GATE)
    assert "no errors" in screen.next()
    (folder / "blocks.arch").unlink()
    assert "there is no module `blocks`" in screen.next()
    write(folder / "blocks.arch", GATE)
    assert "no errors" in screen.next()
    (folder / "net.arch").unlink()
    screen.next()
    write(folder / "net.arch", MAIN)
    assert "no errors" in screen.next()
    screen.end()


def test_compile_writes_what_has_changed(folder: Path) -> None:
    write(folder / "other.arch", "network o: [3] = linear(2)\n")
    screen = Screen("compile", ".", "-o", "made", folder=folder)
    shown = screen.next()
    assert "wrote made/net.py" in shown
    assert "wrote made/other.py" in shown
    write(folder / "blocks.arch", GATE.replace("sigmoid", "tanh"))
    shown = screen.next()
    assert "wrote made/net.py" in shown
    assert "other" not in shown
    assert "Tanh" in (folder / "made/net.py").read_text()
    write(folder / "new.arch", "network k: [3] = linear(2)\n")
    assert "wrote made/new.py" in screen.next()
    screen.end()


def test_draw_draws_the_networks_that_have_changed(folder: Path) -> None:
    main = MAIN + "\nnetwork m: [3] = linear(2)\n"
    write(folder / "net.arch", main)
    screen = Screen("draw", "net.arch", "-o", "made/", "--format", "dot", folder=folder)
    shown = screen.next()
    assert "wrote made/n.dot" in shown
    assert "wrote made/m.dot" in shown
    write(folder / "net.arch", "# moved\n\n" + main.replace("linear(2)", "linear(3)"))
    shown = screen.next()
    assert "wrote made/m.dot" in shown
    assert "n.dot" not in shown
    screen.end()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["check", "-"], "standard input"),
        (["check", "net.arch", "--format", "json"], "format text"),
        (["compile", "net.arch", "-o", "-"], "writes files"),
        (["draw", "net.arch", "-o", "-"], "writes files"),
    ],
)
def test_what_cannot_be_watched_is_refused(arguments: list[str], why: str) -> None:
    result = run(*arguments, "--watch")
    assert result.exit_code == 2
    assert why in result.output


def test_without_watchfiles_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    result = run("check", "lenet:lenet5", "--watch")
    assert result.exit_code == 2
    assert ".[watch]" in result.output
