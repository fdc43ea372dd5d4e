"""Command lines and what they end with: a table."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from archdsl.cli import main

TABLE = [
    # Fine.
    ("check net.arch", 0),
    ("check .", 1),
    ("check blocks.arch", 0),
    ("compile net.arch", 0),
    ("compile net.arch -o -", 0),
    ("summary net.arch:small --at batch=2", 0),
    ("compare net.arch resnet18", 0),
    ("draw net.arch:small -o small.dot", 0),
    ("networks resnet", 0),
    ("explain E0301", 0),
    ("--version", 0),
    ("-V", 0),
    ("-h", 0),
    # A spec is wrong.
    ("check wrong.arch", 1),
    ("check net.arch wrong.arch", 1),
    ("check latin.arch", 1),
    ("check assert.arch", 1),
    ("compile wrong.arch", 1),
    ('compile net.arch:small --set classes="ten"', 1),
    ("summary wrong.arch", 1),
    ("draw wrong.arch -o x.dot", 1),
    # What would be written is not there.
    ("compile net.arch --check", 1),
    # Wrong usage.
    ("check", 2),
    ("check nowhere.arch", 2),
    ("check net.arch:none", 2),
    ("check resnet5", 2),
    ("check net.arch --color red", 2),
    ("paint net.arch", 2),
    ("compile blocks.arch", 2),
    ("compile net.arch --set clases=7", 2),
    ("compile net.arch --set classes", 2),
    ("summary net.arch --at k=7", 2),
    ("summary net.arch --columns x", 2),
    ("draw net.arch -o x.jpg", 2),
    ("draw net.arch:small -o x.dot --expand fc.none", 2),
    ("explain E9999", 2),
    ("networks nosuch", 2),
    # What cannot be written.
    ("compile net.arch -o /proc/none", 2),
    ("compile net.arch -o edited.py", 2),
    ("compile my-net.arch", 2),
    ("draw net.arch:small -o edited.dot", 2),
    ("draw net.arch:small -o net.arch/x.dot", 2),
]


@pytest.mark.parametrize(("line", "code"), TABLE, ids=[line for line, _ in TABLE])
def test_a_command_line_ends_with(folder: Path, line: str, code: int) -> None:
    text = (folder / "net.arch").read_text()
    (folder / "my-net.arch").write_text(text)
    (folder / "assert.arch").write_text(text + "assert small.params == 1\n")
    (folder / "blocks.arch").write_text("block b(out) = conv(out, 3)\n")
    (folder / "latin.arch").write_bytes(b"# \xe4\n")
    (folder / "edited.py").write_text("mine = 1\n")
    (folder / "edited.dot").write_text("Dear Sir or Madam")
    result = CliRunner().invoke(main, line.split(" "))
    assert result.exit_code == code, result.output
    assert (folder / "edited.py").read_text() == "mine = 1\n"


@pytest.mark.parametrize(("ended_by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_command_as_shells_have_it(
    folder: Path, ended_by: signal.Signals, code: int
) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "archdsl", "check", "-"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # A shell starts programs in the background with Ctrl-C ignored, and they pass that on.
    heeding = partial(signal.signal, ended_by, signal.SIG_DFL)
    with subprocess.Popen(command, text=True, preexec_fn=heeding, **pipes) as running:  # type: ignore[call-overload]
        # It waits for its input as soon as it has imported what reads it.
        next(line for line in running.stderr if "archdsl.specs" in line)
        os.kill(running.pid, ended_by)
        ended = running.wait(60)
        assert (ended if ended >= 0 else 128 - ended) == code
        assert "Traceback" not in running.stderr.read()
        assert running.stdout.read() == ""
