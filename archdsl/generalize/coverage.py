"""The outcomes of a network's decisions for the values tried so far: single ones and pairs.

Code that fits all graphs seen may be wrong for two outcomes that were never seen together. It may
also be wrong for an outcome, or for two together, that were seen at one value only, where a size
equals another by chance.
The outcomes for some values are known without building a graph, so only the values with the most
new outcomes are built.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import TypeAlias

from archdsl.arithmetic import Value
from archdsl.generalize.bends import bends
from archdsl.generalize.decisions import Decision, Location, decisions, literals
from archdsl.graph import Graph
from archdsl.provenance import Expression, Frame, Symbol, TooLong
from archdsl.substitution import Undefined, evaluate, substitute
from archdsl.tree import Instance

MOST_POINTS = 32
"""Maximum number of decisions about structure considered, and of decisions about numbers."""
MOST_COINCIDING = 6
SEVERAL = 2
"""Loops with this many iterations behave like longer ones."""
NEW_OUTCOME = 1000
"""A new outcome counts as much as this many new pairs."""
NEW_VALUE = 100
"""The same for a known outcome at a second value of a parameter that it depends on."""

Conditions: TypeAlias = tuple[tuple[Expression, bool], ...]
Place: TypeAlias = tuple[tuple[int, ...], str]
"""One or two outcomes about structure, and a parameter that their decisions read."""
VALUES = Frame("values")
"""The frame of a network's parameters, for expressions that hold in all its graphs."""


@dataclass(frozen=True, eq=False)
class Point:
    """A decision in terms of the network's parameters only, the same wherever it is made."""

    decision: Decision
    expression: Expression
    conditions: Conditions
    known: dict[tuple[str, ...], object] = field(default_factory=dict)
    """The outcomes so far, by the values of the parameters that it reads."""

    def outcome(self, values: Mapping[str, Value], texts: Mapping[str, str]) -> object | None:
        """The outcome; None if there is no value, or if the decision is not made.

        `texts` tell the values apart: `1`, `1.0` and `true` are equal.
        """
        key = tuple([texts.get(name, "") for name in self.reads])
        if key not in self.known:
            self.known[key] = self._fresh(values)
        return self.known[key]

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The parameters in its expressions."""
        read = [self.expression, *[condition for condition, _ in self.conditions]]
        return tuple(sorted({symbol.name for each in read for symbol in each.symbols}))

    def _fresh(self, values: Mapping[str, Value]) -> object | None:
        def value_of(symbol: Symbol) -> Value:
            return values[symbol.name]

        try:
            for condition, taken in self.conditions:
                if bool(evaluate(condition, value_of)) is not taken:
                    return None
            found = self.decision.measure(evaluate(self.expression, value_of))
        except Undefined:
            return None
        return _kind(found, self.decision.outcome) if self.decision.is_structural else found


def _kind(outcome: object, known: object) -> object:
    """The class of an outcome: a length is zero, one or several, and equal to `known` or not."""
    if outcome is None or isinstance(outcome, bool):
        return outcome
    return (
        min(outcome, SEVERAL) if isinstance(outcome, int) else outcome == known,
        outcome == known,
    )


def _texts(values: Mapping[str, Value]) -> dict[str, str]:
    return {name: repr(value) for name, value in values.items()}


@dataclass
class _Spelled:
    """Expressions of a graph, rewritten in the parameters of its network."""

    network: Instance
    known: dict[Symbol, Expression] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parameters = {parameter.name for parameter in self.network.block.parameters}

    def out(self, expression: Expression) -> Expression:
        """The rewritten expression; raises `TooLong`, or `LookupError` for a size of the input."""
        return substitute(expression, self._symbol)

    def point(self, decision: Decision) -> Point:
        """A rewritten decision."""
        conditions = tuple([(self.out(each), taken) for each, taken in decision.conditions])
        return Point(decision, self.out(decision.expression), conditions)

    def _symbol(self, symbol: Symbol) -> Expression:
        if symbol not in self.known:
            self.known[symbol] = self._fresh(symbol)
        return self.known[symbol]

    def _fresh(self, symbol: Symbol) -> Expression:
        if symbol.frame is None:
            raise LookupError(symbol.name)
        if symbol.frame is self.network.frame and symbol.name in self.parameters:
            return Symbol(VALUES, symbol.name)
        return self.out(symbol.frame.definitions[symbol.name].expression)


@dataclass
class Coverage:
    """The outcomes seen in the graphs of a network, and all pairs of them."""

    defaults: Mapping[str, Value]
    points: list[Point] = field(default_factory=list)
    locations: set[Location] = field(default_factory=set)
    known: set[tuple[Expression, Conditions]] = field(default_factory=set)
    numbers: dict[tuple[Point | str, object], int] = field(default_factory=dict)
    """An index for every possible outcome, so that pairs take little memory."""
    seen: set[int] = field(default_factory=set)
    pairs: set[tuple[int, int]] = field(default_factory=set)
    first: dict[Place, str] = field(default_factory=dict)
    """The value of the parameter where the outcomes were seen first."""
    varied: set[Place] = field(default_factory=set)
    """Those seen at a second value too."""

    def look(self, graph: Graph) -> None:
        """Collect the decisions in a graph of the network, equal ones once."""
        spelled = _Spelled(graph.tree)
        for decision in (*decisions(graph), *bends(graph)):
            if decision.location not in self.locations and self._has_room(decision):
                self.locations.add(decision.location)
                self._add(decision, spelled)

    def _has_room(self, decision: Decision) -> bool:
        alike = [p for p in self.points if p.decision.is_structural is decision.is_structural]
        return len(alike) < MOST_POINTS

    def _add(self, decision: Decision, spelled: _Spelled) -> None:
        try:
            point = spelled.point(decision)
        except (LookupError, TooLong):
            return
        if (point.expression, point.conditions) not in self.known:
            self.known.add((point.expression, point.conditions))
            self.points.append(point)

    def note(self, values: Mapping[str, Value]) -> None:
        """Mark the outcomes for these values as seen."""
        outcomes = self._outcomes(values)
        self.seen.update(outcomes)
        self.pairs.update(combinations(outcomes, 2))
        self.varied.update(self._at_other_values(values))
        for place, value in self._places(values):
            self.first.setdefault(place, value)

    def news(self, values: Mapping[str, Value]) -> int:
        """How many outcomes, weighted, are new for these values."""
        outcomes = self._outcomes(values)
        new = sum(outcome not in self.seen for outcome in outcomes)
        pairs = sum(pair not in self.pairs for pair in combinations(outcomes, 2))
        varied = Counter(len(found) for found, _ in self._at_other_values(values))
        return NEW_OUTCOME * new + NEW_VALUE * varied[1] + pairs + varied[2]

    def near(self, name: str) -> Iterator[Value]:
        """The literals that a parameter is compared with."""
        for point in self.points:
            if name in point.decision.reads:
                yield from literals(point.decision.expression)

    def beside(self, name: str) -> list[str]:
        """The parameters that a parameter is compared with."""
        reads = (point.decision.reads for point in self.points)
        return sorted(set().union(*(each for each in reads if name in each)) - {name})

    @property
    def deciding(self) -> list[str]:
        """The parameters that some decision depends on."""
        reads = (point.decision.reads | point.decision.leads for point in self.points)
        return sorted(set().union(*reads))

    def unmet(self) -> list[Decision]:
        """Decisions about structure that always had the same outcome, but could have another."""
        met = Counter(point for (point, _), number in self.numbers.items() if number in self.seen)
        proposed = Counter(point for point, _ in self.numbers)
        return [
            point.decision
            for point in self.points
            if point.decision.is_structural and met[point] == 1 < proposed[point]
        ]

    def _outcomes(self, values: Mapping[str, Value]) -> list[int]:
        """The indices of all outcomes, and of the parameters that changed or diverged."""
        found: list[tuple[Point | str, object]] = [*self._moved(values)]
        found += self._decided(values, _texts(values))
        return [self._number(*each) for each in found]

    def _number(self, decided: Point | str, outcome: object) -> int:
        return self.numbers.setdefault((decided, outcome), len(self.numbers))

    def _at_other_values(self, values: Mapping[str, Value]) -> Iterator[Place]:
        """The outcomes, single and in pairs, that were seen at one other value only."""
        for place, value in self._places(values):
            if place not in self.varied and self.first.get(place, value) != value:
                yield place

    def _places(self, values: Mapping[str, Value]) -> Iterator[tuple[Place, str]]:
        """The outcomes about structure, for each parameter that they depend on, and its value."""
        texts = _texts(values)
        met = [
            (self._number(point, outcome), point.reads)
            for point, outcome in self._decided(values, texts)
            if point.decision.is_structural
        ]
        for number, reads in met:
            yield from ((((number,), name), texts[name]) for name in reads)
        for (one, reads), (other, more) in combinations(met, 2):
            for name in {*reads, *more}:
                yield ((one, other), name), texts[name]

    def _decided(
        self, values: Mapping[str, Value], texts: Mapping[str, str]
    ) -> Iterator[tuple[Point, object]]:
        """The decisions that are made for these values, each with its outcome."""
        for point in self.points:
            if (outcome := point.outcome(values, texts)) is not None:
                yield point, outcome

    def _moved(self, values: Mapping[str, Value]) -> Iterator[tuple[str, object]]:
        """The parameters that differ from their defaults, and pairs that are no longer equal."""
        for name, default in self.defaults.items():
            if not isinstance(default, bool) and values[name] != default:
                yield name, "moved"
        for one, other in self.coinciding:
            if values[one] != values[other]:
                yield one, other

    @cached_property
    def coinciding(self) -> list[tuple[str, str]]:
        """The pairs of parameters with equal defaults."""
        numbers = [name for name, value in self.defaults.items() if not isinstance(value, bool)]
        pairs = combinations(numbers[:MOST_COINCIDING], 2)
        return [(a, b) for a, b in pairs if self.defaults[a] == self.defaults[b]]
