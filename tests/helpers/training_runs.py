"""Helpers of training tests: small specs, short runs, and their results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from archdsl.cli import main

RESNET = """
network small(classes=10): [1, 12, 12] -> [classes] =
    conv(16, 3, bias=false) -> bn -> relu
    -> basic(16) -> basic(32, stride=2) -> basic(64, stride=2)
    -> global_avgpool -> flatten -> linear(classes)
"""
TINY = """
network tiny(classes=10): [1, 8, 8] -> [classes] =
    conv(8, 3, bias=false) -> groupnorm(4) -> relu -> dropout(0.1)
    -> conv(16, 3, stride=2, bias=false) -> groupnorm(4) -> relu
    -> global_avgpool -> flatten -> linear(classes)
"""
SAME = TINY.replace(" -> dropout(0.1)", "")
"""Without dropout, which draws different numbers in every process."""

Record = dict[str, Any]


def train(spec: str, *arguments: str) -> Result:
    """Run the command in the current folder, in this process."""
    Path("net.arch").write_text(spec)
    result = CliRunner().invoke(main, ["train", "net.arch", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def train_apart(spec: str, *arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command in a separate process, after some code."""
    Path("net.arch").write_text(spec)
    program = f"{code}\nfrom archdsl.cli import main\nmain()"
    command = [sys.executable, "-c", program, "train", "net.arch", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=600)


ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def records(folder: str, kind: str = "step") -> list[Record]:
    """The records in a run's log."""
    lines = (Path(folder) / "log.jsonl").read_text().splitlines()
    return [record for record in map(json.loads, lines) if record["kind"] == kind]


def losses(folder: str) -> list[float]:
    return [record["loss"] for record in records(folder)]
