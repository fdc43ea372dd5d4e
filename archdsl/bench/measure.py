"""Rounds of all networks in all configurations, in turns, so that other load affects all alike."""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch

from archdsl.bench.device import release
from archdsl.bench.memory import estimated
from archdsl.bench.run import Placed, TimedRun
from archdsl.bench.subjects import Subject
from archdsl.bench.ways import WAYS, Way
from archdsl.diagnostics import first_line

GRAPHS = 64
"""Limit on recompilations; PyTorch's default of 8 is too low for all configurations."""


@dataclass
class Measurement:
    """One network in one configuration: images per second per round, or the reason of a failure."""

    network: str
    way: Way
    rates: list[float]
    peak: int | None = None
    saved: int | None = None
    estimate: int | None = None
    """What is to be expected of the peak on a GPU, and of what is saved on a CPU."""
    reason: str = ""

    @property
    def median(self) -> float | None:
        """Median of the images per second over the rounds."""
        return statistics.median(self.rates) if self.rates else None

    def ratio(self, other: Measurement) -> float | None:
        """Median over the rounds of the speed relative to another network in the same round."""
        pairs = [*zip(self.rates, other.rates, strict=False)]
        return statistics.median(a / b for a, b in pairs) if pairs else None


def measure(
    subjects: Sequence[Subject], batch: int, rounds: int, say: Callable[[str], None]
) -> list[Measurement]:
    """Time networks in every configuration, in rounds; failures carry their reason.

    `say` receives a message before each preparation, because compiling takes minutes.
    """
    entries = [_Entry(subject, way, batch) for way in WAYS for subject in subjects]
    placed: dict[tuple[str, str], Placed] = {}
    with torch._dynamo.config.patch(cache_size_limit=GRAPHS), warnings.catch_warnings():
        # PyTorch's compiler advises lower precision, which would change the measurement.
        warnings.filterwarnings("ignore", "TensorFloat32")
        for number, entry in enumerate(entries, 1):
            say(f"preparing {number} of {len(entries)}: {entry.title}")
            entry.attempt(partial(entry.prepare, placed))
        for number in range(1, rounds + 1):
            say(f"round {number} of {rounds}")
            for entry in entries:
                entry.attempt(entry.round)
    return [entry.row for entry in entries]


class _Entry:
    """A row being measured."""

    def __init__(self, subject: Subject, way: Way, batch: int) -> None:
        self.subject = subject
        self.batch = batch
        self.run: TimedRun | None = None
        self.row = Measurement(subject.name, way, [])

    @property
    def title(self) -> str:
        way = self.row.way
        return f"{self.subject.name}, {way.task}, {way.mode}, {way.layout}, {way.precision}"

    def attempt(self, step: Callable[[], None]) -> None:
        """Run a step, unless an earlier one failed."""
        if self.row.reason:
            return
        try:
            step()
        except Exception as error:
            # Compilers and kernels raise many types of errors, and the other rows must continue.
            self.row.reason = _reason(error)
            self.row.rates.clear()
            self.run = None
            release()

    def prepare(self, placed: dict[tuple[str, str], Placed]) -> None:
        way = self.row.way
        key = self.subject.name, way.layout
        if key not in placed:
            placed[key] = Placed(self.subject, way.layout, self.batch)
        self.run = TimedRun(placed[key], way, self.batch)
        self.run.prepare()
        self.row.peak, self.row.saved = self.run.peak, self.run.saved
        if self.subject.graph is not None:
            self.row.estimate = estimated(self.subject.graph, self.row.way, self.batch)

    def round(self) -> None:
        assert self.run is not None
        self.row.rates.append(self.run.rate())


def _reason(error: Exception) -> str:
    """An error's type and message."""
    name, text = type(error).__name__, first_line(error)
    return name if text == name else f"{name}: {text}"
