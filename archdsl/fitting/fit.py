"""The largest values of a network's parameters that meet targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archdsl.analysis.given import at_sizes
from archdsl.arithmetic import Value
from archdsl.diagnostics import errors
from archdsl.elaborate import Elaboration
from archdsl.fitting.axes import axes_of
from archdsl.fitting.found import Fit
from archdsl.fitting.measuring import Measuring
from archdsl.fitting.question import Question, option
from archdsl.fitting.refusals import Unanswered, infeasible
from archdsl.fitting.search import Search, few_of
from archdsl.fitting.trials import Trial, Trials, said
from archdsl.graph import Graph
from archdsl.work import long_work


@long_work()
def fit(
    elaboration: Elaboration,
    graph: Graph,
    question: Question,
    given: Mapping[str, Value],
    few: int | None = None,
) -> Fit:
    """The answer to a question about a network; raises `Unanswered` where there is none.

    `few` combinations are all tried, of small networks many; more are searched by bisection.
    """
    trials = Trials(elaboration, graph, question, _measuring(graph, question))
    axes = axes_of(question, trials)
    searched = Search(axes, trials, few_of(len(graph.order)) if few is None else few).run()
    order = _Order(question, trials.defaults)
    # To find the ranges others were tried, which may lie outside of ranges that were given.
    within = [each for each in trials.made.values() if all(a.holds(each.values) for a in axes)]
    made = order.sorted(within)
    ranges = tuple([axis.text for axis in axes])
    best = next((each for each in made if each.fits), None)
    above = min([each for each in made if each.exceeded], key=order.excess, default=None)
    if best is None:
        raise _nothing(graph, question, ranges, above, made)
    return Fit(
        network=graph.name,
        limits=question.limits,
        best=best,
        above=above,
        trials=tuple(made),
        ranges=ranges,
        searched=searched,
        step=question.step,
        given=dict(given),
    )


def _measuring(graph: Graph, question: Question) -> Measuring:
    """What measures; raises `Unanswered` where figures of the network as it is are no numbers."""
    measuring = Measuring(question.step)
    graph, refused = at_sizes(graph, question.sizes)
    if errors(refused):
        raise Unanswered(*errors(refused))
    for name in question.limits:
        measuring.figure(graph, name)
    return measuring


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
