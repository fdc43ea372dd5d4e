"""Networks tried with other values: their figures, or why the spec refuses them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeGuard

from archdsl.analysis.given import at_sizes
from archdsl.arithmetic import Value
from archdsl.diagnostics import Diagnostic, errors
from archdsl.elaborate import Elaboration
from archdsl.fitting.measuring import Measuring
from archdsl.fitting.question import Question
from archdsl.graph import Graph

ALWAYS = ("params", "macs")
"""The figures that are shown, asked for or not, if they are numbers."""


@dataclass(frozen=True)
class Trial:
    """One combination of values, and its figures; `exceeded` are those above their limit.

    A combination that the spec refuses has no figures, and `refusal` says why.
    """

    values: Mapping[str, Value]
    figures: Mapping[str, int] = field(default_factory=dict)
    exceeded: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def fits(self) -> bool:
        """Whether it meets all targets."""
        return not (self.exceeded or self.refusal)


@dataclass
class Trials:
    """All that were made, each once."""

    elaboration: Elaboration
    base: Graph
    question: Question
    measuring: Measuring
    made: dict[str, Trial] = field(default_factory=dict)

    @cached_property
    def defaults(self) -> dict[str, int | float]:
        """The parameters of the network that are numbers, with their defaults."""
        frame = self.base.tree.frame
        found = {each.name: frame.definitions[each.name].value for each in self.base.tree.numbers}
        return {name: value for name, value in found.items() if is_number(value)}

    def __call__(self, values: Mapping[str, Value]) -> Trial:
        """The trial of some values, all else that is varied at its default.

        Raises `Unanswered` where a figure is no number.
        """
        given = {**{name: self.defaults[name] for name in self.question.names}, **values}
        # Of numbers alone, `1` and `1.0` would be equal.
        key = repr(sorted(given.items()))
        if key not in self.made:
            self.made[key] = self._try(given)
        return self.made[key]

    def _try(self, values: Mapping[str, Value]) -> Trial:
        outcome = self.elaboration.attempt(self.base.name, values)
        graph, refused = outcome.whole, [each.diagnostic for each in outcome.reports]
        if graph is not None:
            graph, refused = at_sizes(graph, self.question.sizes)
        if graph is None or errors(refused):
            return Trial(values, refusal=_reason(refused))
        limits = self.question.limits
        figures = {name: self.measuring.figure(graph, name) for name in limits}
        for name in ALWAYS:
            if name not in figures and (known := self.measuring.known(graph, name)) is not None:
                figures[name] = known
        exceeded = tuple([name for name, limit in limits.items() if figures[name] > limit])
        return Trial(values, figures, exceeded)


def is_number(value: Value) -> TypeGuard[int | float]:
    """Whether a value is a number that can be varied."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _reason(refused: Iterable[Diagnostic]) -> str:
    """The first mistake, in one line."""
    for each in errors(refused):
        return f"{each.code}: {each.message}"
    return "the spec refuses it"


def said(values: Mapping[str, Value]) -> str:
    """Values for a message."""
    return ", ".join(f"{name}={value}" for name, value in values.items())
