"""Joint values for all parameters of a network: what code must follow, whatever it is given.

A variant moves one parameter or two. Where defaults coincide, or two decisions matter together,
code may fit all variants and still be another network. Samples move all parameters at once: first
those beside each variant, so that every outcome of every decision is met with numbers of which no
two coincide. Then values that the spec took are changed in a place or two, as it may ask for
numbers that fit each other, and of many such values those come first that decide most as none did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from random import Random

from archdsl.arithmetic import Value
from archdsl.generalize.coverage import Coverage
from archdsl.generalize.draws import Draw
from archdsl.generalize.variants import Fixed, Values, Variant, variant_of
from archdsl.graph import Graph

MOST_GUIDED, LEAST_GUIDED = 32, 2
MOST_NODES = 700
"""Between so many samples are drawn by chance, as many as the network has room for in layers."""
MOST_BUILT = 5000
"""Samples are no longer drawn when they have so many layers, and as many as all variants."""
MOST_ATTEMPTS = 4
"""So many values are proposed for one sample, until the spec takes some."""
MOST_REFUSED = 12
"""In small networks so many, as it costs little."""
FRESH, KEPT = 24, 24
"""So many values are drawn for a sample, and so many of the others kept for the next."""
MOST_CHANGED = 3
"""So many parameters change at once in values that the spec took."""


@dataclass
class Samples:
    """The samples of one network, which `build` makes if the spec takes the values.

    The lists that `keeps_lengths` names have always the same length.
    """

    graph: Graph
    variants: Sequence[Variant]
    build: Callable[[Values], Graph | None]
    keeps_lengths: Set[str] = frozenset()
    taken: list[Values] = field(default_factory=list)
    """All values that the spec takes, as far as they were tried."""
    tried: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        frame = self.graph.tree.frame
        names = [parameter.name for parameter in self.graph.tree.numbers]
        self.defaults = {name: frame.definitions[name].value for name in names}
        self.coverage = Coverage(self.defaults)
        self.chance = Random(0)  # noqa: S311 (nothing secret)

    def run(self) -> Iterator[Variant]:
        """The samples, as far as the spec takes the values, and within bounds."""
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
        """For every sample the values to try, until the spec takes some."""
        for number, base in enumerate(self._bases()):
            yield (self._beside(base, number, attempt) for attempt in range(MOST_ATTEMPTS))
        if any(isinstance(value, tuple) for value in self.defaults.values()):
            yield (self._longer(attempt) for attempt in range(MOST_ATTEMPTS))
        yield from self._guided()

    def _can_differ(self) -> bool:
        """Whether code that fits all variants may be wrong: not where one number does nothing."""
        lists = any(isinstance(value, tuple) for value in self.defaults.values())
        return len(self.defaults) > 1 or lists or bool(self.defaults and self.coverage.points)

    def _bases(self) -> Iterator[Values]:
        """The defaults, and the variants in which something that decides has moved.

        Beside others a sample would be one beside the defaults.
        """
        yield {}
        deciding = {*self.coverage.deciding}
        for variant in self.variants:
            if variant.values.keys() & deciding:
                yield variant.values

    def _first(self, attempts: Iterable[Values]) -> Iterator[Variant]:
        """The first sample that the spec takes, if there is one."""
        for values in attempts:
            if repr(values) in self.tried:
                continue
            self.tried.add(repr(values))
            if (graph := self.build(values)) is not None:
                self.coverage.look(graph)
                self._take(values)
                yield variant_of(self.graph, values, graph)
                return

    def _beside(self, base: Values, number: int, attempt: int) -> Values:
        """A variant in which all other numbers move too, and flags stay what they are.

        After the first attempts not all of them move, and whole numbers as multiples or otherwise.
        """
        draw = Draw(self.chance, base.values(), in_multiples=(number + attempt) % 2 == 0)
        result = {**self.defaults, **base}
        for name, default in self.defaults.items():
            stays = isinstance(default, bool) or (attempt > 1 and draw.flag())
            if name not in base and not stays:
                result[name] = self._drawn(draw, name)
        return result

    def _longer(self, attempt: int) -> Values:
        """The defaults with longer lists, of which no two items coincide.

        What reads an item by its index, and what reads the last, are one in shorter lists.
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
        """Values by chance, those first that decide most as nothing did before."""
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
        """What must not move: it would decide about structure as no graph that was seen.

        The spec never took such values, as far as they were tried, but may take others.
        """
        unmet = self.coverage.unmet()
        return Fixed(frozenset({max(unmet[0].reads)}) if unmet else frozenset())

    def _by_chance(self) -> Values:
        """Values by chance, of which some coincide in every other draw."""
        draw = Draw(self.chance, (), coincide=self.chance.random() < 0.5)
        return {
            name: draw.flag() if isinstance(default, bool) else self._drawn(draw, name)
            for name, default in self.defaults.items()
        }

    def _changed(self) -> Values:
        """Values that the spec took, with a few changed, mostly such that decide something."""
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
        """Another value for a parameter, and sometimes for those that must fit it or equal it."""
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
