"""The largest values of a network's parameters that meet targets."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archdsl.analysis.given import at_sizes
from archdsl.arithmetic import Value
from archdsl.diagnostics import errors
from archdsl.elaborate import Elaboration
from archdsl.fitting.axes import axes_of, numbers_of
from archdsl.fitting.measuring import Measuring
from archdsl.fitting.question import Question, option
from archdsl.fitting.refusals import Unanswered, infeasible
from archdsl.fitting.search import FEW, Search, said
from archdsl.fitting.trials import Trial, Trials
from archdsl.graph import Graph
from archdsl.ops.parameters import shown
from archdsl.work import long_work

if TYPE_CHECKING:
    from archdsl.backends.table import Grid


@dataclass(frozen=True, repr=False)
class Fit:
    """What was found: `best` meets all targets, `above` is the nearest that does not.

    `trials` are all that were made, the largest first, and those that the spec refuses last.
    `ranges` say what was searched, and `searched` how. `given` are other values of the network.
    """

    network: str
    limits: Mapping[str, int]
    best: Trial
    above: Trial | None
    trials: tuple[Trial, ...]
    ranges: tuple[str, ...]
    searched: str
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

    def data(self) -> dict[str, object]:
        """What was found as JSON has it."""
        from archdsl.fitting.table import data

        return data(self)

    def grid(self, most: int | None = None) -> Grid:
        """The trials as a table; of more than `most` those nearest to the limits."""
        from archdsl.fitting.table import grid

        return grid(self, most)

    def notes(self, most: int | None = None) -> list[str]:
        """What the table means, one line each."""
        from archdsl.fitting.table import notes

        return notes(self, most)

@long_work()
def fit(
    elaboration: Elaboration,
    graph: Graph,
    question: Question,
    given: Mapping[str, Value],
    few: int = FEW,
) -> Fit:
    """The answer to a question about a network; raises `Unanswered` where there is none.

    `few` combinations are all tried, more are searched by bisection.
    """
    measuring = Measuring(question.step)
    at, refused = at_sizes(graph, question.sizes)
    if errors(refused):
        raise Unanswered(*errors(refused))
    for name in question.limits:
        measuring.figure(at, name)
    trials = Trials(elaboration, graph, question, measuring)
    axes = axes_of(question, trials)
    search = Search(axes, trials, few)
    searched = search.run()
    order = _Order(question, numbers_of(graph))
    made = order.sorted(trials.made.values())
    ranges = tuple([axis.text for axis in axes])
    best = next((each for each in made if each.fits), None)
    exceeding = [each for each in made if each.exceeded]
    above = min(exceeding, key=order.excess, default=None)
    if best is None:
        raise _nothing(graph, question, ranges, above, made)
    return Fit(
        graph.name, question.limits, best, above, tuple(made), ranges, searched, dict(given)
    )


@dataclass(frozen=True)
class _Order:
    """The order of trials: the largest first, by the figures of the targets in their order.

    Of those with equal figures the one whose values are nearest to the defaults.
    """

    question: Question
    defaults: Mapping[str, int | float]

    def sorted(self, trials: Iterable[Trial]) -> list[Trial]:
        return sorted(trials, key=self._key)

    def excess(self, trial: Trial) -> tuple[float, float]:
        """By how much a trial exceeds its targets, at most, as a share."""
        limits = self.question.limits
        shares = [trial.figures[name] / limit for name, limit in limits.items()]
        return max(shares), self._distance(trial)

    def _key(self, trial: Trial) -> tuple[bool, list[int], float]:
        figures = [-trial.figures.get(name, 0) for name in self.question.limits]
        return bool(trial.refusal), figures, self._distance(trial)

    def _distance(self, trial: Trial) -> float:
        return sum(
            abs(float(value) - self.defaults[name]) / max(1, abs(self.defaults[name]))
            for name, value in trial.values.items()
            if isinstance(value, int | float)
        )


def _nothing(
    graph: Graph,
    question: Question,
    ranges: Sequence[str],
    nearest: Trial | None,
    made: Sequence[Trial],
) -> Unanswered:
    """No values meet the targets; the nearest are named."""
    asked = " and ".join(f"{option(name)} {limit:,}" for name, limit in question.limits.items())
    message = f"no value of {', '.join(ranges)} makes `{graph.name}` meet {asked}"
    if nearest is None:
        return infeasible(message, f"the spec refuses them all: {made[0].refusal}")
    figures = ", ".join(f"{name} {nearest.figures[name]:,}" for name in question.limits)
    return infeasible(message, f"the nearest is {said(nearest.values)}, with {figures}")
