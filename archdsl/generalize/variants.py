"""Networks with other parameter values, which show what generated code must not freeze.

Every parameter is changed once, if the spec accepts another value. Then parameters are changed,
alone and in pairs, until everything that depends on them has had another outcome: every condition,
the length of every loop, every label.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import chain, islice, product
from typing import TypeAlias

from archdsl.arithmetic import Value
from archdsl.generalize.decisions import Decision, Location, Outcomes, decisions, literals
from archdsl.graph import Graph
from archdsl.ops import OPS
from archdsl.ops.parameters import Word
from archdsl.tree import Instance

MOST_VARIANTS = 24
"""Maximum number of graphs built per network, and of those tried per decision."""
MOST_TRIED = 6
MOST_VALUES = 40
MOST_ITEMS = 8
MOST_PAIRED = 12
"""Maximum number of values of each of two parameters: so many that some lie beside a literal."""
WORDS = sorted(
    {word for op in OPS.values() for kind in op.parameters().values() if isinstance(kind, Word)
     for word in kind.words}
)  # fmt: skip

Values: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True)
class Fixed:
    """What code cannot follow in a network: parameters, and the lengths of lists."""

    parameters: frozenset[str] = frozenset()
    lengths: frozenset[str] = frozenset()
    unmoved: frozenset[str] = frozenset()
    """Parameters for which no other value was found."""
    computed: frozenset[str] = frozenset()
    """Parameters whose defaults depend on other parameters."""

    def __or__(self, other: Fixed) -> Fixed:
        return Fixed(
            self.parameters | other.parameters,
            self.lengths | other.lengths,
            self.unmoved | other.unmoved,
            self.computed | other.computed,
        )


@dataclass(frozen=True, eq=False)
class Variant:
    """The graph of a network whose parameters differ from their `defaults`.

    `other_lengths` are the parameters that are lists of another length.
    """

    network: str
    values: Values
    graph: Graph
    other_lengths: frozenset[str] = frozenset()
    defaults: Values = field(default_factory=dict)


def variant_of(original: Graph, values: Values, graph: Graph) -> Variant:
    """A variant from the graph of a network with the given values."""
    tree = original.tree
    defaults = {each.name: tree.frame.definitions[each.name].value for each in tree.numbers}
    moved = {n: v for n, v in values.items() if not _is_same(v, defaults[n])}
    resized = [n for n, v in moved.items() if length_of(v) != length_of(defaults[n])]
    return Variant(original.name, moved, graph, frozenset(resized), defaults)


def _is_same(a: Value, b: Value) -> bool:
    # `1`, `1.0` and `true` are equal, but are different values.
    return repr(a) == repr(b)


def unmoved(graphs: Mapping[str, Graph], variants: Iterable[Variant]) -> dict[str, Fixed]:
    """The parameters, by network name, for which no other value was found."""
    moved = {(variant.network, name) for variant in variants for name in variant.values}
    result = {}
    for network, graph in graphs.items():
        names = [parameter.name for parameter in graph.tree.numbers]
        if still := frozenset(name for name in names if (network, name) not in moved):
            result[network] = Fixed(still, unmoved=still)
    return result


def computed(graphs: Mapping[str, Graph]) -> dict[str, Fixed]:
    """The parameters, by network name, whose defaults are computed and do not fit a signature."""
    result = {}
    for network, graph in graphs.items():
        own = {parameter.name for parameter in graph.tree.block.parameters}
        if names := own.intersection(graph.tree.locals):
            result[network] = Fixed(frozenset(names), computed=frozenset(names))
    return result


@dataclass
class Search:
    """The variants of one network; `build` makes their graphs if the spec accepts the values."""

    graph: Graph
    build: Callable[[Values], Graph | None]
    keeps_lengths: Set[str] = frozenset()
    found: list[Variant] = field(default_factory=list)
    tried: set[str] = field(default_factory=set)
    locations: set[Location] = field(default_factory=set)

    def __post_init__(self) -> None:
        tree = self.graph.tree
        names = [parameter.name for parameter in tree.numbers]
        self.defaults = {name: tree.frame.definitions[name].value for name in names}

    def run(self) -> list[Variant]:
        """The variants; a parameter missing from all of them has no other value."""
        for name, default in self.defaults.items():
            self._first({name: value} for value in islice(self._others(name, default), MOST_VALUES))
        self._decide({}, self.graph)
        for variant in self.found:
            # This appends variants, which are handled in later iterations.
            self._decide(variant.values, variant.graph)
        return self.found

    def _others(self, name: str, default: Value, near: Iterable[Value] = ()) -> Iterator[Value]:
        for value in others(default, [*near]):
            if name not in self.keeps_lengths or length_of(value) == length_of(default):
                yield value

    def _first(self, attempts: Iterable[Values]) -> Variant | None:
        """The first variant that can be built."""
        for values in attempts:
            if repr(values) not in self.tried and len(self.found) < MOST_VARIANTS:
                self.tried.add(repr(values))
                if (graph := self.build(values)) is not None:
                    self.found.append(variant_of(self.graph, values, graph))
                    return self.found[-1]
        return None

    def _decide(self, given: Values, graph: Graph) -> None:
        """Find other outcomes for the decisions made with the given values."""
        alike = [v.values for v in self.found if given.items() <= v.values.items()]
        outcomes = [Outcomes(graph.tree, values) for values in alike]
        new = [each for each in decisions(graph) if each.location not in self.locations]
        self.locations |= {each.location for each in new}
        for decision in new:
            if any(_is_other(decision, each) for each in outcomes):
                continue
            attempts = islice(self._attempts(given, decision, graph.tree), MOST_TRIED)
            if variant := self._first(attempts):
                outcomes.append(Outcomes(graph.tree, variant.values))

    def _attempts(self, given: Values, decision: Decision, network: Instance) -> Iterator[Values]:
        """Values that give a decision another outcome, those with few changed parameters first."""
        near = [*literals(decision.expression)]
        moved = [
            [{name: v} for v in islice(self._others(name, self.defaults[name], near), MOST_VALUES)]
            for name in (*sorted(decision.reads), *sorted(decision.leads - decision.reads))
        ]
        alone = chain.from_iterable(moved[: len(decision.reads)])
        pairs = (a | b for i, first in enumerate(moved) for second in moved[:i]
                 for a, b in product(first[:MOST_PAIRED], second[:MOST_PAIRED]))  # fmt: skip
        for values in chain(alone, pairs):
            every = {**given, **values}
            if _is_other(decision, Outcomes(network, every)):
                yield every


def _is_other(decision: Decision, outcomes: Outcomes) -> bool:
    return outcomes.of(decision) not in (None, decision.outcome)


def others(value: Value, near: Iterable[Value] = ()) -> Iterator[Value]:
    """Other values of the same kind, those most likely to be accepted first.

    `near` are values that the parameter is compared with.
    """
    seen = [value]
    for other in _others(value, [*near]):
        if other not in seen:
            seen.append(other)
            yield other


def _others(value: Value, near: list[Value]) -> Iterator[Value]:
    match value:
        case bool():
            yield not value
        case int():
            yield from (2 * value, value + 1, value - 1, value + 2, 2 * value + 1, 3 * value)
            numbers = [int(n) for n in near if isinstance(n, int | float)]
            yield from (n + step for n in numbers for step in (0, 1, -1, 2, -2))
            yield from (value // 2, 1, 2, 3, 4, 0)
        case float():
            yield from (value * 1.5, value / 2, value + 1)
            fractions = [float(n) for n in near if isinstance(n, int | float)]
            yield from (n + step for n in fractions for step in (0.0, 0.1, -0.1))
            yield from (0.5, 1.0, 0.1, 0.0)
        case str():
            yield from (word for word in near if isinstance(word, str))
            yield f"{value}2"
            yield from WORDS
        case tuple():
            yield from _other_lists(value, near)


def _other_lists(value: tuple[Value, ...], near: list[Value]) -> Iterator[Value]:
    """All items changed at once, then each of the first few, then other lengths."""
    each = [[*islice(others(item, near), MOST_TRIED)] for item in value]
    yield from zip(*each, strict=False)
    beside = [[other for other in others(item, near) if _is_beside(other, near)] for item in value]
    yield from _one_moved(value, beside)
    yield from _one_moved(value, each)
    if value:
        yield (*value, value[-1])
        yield value[:-1]


def _is_beside(value: Value, near: list[Value]) -> bool:
    """Whether a value equals one of `near`, or is adjacent to a number in it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return any(isinstance(n, int | float) and abs(value - n) <= 1 for n in near)
    return value in near


def _one_moved(value: tuple[Value, ...], each: list[list[Value]]) -> Iterator[tuple[Value, ...]]:
    """Lists with one of the first items changed, most likely values first."""
    for rank in range(MOST_TRIED):
        for index, items in enumerate(each[:MOST_ITEMS]):
            if rank < len(items):
                yield (*value[:index], items[rank], *value[index + 1 :])


def length_of(value: Value) -> int:
    """The number of items of a list; of anything else -1."""
    return len(value) if isinstance(value, tuple) else -1
