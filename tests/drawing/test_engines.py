"""Programs that draw: which one is taken, and that none outlives its time."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from archdsl.drawing import render
from archdsl.drawing.engines import CHILD

SMALL = "digraph { a -> b }"
HOPELESS = f"digraph {{ {' '.join(f'{i} -> {i * 7919 % 20011};' for i in range(1, 20011))} }}"
WAIT = "import time; time.sleep(99)"
ANOTHER = f"os.spawnv(os.P_NOWAIT, sys.executable, ['python', '-c', '{WAIT}', sys.argv[0]])"
"""Starts a program that lives on; its command line has the folder of the test in it."""


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python without pygraphviz."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_package: None) -> Path:
    """The only folder with programs, besides those of the system; `dot` can be put there."""
    folder = tmp_path / "programs"
    folder.mkdir()
    system = "/usr/bin:/bin"
    if shutil.which("dot", path=system):
        system = str(folder)
    monkeypatch.setenv("PATH", f"{folder}:{system}")
    return folder


def dot(folder: Path, script: str) -> None:
    """Put a program `dot` into a folder."""
    path = folder / "dot"
    path.write_text(f"#!{sys.executable}\nimport os, sys, time\n{script}\n")
    path.chmod(0o755)


def faults(text: str = SMALL, **options: object) -> list[tuple[str, str]]:
    """What is said of a graph that has no picture."""
    picture, diagnostics = render(text, "svg", **options)
    assert picture == b""
    return [(one.code, f"{one.message} {one.help}") for one in diagnostics]


def test_without_graphviz_there_are_two_ways_out(programs: Path) -> None:
    ((code, text),) = faults()
    assert code == "E0941"
    assert "pip install 'archdsl[draw]'" in text
    assert "`dot`" in text
    assert "-o NAME.dot" in text


def test_an_engine_that_is_chosen_must_be_there(programs: Path) -> None:
    ((code, text),) = faults(engine="pygraphviz")
    assert (code, "archdsl[draw]" in text, "install Graphviz" in text) == ("E0942", True, False)
    ((code, text),) = faults(engine="dot")
    assert (code, "archdsl[draw]" in text, "install Graphviz" in text) == ("E0942", False, True)
    ((code, text),) = faults(engine="neato")
    assert (code, "`pygraphviz` and `dot`" in text) == ("E0942", True)


def test_the_program_draws_where_the_package_is_not_there(programs: Path) -> None:
    script = "sys.stdin.read(); sys.stdout.write('<svg>' + ' '.join(sys.argv[1:]) + '</svg>')"
    dot(programs, script)
    assert b">-Tsvg</svg>" in render(SMALL, "svg")[0]
    assert b"-Tpng -Gdpi=48" in render(SMALL, "png", magnified=4)[0]
    assert b"-Tpdf -Gdpi=72" in render(SMALL, "pdf", engine="dot")[0]


def test_what_is_no_svg_is_an_error(programs: Path) -> None:
    dot(programs, "sys.stdin.read(); sys.stdout.write('<svg><g>')")
    ((code, text),) = faults()
    assert (code, "an SVG" in text) == ("E0944", True)


def test_a_layout_ends_with_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = tmp_path / "child.py"
    child.write_bytes(CHILD.read_bytes())
    monkeypatch.setattr("archdsl.drawing.engines.CHILD", child)
    before = time.monotonic()
    ((code, text),) = faults(HOPELESS, seconds=1.5)
    assert (code, "longer than 1.5 s" in text) == ("E0943", True)
    assert time.monotonic() - before < 60
    assert ended(str(child))


def test_what_a_layout_has_started_ends_with_it(programs: Path) -> None:
    dot(programs, f"{ANOTHER}; time.sleep(99)")
    ((code, _),) = faults(seconds=0.7)
    assert code == "E0943"
    assert ended(str(programs))


def test_a_child_that_is_left_behind_does_not_hold_the_compiler(programs: Path) -> None:
    dot(programs, ANOTHER)
    ((code, _),) = faults(seconds=0.7)
    assert code == "E0943"
    assert ended(str(programs))


def test_nothing_survives_an_interrupt(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(process: subprocess.Popen[bytes], given: bytes, timeout: float) -> None:
        raise KeyboardInterrupt

    dot(programs, "time.sleep(99)")
    monkeypatch.setattr(subprocess.Popen, "communicate", interrupt)
    with pytest.raises(KeyboardInterrupt):
        render(SMALL, "svg")
    assert ended(str(programs))


def ended(part: str) -> bool:
    """Whether no process of this machine has a part in its command line, at once or in a moment."""
    until = time.monotonic() + 80
    while any(part in line for line in command_lines()):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def command_lines() -> Iterator[str]:
    """What every process of this machine was started with."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        # It may just have ended.
        with suppress(OSError):
            yield path.read_bytes().replace(b"\0", b" ").decode(errors="replace")


def test_a_layout_that_crashes_is_an_error(programs: Path) -> None:
    dot(programs, "sys.stderr.write('pango chatter'); sys.stderr.flush(); os.kill(os.getpid(), 11)")
    ((code, text),) = faults()
    assert (code, "Graphviz crashed (SIGSEGV)" in text) == ("E0944", True)


def test_what_cannot_be_started_is_an_error(programs: Path) -> None:
    (programs / "dot").write_bytes(b"\x7fELF of another machine")
    (programs / "dot").chmod(0o755)
    ((code, text),) = faults()
    assert (code, "exec format error" in text) == ("E0944", True)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("digraph { a -> ", "syntax error in line 1"),
        ("", "bad input"),
        ("digraph { layout=none_such; a }", 'Layout type: "none_such" not recognized'),
        ("digraph { a [label=<<b>x</i>>] }", "mismatched tag in line 1"),
    ],
)
def test_a_refusal_is_told_in_the_words_of_graphviz(text: str, part: str) -> None:
    ((code, said),) = faults(text, engine="pygraphviz")
    assert (code, part in said) == ("E0944", True), said
    assert "Traceback" not in said
    assert len(said) < 400
