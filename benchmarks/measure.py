"""CPU time and memory of a command, as the operating system counts them."""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Cost:
    """CPU seconds, user and system, and the largest resident memory in MiB."""

    seconds: float
    mebibytes: float


@dataclass(frozen=True)
class Spread:
    """The median of several figures, the least and the most of them."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, figures: Iterable[float]) -> Spread:
        """The spread of at least one figure."""
        known = sorted(figures)
        return cls(median(known), known[0], known[-1])

    def __format__(self, form: str) -> str:
        """All three, each in the same format: `0.52 (0.50-0.61)`."""
        return f"{self.median:{form}} ({self.least:{form}}-{self.most:{form}})"


def measure(arguments: Sequence[str], times: int = 5, exit_code: int = 0) -> Cost:
    """The least cost of running Python with some arguments, which must exit as expected."""
    costs = [_run([sys.executable, *arguments], exit_code) for _ in range(times)]
    return Cost(min(c.seconds for c in costs), min(c.mebibytes for c in costs))


def in_rounds(processes: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[Cost]]:
    """The costs of running Python with the arguments of every row, once in every round.

    Rows take turns, so that other load on the machine affects all of them alike: figures of one
    round can be compared.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in processes}
    for _ in range(rounds):
        for name, arguments in processes.items():
            costs[name].append(_run([sys.executable, *arguments], exit_code=0))
    return costs


@cache
def environment() -> dict[str, str]:
    """One thread, and this archdsl, which has its byte code as an installed one does."""
    compileall.compile_dir(ROOT / "archdsl", quiet=2)
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}


def _run(command: Sequence[str], exit_code: int) -> Cost:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment())
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != exit_code:
        raise RuntimeError(f"{' '.join(command)} exits with {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
