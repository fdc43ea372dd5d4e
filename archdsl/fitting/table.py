"""What was tried as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archdsl.backends.table.grid import Grid, Heading
from archdsl.backends.table.magnitude import Unit
from archdsl.ops.parameters import shown

if TYPE_CHECKING:
    from archdsl.backends.table.cells import Cell
    from archdsl.fitting.fit import Fit
    from archdsl.fitting.trials import Trial

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


def grid(fit: Fit, most: int | None) -> Grid:
    """The trials, the largest first; of more than `most` those around the limits."""
    names, figures = [*fit.best.values], [*fit.best.figures]
    headings = [Heading(name, name, is_number=True) for name in names]
    for each in figures:
        text, key, unit = HEADINGS[each]
        headings.append(Heading(text, key, is_number=True, unit=unit))
    headings.append(Heading("", "result"))
    rows: list[list[Cell]] = [
        [
            *[shown(trial.values[name]) for name in names],
            *[trial.figures.get(each) for each in figures],
            _result(fit, trial),
        ]
        for trial in _shown(fit, most)
    ]
    return Grid(fit.network, headings, rows, keys=max(1, len(names)))


def notes(fit: Fit, most: int | None) -> list[str]:
    """What was searched, how, and what figures mean."""
    hidden = len(fit.trials) - len(_shown(fit, most))
    cut = f"; {hidden:,} more rows are in csv and json" if hidden else ""
    refused = sum(bool(trial.refusal) for trial in fit.trials)
    found = [f"searched {', '.join(fit.ranges)}: {fit.searched}{cut}"]
    if refused:
        found.append(f"{refused:,} were refused by the spec")
    return [*found, *[MEANINGS[name] for name in fit.best.figures]]


def _shown(fit: Fit, most: int | None) -> tuple[Trial, ...]:
    if most is None or len(fit.trials) <= most:
        return fit.trials
    place = fit.trials.index(fit.best)
    start = max(0, min(place - most // 2, len(fit.trials) - most))
    return fit.trials[start : start + most]


def _result(fit: Fit, trial: Trial) -> str:
    if trial is fit.best:
        return "largest that fits"
    if trial is fit.above:
        return "nearest above"
    return trial.refusal or ", ".join(f"exceeds {name}" for name in trial.exceeded)


def data(fit: Fit) -> dict[str, object]:
    """What was found as JSON has it: every trial, the largest first."""
    return {
        "network": fit.network,
        "targets": dict(fit.limits),
        "ranges": [*fit.ranges],
        "searched": fit.searched,
        "settings": {**fit.given, **fit.best.values},
        "set": fit.set_option,
        "best": _trial(fit.best),
        "above": fit.above and _trial(fit.above),
        "trials": [_trial(each) for each in fit.trials],
    }


def _trial(trial: Trial) -> dict[str, object]:
    figures = {HEADINGS[name][1]: number for name, number in trial.figures.items()}
    return {
        "values": dict(trial.values),
        **figures,
        "exceeded": [*trial.exceeded],
        "refusal": trial.refusal or None,
    }
