"""Joint values for all parameters of a network: what code must follow, whatever it is given.

A variant moves one parameter or two. Where defaults coincide, or two decisions matter together,
code may fit all variants and still be another network. Samples move all parameters at once: first
those beside each variant, so that every outcome of every decision is met with numbers of which no
two coincide; then some by chance, those first that decide something as none did before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import product
from random import Random

from archdsl.arithmetic import Value
from archdsl.elaborate.bends import bends
from archdsl.elaborate.decisions import Decision, Outcomes, decisions, literals
from archdsl.elaborate.draws import Draw
from archdsl.elaborate.variants import Values, Variant, variant_of
from archdsl.graph import Graph
from archdsl.tree import Activation

MOST_RANDOM, LEAST_RANDOM = 6, 2
MOST_NODES = 700
"""Between so many samples are drawn by chance, as many as the network has room for in layers."""
MOST_BUILT = 5000
"""Samples are no longer drawn when they have so many layers, and as many as all variants."""
MOST_ATTEMPTS = 4
"""So many values are proposed for one sample, until the spec takes some."""
MOST_CANDIDATES = 16
"""Of so many values one is chosen that decides something as none before."""
MOST_DECISIONS = 32


@dataclass
class Samples:
    """The samples of one network, which `build` makes if the spec takes the values.

    The lists that `keeps_lengths` names have always the same length.
    """

    graph: Graph
    variants: Sequence[Variant]
    build: Callable[[Values], Graph | None]
    keeps_lengths: Set[str] = frozenset()
    seen: set[str] = field(default_factory=set)
    """What all decisions came to, together, in the variants and samples so far."""
    tried: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        assert self.graph.tree is not None
        frame = self.graph.tree.frame
        names = [parameter.name for parameter in self.graph.tree.numbers]
        self.defaults = {name: frame.definitions[name].value for name in names}
        self.chance = Random(0)  # noqa: S311 (nothing secret)

    def run(self) -> Iterator[Variant]:
        """The samples, as far as the spec takes the values, and within bounds."""
        decided = list(self._all_decisions())
        if not self._can_differ(decided):
            return
        self.decisions = decided[:MOST_DECISIONS]
        self.near = {name: list(self._near(name)) for name in self.defaults}
        variants: list[Values] = [{}, *(variant.values for variant in self.variants)]
        self.seen |= {repr(self._outcomes(values)) for values in variants}
        self.tried |= {repr({**self.defaults, **values}) for values in variants}
        left = max(MOST_BUILT, sum(len(variant.graph) for variant in self.variants))
        for proposals in self._proposals(decided):
            for sample in self._first(proposals):
                yield sample
                left -= len(sample.graph)
            if left < 0:
                return

    def _proposals(
        self, decided: Sequence[tuple[Activation, Decision]]
    ) -> Iterator[Iterator[Values]]:
        """For every sample the values to try, until the spec takes some."""
        for number, base in enumerate(self._bases(decided)):
            yield (self._beside(base, number, attempt) for attempt in range(MOST_ATTEMPTS))
        for number in range(max(LEAST_RANDOM, min(MOST_RANDOM, MOST_NODES // len(self.graph)))):
            yield (self._unlike(number) for _ in range(MOST_ATTEMPTS))

    def _can_differ(self, decided: Sequence[object]) -> bool:
        """Whether code that fits all variants may be wrong: not where one number does nothing."""
        lists = any(isinstance(value, tuple) for value in self.defaults.values())
        return len(self.defaults) > 1 or lists or bool(self.defaults and decided)

    def _bases(self, decided: Sequence[tuple[Activation, Decision]]) -> Iterator[Values]:
        """The defaults, and the variants in which something that decides has moved.

        Beside others a sample would be one beside the defaults.
        """
        yield {}
        deciding = {name for _, decision in decided for name in decision.reads}
        for variant in self.variants:
            if variant.values.keys() & deciding:
                yield variant.values

    def _all_decisions(self) -> Iterator[tuple[Activation, Decision]]:
        """What is decided in the network and its variants, each place once."""
        graphs = [self.graph, *(variant.graph for variant in self.variants)]
        places = set()
        for find, graph in product((decisions, bends), graphs):
            assert graph.tree is not None
            for decision in find(graph):
                if decision.place not in places:
                    places.add(decision.place)
                    yield graph.tree, decision

    def _near(self, name: str) -> Iterator[Value]:
        """What a parameter is compared with."""
        for _, decision in self.decisions:
            if name in decision.reads:
                yield from literals(decision.expression)

    def _first(self, attempts: Iterable[Values]) -> Iterator[Variant]:
        """The first sample that the spec takes, if there is one."""
        for values in attempts:
            if repr(values) in self.tried:
                continue
            self.tried.add(repr(values))
            if (graph := self.build(values)) is not None:
                self.seen.add(repr(self._outcomes(values)))
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

    def _unlike(self, number: int) -> Values:
        """Values by chance, with which something is decided as never before, if there are such.

        First comes what meets the fewest conditions, so that much is passed by, then the most.
        """
        candidates = [self._by_chance(number) for _ in range(MOST_CANDIDATES)]
        outcomes = [self._outcomes(each) for each in candidates]
        unlike = [n for n, found in enumerate(outcomes) if repr(found) not in self.seen]
        if number < 2:
            unlike.sort(key=lambda n: outcomes[n].count(True), reverse=number == 1)
        return candidates[unlike[0] if unlike else 0]

    def _by_chance(self, number: int) -> Values:
        """Values by chance; in every other sample some coincide, if any are compared."""
        are_compared = any(len(decision.reads) > 1 for _, decision in self.decisions)
        draw = Draw(self.chance, (), coincide=are_compared and number % 2 == 1)
        return {
            name: draw.flag() if isinstance(default, bool) else self._drawn(draw, name)
            for name, default in self.defaults.items()
        }

    def _drawn(self, draw: Draw, name: str) -> Value:
        resized = name not in self.keeps_lengths
        return draw.value(self.defaults[name], self.near[name], resized=resized)

    def _outcomes(self, values: Values) -> list[object]:
        known: dict[Activation, Outcomes] = {}
        found: list[object] = []
        for network, decision in self.decisions:
            outcomes = known.setdefault(network, Outcomes(network, {**self.defaults, **values}))
            found.append(outcomes.of(decision))
        return found
