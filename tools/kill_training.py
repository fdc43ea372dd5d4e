"""Kills training at random moments, resumes it until it ends, and compares it with one left alone.

usage: python -m tools.kill_training [--series 0:20] [--kills 4] [--processes 1 2] [--epochs 6]
       [--preset digits]

Every series trains a tiny network on digits for several epochs, and is killed (SIGKILL, all
processes at once) several times, then resumed until it ends. Its weights, best weights and log must
equal those of the undisturbed run bit by bit, but for speeds. A series is a seed: of the network's
first weights, of the data's order, and of the moments: some lines after the start, and up to
`LATEST` seconds later. The report says where kills fell. A line per series; the exit code is 1 if
any differs.

A test runs one series with one process and one with two; twenty of each are run by hand.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import IO, Any, NoReturn

# All processes are forked from this one, so that each starts with these packages loaded.
import safetensors.torch  # noqa: F401
import sklearn.datasets  # noqa: F401
import torch.distributed.checkpoint.state_dict  # noqa: F401

from archdsl.cli import main as archdsl
from archdsl.training import loop

SPEC = """
network tiny(classes=10): [1, 8, 8] -> [classes] =
    conv(8, 3, bias=false) -> groupnorm(4) -> relu -> dropout(0.1)
    -> conv(16, 3, stride=2, bias=false) -> groupnorm(4) -> relu
    -> global_avgpool -> flatten -> linear(classes)
"""
SAVED_EVERY = 7
"""Steps between two saves: an epoch has 22."""
MOST_LINES, LATEST = 45, 0.05
"""A kill follows at most so many lines, one for a step, and comes at most so many seconds later."""
SPEEDS = ("images_per_second", "seconds_left")
"""What two equal runs may differ in."""
WEIGHTS = ("weights.safetensors", "best.safetensors")


@dataclass(frozen=True)
class Trial:
    """A network in training: where, by which seed and preset, in how many processes, how long."""

    folder: Path
    seed: int
    processes: int
    preset: str
    epochs: int

    def start(self, name: str) -> Run:
        """Start the run in the folder `name`, or go on with it."""
        reading, writing = os.pipe()
        port, children = free_port(), []
        for rank in range(self.processes):
            child = os.fork()
            if not child:
                self._train(name, rank, port, writing)
            children.append(child)
        os.close(writing)
        return Run(children, os.fdopen(reading))

    def _train(self, name: str, rank: int, port: int, writing: int) -> NoReturn:
        """Be one of the processes of a run; the first one's output is read."""
        code = 1
        try:
            stream = writing if rank == 0 else os.open(os.devnull, os.O_WRONLY)
            sys.stdout = sys.stderr = os.fdopen(stream, "w", buffering=1)
            os.chdir(self.folder)
            if self.processes > 1:
                # As `torchrun` does, but without a process that would have to be killed as well.
                ranks = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": self.processes}
                os.environ |= {key: str(value) for key, value in ranks.items()}
                os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
            loop.SAVED_EVERY = SAVED_EVERY
            options = ["--preset", self.preset, "--batch", "64", "--epochs", str(self.epochs)]
            options += ["--every", "1", "--seed", str(self.seed), "--resume", "-o", name]
            archdsl(["train", "tiny.arch", *options])
        except SystemExit as end:
            code = int(end.code or 0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)


@dataclass(frozen=True)
class Run:
    """The processes of a run, and the lines that it prints."""

    children: list[int]
    lines: IO[str]

    def finish(self) -> None:
        """Wait for its end; raises `RuntimeError` with its output if it fails."""
        text = self.lines.read()
        codes = self._ended()
        if any(codes):
            raise RuntimeError(f"a run ended with {codes}:\n{text}")

    def kill(self, lines: int, seconds: float) -> None:
        """Kill it after so many lines, or after fewer if it ends before, and a delay."""
        for _ in range(lines):
            self.lines.readline()
        time.sleep(seconds)
        for child in self.children:
            os.kill(child, signal.SIGKILL)
        self._ended()

    def _ended(self) -> list[int]:
        self.lines.close()
        return [os.waitpid(child, 0)[1] for child in self.children]


@dataclass
class Series:
    """What became of a series: where kills fell, and what differs in the end."""

    seed: int
    places: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = "; ".join(self.differences) or "equal"
        return f"series {self.seed}: {len(self.places)} kills ({', '.join(self.places)}): {told}"


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def series_of(trial: Trial, kills: int) -> Series:
    """Train twice, once undisturbed and once killed, and compare."""
    found, drawn = Series(trial.seed), random.Random(trial.seed)  # noqa: S311
    folder = trial.folder
    (folder / "tiny.arch").write_text(SPEC)
    trial.start("whole").finish()
    for _ in range(kills):
        trial.start("parts").kill(drawn.randint(1, MOST_LINES), drawn.uniform(0, LATEST))
        where = _place(folder / "parts")
        if where == "after end":
            break
        found.places.append(where)
    trial.start("parts").finish()
    found.differences += _differences(folder / "whole", folder / "parts")
    return found


def _place(folder: Path) -> str:
    """What a run was doing when it was killed, from what it left behind."""
    half = [path.name.split(".")[1] for path in folder.glob(".*.partial")]
    records = [*_records(folder)]
    last = records[-1] if records else {"kind": "nothing"}
    at = f"{last['kind']} {last['step']}" if last["kind"] in ("step", "epoch") else last["kind"]
    return f"after {at}, writing {half[0]}" if half else f"after {at}"


def _records(folder: Path) -> Iterator[dict[str, Any]]:
    """The records of a log without speeds; a line that was cut off is left out."""
    path = folder / "log.jsonl"
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        yield {key: value for key, value in record.items() if key not in SPEEDS}


def _differences(whole: Path, parts: Path) -> list[str]:
    """How two folders of runs differ; empty if they do not."""
    found = [
        f"{name} differs"
        for name in WEIGHTS
        if (whole / name).read_bytes() != (parts / name).read_bytes()
    ]
    ours, theirs = [*_records(whole)], [*_records(parts)]
    if ours != theirs:
        pairs = zip(ours, theirs, strict=False)
        first = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(ours), len(theirs)))
        found.append(f"log.jsonl differs from line {first + 1} on")
    left = sorted(path.name for path in parts.iterdir() if path.name.startswith("."))
    return found + [f"{name} is left" for name in left]


def main() -> int:
    """Run the series that were asked for, and say what became of each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--series", default="0:20", metavar="FROM:TO")
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--processes", type=int, nargs="+", default=[1])
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--preset", default="digits")
    given = parser.parse_args()
    first, last = map(int, given.series.split(":"))
    places: list[str] = []
    bad = 0
    trials = [*product(range(first, last), given.processes)]
    for seed, processes in trials:
        with tempfile.TemporaryDirectory() as folder:
            trial = Trial(Path(folder), seed, processes, given.preset, given.epochs)
            found = series_of(trial, given.kills)
        print(found, flush=True)
        bad, places = bad + bool(found.differences), places + found.places
    counts = Counter(_kind(place) for place in places)
    told = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    print(f"{len(trials)} series, {len(places)} kills ({told}), {bad} differ")
    return 1 if bad else 0


def _kind(place: str) -> str:
    """Where a kill fell, without the number of the step."""
    before, _, writing = place.partition(", ")
    return writing or " ".join(before.split()[:2])


if __name__ == "__main__":
    sys.exit(main())
