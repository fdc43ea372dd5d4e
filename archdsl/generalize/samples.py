"""Joint values for all parameters of a network, which its code must follow.

A variant changes one or two parameters. If defaults coincide, or two decisions matter together,
code may fit all variants and still be wrong. Samples change all parameters at once: first starting
from each variant, so that every outcome of every decision occurs with distinct numbers. Then
accepted values are changed in one or a few places, since the spec may require numbers that fit each
other; of many such candidates, those with the most new outcomes come first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from random import Random

from archdsl.arithmetic import Value
from archdsl.generalize.coverage import Coverage
from archdsl.generalize.draws import Draw
from archdsl.generalize.variants import Fixed, Values, Variant, length_of, variant_of
from archdsl.graph import Graph

MOST_GUIDED, LEAST_GUIDED = 32, 2
MOST_NODES = 700
"""The number of random samples is this budget of layers divided by the network's, within limits."""
MOST_BUILT = 5000
"""Maximum total number of layers of samples, beyond those of all variants."""
MOST_ATTEMPTS = 4
"""Maximum number of values proposed for one sample before the spec accepts some."""
MOST_REFUSED = 12
"""The same limit for small networks, which are cheap."""
FRESH, KEPT = 24, 24
"""Candidates drawn per sample, and unused ones kept for the next."""
MOST_CHANGED = 3
"""Maximum number of parameters changed at once in accepted values."""


@dataclass
class Samples:
    """The samples of one network; `build` makes their graphs if the spec accepts the values.

    The lists named by `keeps_lengths` always have the same length.
    """

    graph: Graph
    variants: Sequence[Variant]
    build: Callable[[Values], Graph | None]
    keeps_lengths: Set[str] = frozenset()
    taken: list[Values] = field(default_factory=list)
    """All values tried that the spec accepts."""
    tried: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        frame = self.graph.tree.frame
        names = [parameter.name for parameter in self.graph.tree.numbers]
        self.defaults = {name: frame.definitions[name].value for name in names}
        self.coverage = Coverage(self.defaults)
        self.chance = Random(0)  # noqa: S311 (nothing secret)

    def run(self) -> Iterator[Variant]:
        """The samples that the spec accepts, within the limits."""
        for graph in [self.graph, *(variant.graph for variant in self.variants)]:
            self.coverage.look(graph)
        if not self._can_differ():
            return
        self.near = {name: list(self.coverage.near(name)) for name in self.defaults}
        for values in [{}, *(variant.values for variant in self.variants)]:
            self._take({**self.defaults, **values})
        left = max(MOST_BUILT, sum(len(variant.graph) for variant in self.variants))
        for proposals in self._proposals():
            for sample in self._first(proposals):
                yield sample
                left -= len(sample.graph)
            if left < 0:
                return

    def _take(self, values: Values) -> None:
        self.taken.append(values)
        self.tried.add(repr(values))
        self.coverage.note(values)

    def _proposals(self) -> Iterator[Iterable[Values]]:
        """For every sample, the values to try until the spec accepts some."""
        for number, base in enumerate(self._bases()):
            yield (self._beside(base, number, attempt) for attempt in range(MOST_ATTEMPTS))
        if any(isinstance(value, tuple) for value in self.defaults.values()):
            yield (self._longer(attempt) for attempt in range(MOST_ATTEMPTS))
        yield from self._guided()

    def _can_differ(self) -> bool:
        """Whether code that fits all variants may be wrong: not if one number decides nothing."""
        lists = any(isinstance(value, tuple) for value in self.defaults.values())
        return len(self.defaults) > 1 or lists or bool(self.defaults and self.coverage.points)

    def _bases(self) -> Iterator[Values]:
        """The defaults, and the variants that change a deciding parameter.

        A sample based on any other variant would equal one based on the defaults.
        """
        yield {}
        deciding = {*self.coverage.deciding}
        for variant in self.variants:
            if variant.values.keys() & deciding:
                yield variant.values

    def _first(self, attempts: Iterable[Values]) -> Iterator[Variant]:
        """The first sample that the spec accepts, if any."""
        for values in attempts:
            if repr(values) in self.tried or not self._keeps_lengths(values):
                continue
            self.tried.add(repr(values))
            if (graph := self.build(values)) is not None:
                self.coverage.look(graph)
                self._take(values)
                yield variant_of(self.graph, values, graph)
                return

    def _keeps_lengths(self, values: Values) -> bool:
        """Whether the lists whose lengths are fixed have them, also where they equal others."""
        fixed = self.keeps_lengths & values.keys()
        return all(length_of(values[name]) == length_of(self.defaults[name]) for name in fixed)

    def _beside(self, base: Values, number: int, attempt: int) -> Values:
        """A variant with all other numbers changed too; booleans keep their values.

        After the first attempts not all of them change, and whole numbers switch between multiples
        and other numbers.
        """
        draw = Draw(self.chance, base.values(), in_multiples=(number + attempt) % 2 == 0)
        result = {**self.defaults, **base}
        for name, default in self.defaults.items():
            stays = isinstance(default, bool) or (attempt > 1 and draw.flag())
            if name not in base and not stays:
                result[name] = self._drawn(draw, name)
        return result

    def _longer(self, attempt: int) -> Values:
        """The defaults with longer lists of distinct items.

        In shorter lists, reading an item by its index and reading the last item can coincide.
        """
        draw = Draw(self.chance, (), in_multiples=attempt % 2 == 0)
        longer = {
            name: (*default, *default[-1:], *default[-1:])
            for name, default in self.defaults.items()
            if isinstance(default, tuple) and name not in self.keeps_lengths
        }
        return {
            **self.defaults,
            **{name: draw.value(value, self.near[name]) for name, value in longer.items()},
        }

    def _guided(self) -> Iterator[Iterable[Values]]:
        """Random values, those with the most new outcomes first."""
        kept: list[Values] = []
        idle = 0
        room = max(LEAST_GUIDED, min(MOST_GUIDED, MOST_NODES // len(self.graph)))
        attempts = max(MOST_ATTEMPTS, min(MOST_REFUSED, MOST_NODES // len(self.graph)))
        for _ in range(room):
            drawn = [self._by_chance() if n % 4 == 0 else self._changed() for n in range(FRESH)]
            fresh = {repr(v): v for v in (*kept, *drawn) if repr(v) not in self.tried}
            news = {key: self.coverage.news(values) for key, values in fresh.items()}
            idle = 0 if any(news.values()) else idle + 1
            if idle > LEAST_GUIDED:
                return
            ordered = sorted(fresh, key=lambda key: -news[key])
            yield [fresh[key] for key in ordered[:attempts]]
            kept = [fresh[key] for key in ordered[1:][:KEPT] if news[key]]

    def unshown(self) -> Fixed:
        """What to fix, because it would lead to outcomes about structure that no graph has shown.

        The spec accepted no such values that were tried, but may accept others.
        """
        unmet = self.coverage.unmet()
        return Fixed(frozenset({max(unmet[0].reads)}) if unmet else frozenset())

    def _by_chance(self) -> Values:
        """Random values; in every other draw some coincide."""
        draw = Draw(self.chance, (), coincide=self.chance.random() < 0.5)
        return {
            name: draw.flag() if isinstance(default, bool) else self._drawn(draw, name)
            for name, default in self.defaults.items()
        }

    def _changed(self) -> Values:
        """Accepted values with a few changed, mostly those that decide something."""
        values = {**self.chance.choice(self.taken)}
        deciding = self.coverage.deciding
        for _ in range(self.chance.randint(1, MOST_CHANGED)):
            decides = deciding and self.chance.random() < 0.7
            name = self.chance.choice(deciding if decides else [*self.defaults])
            if isinstance(values[name], bool):
                values[name] = not values[name]
            else:
                values |= self._with_others(values, name)
        return values

    def _with_others(self, values: Values, name: str) -> Values:
        """Another value for a parameter, and sometimes for those that must fit or equal it."""
        beside = self.coverage.beside(name)
        others = [values[other] for other in beside]
        value = self._drawn(self._draw_beside(others), name, others)
        if self.chance.random() < 0.7:
            return {name: value}
        was = values[name]
        alike = beside if self.chance.random() < 0.5 else [*self.defaults]
        return {
            name: value,
            **{o: value for o in alike if type(values[o]) is type(was) and values[o] == was},
        }

    def _draw_beside(self, others: Sequence[Value]) -> Draw:
        in_multiples = self.chance.random() < 0.5
        return Draw(self.chance, others, in_multiples=in_multiples, coincide=True)

    def _drawn(self, draw: Draw, name: str, beside: Sequence[Value] = ()) -> Value:
        resized = name not in self.keeps_lengths
        near = [*self.near[name], *beside]
        return draw.value(self.defaults[name], near, resized=resized)
