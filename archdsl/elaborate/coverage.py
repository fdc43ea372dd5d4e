"""What a network decided for the values that were tried: alone, and two decisions together.

Code that fits all graphs that were seen says nothing of two outcomes that were never seen
together. What values would decide is known without building a graph, so of many values those are
built that decide most as nothing did before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from archdsl.arithmetic import Value
from archdsl.elaborate.bends import bends
from archdsl.elaborate.decisions import Decision, Outcomes, Place, decisions, literals
from archdsl.graph import Graph
from archdsl.tree import Activation

MOST_POINTS = 40
"""So many decisions are looked at together, those that decide structure before numbers."""
SEVERAL = 2
"""Loops with so many turns are like those with more."""
NEW_OUTCOME = 1000
"""An outcome that was never seen counts as much as so many pairs."""


@dataclass(frozen=True, eq=False)
class Point:
    """A decision, and the network in which it was found."""

    network: Activation
    decision: Decision


@dataclass
class Coverage:
    """The outcomes that were seen in some graphs of a network, and all pairs of them."""

    points: dict[Place, Point] = field(default_factory=dict)
    numbers: dict[tuple[Place, object], int] = field(default_factory=dict)
    """A number for every outcome that some values would have, so that pairs are small."""
    seen: set[int] = field(default_factory=set)
    pairs: set[tuple[int, int]] = field(default_factory=set)

    def note_points(self, graphs: Iterable[Graph]) -> None:
        """Look at what is decided in some graphs, each place once."""
        graphs = list(graphs)
        for find in (decisions, bends):
            for graph in graphs:
                assert graph.tree is not None
                for decision in find(graph):
                    if len(self.points) < MOST_POINTS or decision.place in self.points:
                        self.points.setdefault(decision.place, Point(graph.tree, decision))

    def note(self, values: Mapping[str, Value]) -> None:
        """Some values have been tried: what they decide is no longer new."""
        outcomes = self._outcomes(values)
        self.seen.update(outcomes)
        self.pairs.update(combinations(outcomes, 2))

    def news(self, values: Mapping[str, Value]) -> int:
        """How much values decide as no others did."""
        outcomes = self._outcomes(values)
        new = sum(outcome not in self.seen for outcome in outcomes)
        pairs = sum(pair not in self.pairs for pair in combinations(outcomes, 2))
        return NEW_OUTCOME * new + pairs

    def near(self, name: str) -> Iterator[Value]:
        """What a parameter is compared with, where that is written out."""
        for point in self.points.values():
            if name in point.decision.reads:
                yield from literals(point.decision.expression)

    def beside(self, name: str) -> list[str]:
        """The parameters that a parameter is compared with."""
        reads = (point.decision.reads for point in self.points.values())
        return sorted(set().union(*(each for each in reads if name in each)) - {name})

    @property
    def deciding(self) -> list[str]:
        """The parameters that something depends on."""
        return sorted(
            set().union(
                *(point.decision.reads | point.decision.leads for point in self.points.values())
            )
        )

    def _outcomes(self, values: Mapping[str, Value]) -> list[int]:
        """What decisions come to, in their order; those that are not made are left out."""
        known: dict[Activation, Outcomes] = {}
        found = []
        for place, point in self.points.items():
            outcomes = known.setdefault(point.network, Outcomes(point.network, values))
            if (outcome := outcomes.of(point.decision)) is not None:
                what = place, _kind(outcome, point.decision)
                found.append(self.numbers.setdefault(what, len(self.numbers)))
        return found

    def unmet(self) -> list[Decision]:
        """The decisions about structure that some values would make as none did, all others alike."""
        met = Counter(place for (place, _), number in self.numbers.items() if number in self.seen)
        proposed = Counter(place for place, _ in self.numbers)
        return [
            point.decision
            for place, point in self.points.items()
            if point.decision.is_structural and met[place] == 1 < proposed[place]
        ]


def _kind(outcome: object, decision: Decision) -> object:
    """An outcome among few: of a length whether it is none, one or several, and as before."""
    if isinstance(outcome, bool):
        return outcome
    is_same = outcome == decision.outcome
    return (min(outcome, SEVERAL), is_same) if isinstance(outcome, int) else is_same
