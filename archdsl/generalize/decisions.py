"""The decisions that a network's structure depends on: conditions, loops, labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import TypeAlias

from archdsl import tree
from archdsl.arithmetic import Value
from archdsl.graph import Graph
from archdsl.provenance import Expression, Format, Frame, Literal, Operation, Symbol, Term
from archdsl.source import Span
from archdsl.substitution import Undefined, evaluate

MOST_TURNS = 4
"""Maximum number of iterations, or levels of a recursion, with separate decisions.

Later ones count as the last of these."""

MOST_SYMBOLS = 20
"""Maximum number of symbols whose definitions are searched for literals."""

Around: TypeAlias = tuple[tuple[Span | None, int], ...]
Measure: TypeAlias = Callable[[Value], object]
Location: TypeAlias = tuple[Span | None, Around]


@dataclass(frozen=True)
class Path:
    """The path to a node: the branches of conditions and iterations of loops around it.

    `conditions` are the expressions of the conditions, each with the branch taken.
    """

    around: Around = ()
    conditions: tuple[tuple[Expression, bool], ...] = ()

    def into(self, condition: tree.ConditionNode) -> Path:
        """The path into the branch of an `if` that was taken."""
        taken = (condition.condition.expression, condition.taken)
        step = (condition.site, condition.taken)
        # Only a recursion takes the same branch of the same condition again.
        is_deep = self.around.count(step) >= MOST_TURNS
        return Path(self.around if is_deep else (*self.around, step), (*self.conditions, taken))

    def turn(self, loop: tree.LoopNode, number: int) -> Path:
        """The path into an iteration of a loop."""
        around = (*self.around, (loop.site, min(number, MOST_TURNS - 1)))
        return Path(around, self.conditions)


@dataclass(frozen=True, eq=False)
class Decision:
    """An expression that decides something, and its outcome.

    `measure` extracts the relevant part of its value: the length of a list. `reads` are the
    network's parameters that it depends on; `location` (its syntax and the path to it) identifies
    it. It is made only if the `conditions` on that path are met.
    """

    expression: Expression
    measure: Measure
    outcome: object
    reads: Set[str]
    location: Location
    conditions: tuple[tuple[Expression, bool], ...] = ()
    leads: Set[str] = frozenset()
    """The network's parameters that the conditions depend on."""
    is_structural: bool = True
    """Whether another outcome changes the layers, not only numbers."""


def decisions(graph: Graph) -> list[Decision]:
    """The decisions that depend on a network's parameters, in the order of the network."""
    reads = Reads(graph.tree)
    found = []
    for node, path in nodes_of(graph.tree):
        for frame in frames_of(node):
            reads.note(frame)
        seen: dict[Span | None, int] = {}
        for site, term, measure in _deciding(node):
            before = seen.get(site, 0)
            turn = min(before, MOST_TURNS - 1)
            seen[site] = before + 1
            if names := reads.of(term.expression):
                location = site, (*path.around, (site, turn)) if turn else path.around
                leads = reads.of_all(path.conditions)
                outcome = measure(term.value)
                found.append(
                    Decision(
                        term.expression, measure, outcome, names, location, path.conditions, leads
                    )
                )
    return found


def nodes_of(instance: tree.Instance) -> Iterator[tuple[tree.Node, Path]]:
    """All nodes of a tree, including those of its blocks, each with its path."""
    whole = tree.CallNode(None, None, instance, 0)
    stack: list[tuple[tree.Node, Path]] = [(whole, Path())]
    while stack:
        node, path = stack.pop()
        yield node, path
        stack += reversed([*_below(node, path)])


def _below(node: tree.Node, path: Path) -> Iterator[tuple[tree.Node, Path]]:
    """The children of a node, each with its path."""
    match node:
        case tree.CallNode(instance=instance):
            yield instance.body, path
        case tree.ConditionNode(child=child):
            yield child, path.into(node)
        case tree.LoopNode(iterations=iterations):
            for number, iteration in enumerate(iterations):
                yield iteration.child, path.turn(node, number)
        case _:
            for child in tree.children(node):
                yield child, path


def frames_of(node: tree.Node) -> list[Frame]:
    """The frames that a node introduces, in an order of evaluation."""
    match node:
        case tree.CallNode(instance=instance):
            return [instance.frame]
        case tree.ConditionNode(entry=entry, exit=exit):
            return [entry, exit]
        case tree.LoopNode(iterations=iterations, exit=exit):
            return [*(iteration.frame for iteration in iterations), exit]
    return []


def _deciding(node: tree.Node) -> Iterator[tuple[Span | None, Term, Measure]]:
    match node:
        case tree.ConditionNode(site=site, condition=condition):
            yield site, condition, bool
        case tree.LoopNode(site=site, header=header):
            yield site, header, _length
        case tree.OpNode(key=key) | tree.CallNode(key=key) | tree.GroupNode(key=key):
            if key is not None and not isinstance(key.expression, Literal):
                yield node.site, key, str
    if isinstance(node, tree.OpNode):
        # An op may be written in another form then, in which nothing reads the argument.
        for argument in node.arguments.values():
            if isinstance(argument, Term) and isinstance(argument.value, bool):
                yield node.site, argument, bool
    if isinstance(node, tree.CallNode):
        for site, term in node.instance.unrolled:
            yield site, term, _length if isinstance(term.value, tuple) else bool


def _length(value: Value) -> int:
    return len(value) if isinstance(value, tuple) else -1


@dataclass
class Reads:
    """The network parameters that an expression reads, directly or through other numbers."""

    network: tree.Instance
    known: dict[Symbol, Set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parameters = {parameter.name for parameter in self.network.block.parameters}

    def note(self, frame: Frame) -> None:
        """Resolve a frame's symbols now, so that chains of them stay short."""
        for name, term in frame.definitions.items():
            if term.expression.symbols:
                self._symbol(Symbol(frame, name))

    def of(self, expression: Expression) -> Set[str]:
        """The names of the parameters."""
        return frozenset().union(*map(self._symbol, expression.symbols))

    def of_all(self, conditions: Iterable[tuple[Expression, bool]]) -> Set[str]:
        """The names of the parameters read by some conditions."""
        return frozenset().union(*(self.of(expression) for expression, _ in conditions))

    def _symbol(self, symbol: Symbol) -> Set[str]:
        if symbol not in self.known:
            self.known[symbol] = self._fresh(symbol)
        return self.known[symbol]

    def _fresh(self, symbol: Symbol) -> Set[str]:
        if symbol.frame is None:
            return frozenset()
        own = symbol.frame is self.network.frame and symbol.name in self.parameters
        defined = symbol.frame.definitions[symbol.name].expression
        return self.of(defined) | (frozenset({symbol.name}) if own else frozenset())


@dataclass
class Outcomes:
    """The outcomes of decisions if some parameters of a network have other values."""

    network: tree.Instance
    values: Mapping[str, Value]
    known: dict[Symbol, Value] = field(default_factory=dict)

    def of(self, decision: Decision) -> object | None:
        """The outcome; None if there is no value, or if the decision is not made."""
        try:
            for condition, taken in decision.conditions:
                if bool(evaluate(condition, self._value)) is not taken:
                    return None
            return decision.measure(evaluate(decision.expression, self._value))
        except Undefined:
            return None

    def _value(self, symbol: Symbol) -> Value:
        if symbol not in self.known:
            self.known[symbol] = self._fresh(symbol)
        return self.known[symbol]

    def _fresh(self, symbol: Symbol) -> Value:
        assert symbol.frame is not None
        if symbol.frame is self.network.frame and symbol.name in self.values:
            return self.values[symbol.name]
        return evaluate(symbol.frame.definitions[symbol.name].expression, self._value)


def literals(expression: Expression) -> Iterator[Value]:
    """The literal numbers and strings in an expression, and in what its symbols are defined by.

    A block may decide by a parameter what its caller has compared: `deep=p > 0`.
    """
    waiting, seen = [expression], set[Symbol]()
    while waiting:
        match waiting.pop(0):
            case Literal(value):
                yield value
            case Operation(operands=parts) | Format(parts=parts):
                waiting += parts
            case Symbol(frame=frame, name=name) as symbol if frame and len(seen) < MOST_SYMBOLS:
                if symbol not in seen:
                    seen.add(symbol)
                    waiting.append(frame.definitions[name].expression)
