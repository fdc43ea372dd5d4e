"""The network that is rewritten: nodes with the scopes that they stand in, and its weights.

A `Plan` is a value: every rewrite makes another. Its `weights` say what each of its weights is,
over those of the network that all began with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from archdsl.graph import Graph
from archdsl.ops.base import Op, Shape, Weight
from archdsl.provenance import Term
from archdsl.rewriting.formulas import Formula, Key
from archdsl.tree import CallNode, GroupNode, Instance, OpNode, children
from archdsl.tree import Node as TreeNode

SCOPE = "Sequential"
"""The kind of a scope that is a label, and no block: what `importing` calls a plain container."""


@dataclass(frozen=True, eq=False)
class Home:
    """A scope: one call of a block, or a label on several layers.

    `settings` are the arguments of the block, for the names of parameters.
    """

    kind: str
    path: str
    outer: Home | None = None
    settings: Mapping[str, object] | None = None

    @cached_property
    def line(self) -> tuple[Home, ...]:
        """The scopes around it, the outermost first, and itself."""
        return (*(self.outer.line if self.outer else ()), self)


@dataclass(frozen=True, eq=False)
class Node:
    """An op applied to the results of other nodes, named by their numbers.

    `op` is None for an input. `path` is the prefix of its keys; several nodes with one path share
    their weights. `state` are those of somebody else's class, which only its module knows.
    """

    op: Op | None
    inputs: tuple[int, ...]
    shape: Shape
    path: str
    home: Home
    training_only: bool = False
    state: tuple[Weight, ...] = ()

    @property
    def is_foreign(self) -> bool:
        """Whether it is somebody else's class."""
        return self.op is not None and self.op.is_foreign

    @property
    def name(self) -> str:
        """The op's name in the language; empty for an input."""
        return self.op.name if self.op is not None else ""

    @property
    def read(self) -> tuple[int, ...]:
        """The nodes whose numbers it reads; a learned tensor reads none."""
        return () if self.op is not None and self.op.reads_batch_only else self.inputs


@dataclass(frozen=True, eq=False)
class Plan:
    """A network: its nodes by number, in an order of evaluation, and what its weights are."""

    nodes: Mapping[int, Node]
    inputs: Mapping[str, int]
    results: Mapping[str, int]
    heads: Mapping[str, int]
    weights: Mapping[str, Formula]

    @cached_property
    def readers(self) -> Mapping[int, tuple[int, ...]]:
        """The nodes that read a node, one for every input that does; -1 for the outside."""
        found: dict[int, list[int]] = {number: [] for number in self.nodes}
        for number, node in self.nodes.items():
            for source in node.inputs:
                found[source].append(number)
        for source in (*self.results.values(), *self.heads.values()):
            found[source].append(-1)
        return {number: tuple(each) for number, each in found.items()}

    @cached_property
    def shared(self) -> frozenset[str]:
        """The paths of weights that several nodes use."""
        seen: set[str] = set()
        return frozenset(
            node.path
            for number, node in self.nodes.items()
            if self.has_path(number) and (node.path in seen or seen.add(node.path))  # type: ignore[func-returns-value]
        )

    def entries(self, number: int) -> tuple[Weight, ...]:
        """The entries of a node in the state dict."""
        node = self.nodes[number]
        if node.op is None or node.is_foreign:
            return node.state
        return node.op.weights(*self.shapes(number))

    def has_path(self, number: int) -> bool:
        """Whether it matters where a node stands, and how often."""
        return self.nodes[number].is_foreign or bool(self.entries(number))

    def shapes(self, number: int) -> tuple[Shape, ...]:
        """The shapes that a node reads."""
        return tuple([self.nodes[source].shape for source in self.nodes[number].inputs])

    def only_reader(self, number: int) -> int | None:
        """The node that reads a node, if nothing else does."""
        several = self.readers[number]
        return several[0] if len(several) == 1 and several[0] >= 0 else None

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every entry of the state dict."""
        return {
            weight.key(node.path): weight.shape
            for number, node in self.nodes.items()
            for weight in self.entries(number)
        }

    def changed(self, **parts: Any) -> Plan:
        """The plan with other parts."""
        return replace(self, **parts)


STARTS = ("init", "bias_init", "gain_init")


def without_starts(plan: Plan) -> Plan:
    """The plan whose layers do not say how their weights start, since nobody trains them."""
    return plan.changed(
        nodes={n: replace(node, op=_plain(node.op)) for n, node in plan.nodes.items()}
    )


def _plain(op: Op | None) -> Op | None:
    if op is None or op.is_foreign:
        return op
    usual = {name: value for name, value in op.defaults().items() if name in STARTS}
    return replace(op, **usual)


def plan_of(graph: Graph, state: Mapping[str, Any] = MappingProxyType({})) -> Plan:
    """The plan of a network as it is: every weight is itself.

    `state` is a state dict, which has the entries of classes of others.
    """
    root = Home(graph.name, "")
    homes = dict(_within(graph.tree.body, root))
    nodes = {
        node.id: Node(
            node.op,
            tuple([port.node for port in node.inputs]),
            node.shape,
            node.path,
            homes.get(node.id, root),
            node.training_only,
            _foreign(node.path, state) if node.op is not None and node.op.is_foreign else (),
        )
        for node in graph
    }
    made = Plan(nodes, _numbers(graph.inputs), _numbers(graph.results), _numbers(graph.heads), {})
    made = _without_single_joins(made)
    return made.changed(weights={key: Key(key) for key in made.sizes()})


def _foreign(path: str, state: Mapping[str, Any]) -> tuple[Weight, ...]:
    start = f"{path}."
    return tuple(
        [
            Weight(key.removeprefix(start), tuple(value.shape))
            for key, value in state.items()
            if key.startswith(start)
        ]
    )


def _without_single_joins(plan: Plan) -> Plan:
    """The plan without joins of one tensor, which give that tensor."""
    same: dict[int, int] = {}
    nodes: dict[int, Node] = {}
    for number, node in plan.nodes.items():
        inputs = tuple([same.get(source, source) for source in node.inputs])
        if node.op is not None and node.op.is_join and len(inputs) == 1:
            same[number] = inputs[0]
        else:
            nodes[number] = replace(node, inputs=inputs)
    results = {name: same.get(number, number) for name, number in plan.results.items()}
    heads = {name: same.get(number, number) for name, number in plan.heads.items()}
    return plan.changed(nodes=nodes, results=results, heads=heads)


def _numbers(ports: Mapping[str, Any]) -> dict[str, int]:
    return {name: port.node for name, port in ports.items()}


def _within(node: TreeNode, home: Home) -> Iterator[tuple[int, Home]]:
    """The scope of every node, as the tree of the text has them."""
    match node:
        case OpNode():
            yield node.node, home
        case CallNode(key=None):
            yield from _within(node.instance.body, home)
            return
        case CallNode():
            yield from _within(node.instance.body, _called(node, home))
            return
        case GroupNode():
            home = Home(SCOPE, _path(home, node.key), home)
    for child in children(node):
        yield from _within(child, home)


def _called(node: CallNode, home: Home) -> Home:
    assert node.key is not None
    instance = node.instance
    return Home(instance.block.name, _path(home, node.key), home, _settings(instance))


def _path(home: Home, key: Term) -> str:
    return f"{home.path}.{key.value}" if home.path else str(key.value)


def _settings(instance: Instance) -> dict[str, object]:
    """The numbers that a block was given, by the names of its parameters."""
    definitions = instance.frame.definitions
    return {each.name: definitions[each.name].value for each in instance.numbers}
