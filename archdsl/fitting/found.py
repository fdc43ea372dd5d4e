"""What was found: the values, and a table of all that were tried."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archdsl.analysis.training_memory import Step
from archdsl.arithmetic import Value
from archdsl.backends.table.grid import Grid, Heading
from archdsl.backends.table.magnitude import Unit
from archdsl.fitting.trials import Trial, said
from archdsl.ops.parameters import shown

if TYPE_CHECKING:
    from archdsl.backends.table.cells import Cell

HEADINGS: dict[str, tuple[str, str, Unit]] = {
    "params": ("params", "params", "numbers"),
    "macs": ("MACs", "macs", "multiply-adds"),
    "peak": ("peak", "peak_bytes", "bytes"),
    "train_memory": ("train memory", "train_memory_bytes", "bytes"),
}
"""The head of a figure's column, its name for programs, and its unit."""
MEANINGS = {
    "params": "params: trainable parameters, including heads that exist only in training",
    "macs": "MACs: multiply-adds for one image, in inference",
    "peak": "peak: bytes of weights and of the most results that are in memory at once in"
    " inference, in float32",
    "train_memory": "train memory: the most bytes that are in memory at once in a training step,"
    " without what operations take while they run",
}


@dataclass(frozen=True, repr=False)
class Fit:
    """What was found: `best` meets all targets, `above` is the nearest that does not.

    `trials` are all that were made, the largest first, and those that the spec refuses last.
    `ranges` say what was searched, and `searched` how. Bytes are for `step`, and `given` are other
    values of the network.
    """

    network: str
    limits: Mapping[str, int]
    best: Trial
    above: Trial | None
    trials: tuple[Trial, ...]
    ranges: tuple[str, ...]
    searched: str
    step: Step
    given: Mapping[str, Value] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Value]:
        """The values of the parameters that were varied."""
        return dict(self.best.values)

    @property
    def figures(self) -> dict[str, int]:
        """The figures of the network with these values."""
        return dict(self.best.figures)

    @property
    def set_option(self) -> str:
        """The option that gives the network these values, and those given, in any command."""
        settings = {**self.given, **self.best.values}
        text = ",".join(f"{name}={shown(value)}" for name, value in settings.items())
        return f"--set {shlex.quote(text)}"

    def __repr__(self) -> str:
        figures = ", ".join(f"{number:,} {name}" for name, number in self.best.figures.items())
        return f"Fit({self.network!r}, {said(self.best.values)}: {figures})"

    def _repr_html_(self) -> str:
        """The table, for notebooks."""
        from archdsl.backends.table import written

        return written("html", {"": self.grid()}, self.notes())

    def data(self, most: int | None = None) -> dict[str, object]:
        """What was found as JSON has it: every trial, the largest first, or `most` of them."""
        return {
            "network": self.network,
            "targets": dict(self.limits),
            **vars(self.step),
            "ranges": [*self.ranges],
            "searched": self.searched,
            "settings": {**self.given, **self.best.values},
            "set": self.set_option,
            "best": _data(self.best),
            "above": self.above and _data(self.above),
            "trials": [_data(each) for each in self._shown(most)],
        }

    def grid(self, most: int | None = None) -> Grid:
        """The trials as a table, the largest first; of more than `most` those around the limits."""
        names, figures = [*self.best.values], [*self.best.figures]
        headings = [Heading(name, name, is_number=True) for name in names]
        for each in figures:
            text, key, unit = HEADINGS[each]
            headings.append(Heading(text, key, is_number=True, unit=unit))
        headings.append(Heading("", "result"))
        rows = [self._row(each, names, figures) for each in self._shown(most)]
        return Grid(self.network, headings, rows, keys=max(1, len(names)))

    def notes(self, most: int | None = None, units: bool = False) -> list[str]:
        """What was searched, how, and what figures mean; none is a figure, so without `units`."""
        hidden = len(self.trials) - len(self._shown(most))
        cut = f"; {hidden:,} more rows are in csv and json" if hidden else ""
        found = [f"searched {', '.join(self.ranges)}: {self.searched}{cut}"]
        if self.above is None:
            found.append("nothing that was tried is above the targets: the ranges end before them")
        if refused := [each for each in self.trials if each.refusal]:
            example = said(refused[0].values)
            found.append(f"refused by the spec: {len(refused):,}, such as {example}")
        return [*found, *[MEANINGS[name] for name in self.best.figures], *self._step()]

    def _step(self) -> list[str]:
        """What bytes are for."""
        if not self.limits.keys() & {"peak", "train_memory"}:
            return []
        for_training = f", {self.step.optimizer}, {self.step.precision}"
        if self.step.recomputed:
            for_training += f", {', '.join(self.step.recomputed)} computed again"
        return [f"batch {self.step.batch}{for_training if 'train_memory' in self.limits else ''}"]

    def _shown(self, most: int | None) -> tuple[Trial, ...]:
        if most is None or len(self.trials) <= most:
            return self.trials
        place = self.trials.index(self.best)
        start = max(0, min(place - most // 2, len(self.trials) - most))
        return self.trials[start : start + most]

    def _row(self, trial: Trial, names: Sequence[str], figures: Sequence[str]) -> list[Cell]:
        values: list[Cell] = [shown(trial.values[name]) for name in names]
        numbers: list[Cell] = [trial.figures.get(each) for each in figures]
        return [*values, *numbers, self._result(trial)]

    def _result(self, trial: Trial) -> str:
        if trial is self.best:
            return "largest that fits"
        if trial is self.above:
            return "nearest above"
        exceeded = [name.replace("_", " ") for name in trial.exceeded]
        return trial.refusal or ", ".join(f"exceeds {name}" for name in exceeded)


def _data(trial: Trial) -> dict[str, object]:
    figures = {HEADINGS[name][1]: number for name, number in trial.figures.items()}
    return {
        "values": dict(trial.values),
        **figures,
        "exceeded": [*trial.exceeded],
        "refusal": trial.refusal or None,
    }
