"""CPU time and memory of a command, as the operating system counts them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """CPU seconds, user and system, and the largest resident memory in MiB."""

    seconds: float
    mebibytes: float


def measure(arguments: Sequence[str], times: int = 5, exit_code: int = 0) -> Cost:
    """The least cost of running Python with some arguments, which must exit as expected."""
    costs = [_run([sys.executable, *arguments], exit_code) for _ in range(times)]
    return Cost(min(c.seconds for c in costs), min(c.mebibytes for c in costs))


def _run(command: Sequence[str], exit_code: int) -> Cost:
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != exit_code:
        raise RuntimeError(f"{' '.join(command)} exits with {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
