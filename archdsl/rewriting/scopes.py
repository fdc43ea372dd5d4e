"""From a plan to the scopes of ops that `importing` writes as text."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from archdsl.importing.steps import Port, Scope, Step
from archdsl.rewriting.network import SCOPE, Home, Node, Plan

Unit = tuple[Home | None, tuple[int, ...]]
"""What stands in a scope: an op (no home), or a scope with the nodes in it."""


def scope_of(plan: Plan) -> tuple[Scope, dict[str, Port]]:
    """The whole network as a scope, and its heads.

    A scope of the old text stays one where a single tensor comes in and a single one goes out;
    the layers of any other stand in the scope around it, and keep their keys.
    """
    inputs = {number: Step("input", [plan.nodes[number].shape]) for number in plan.inputs.values()}
    layers = [number for number, node in plan.nodes.items() if node.op is not None]
    first = next(iter(plan.nodes.values())).home.line[0]
    scope, ports = _Writer(plan).scope(first, layers, inputs)
    scope.input_names = [*plan.inputs]
    scope.results = [ports[number] for number in plan.results.values()]
    scope.names = [*plan.results] if len(plan.results) > 1 else []
    return scope, {name: ports[number] for name, number in plan.heads.items()}


@dataclass(frozen=True)
class _Writer:
    plan: Plan

    def scope(
        self, home: Home, members: Collection[int], inputs: Mapping[int, Step]
    ) -> tuple[Scope, dict[int, Port]]:
        """The scope of some nodes, and every tensor in it that others may read."""
        made = Scope(home.path, home.kind, home.kind == SCOPE, settings={**(home.settings or {})})
        made.inputs = [*inputs.values()]
        made.input_names = [f"x{place}" for place in range(len(inputs))]
        ports = {number: step.port for number, step in inputs.items()}
        for inner, numbers in self._ordered([*self._units(home, members)]):
            if inner is None:
                step = self._step(self.plan.nodes[numbers[0]], ports, bool(self._keys(numbers[0])))
                ports[numbers[0]] = step.port
            else:
                step = self._call(inner, numbers, ports)
                ports[self._out(numbers)[0]] = step.port
            made.steps.append(step)
        return made, ports

    def _keys(self, number: int) -> bool:
        return bool(self.plan.entries(number))

    def _step(self, node: Node, ports: Mapping[int, Port], has_weights: bool) -> Step:
        assert node.op is not None
        read = () if node.op.reads_batch_only else node.inputs
        step = Step("op", [node.shape], [ports[number] for number in read], op=node.op)
        step.path = node.path if has_weights else ""
        return step

    def _call(self, home: Home, numbers: Sequence[int], ports: Mapping[int, Port]) -> Step:
        (source,), (result,) = self._in(numbers), self._out(numbers)
        inputs = {source: Step("input", [self.plan.nodes[source].shape])}
        scope, inside = self.scope(home, numbers, inputs)
        scope.results = [inside[result]]
        types = [self.plan.nodes[result].shape]
        return Step("call", types, [ports[source]], scope=scope, path=home.path)

    def _units(self, home: Home, members: Collection[int]) -> Iterator[Unit]:
        """The ops and scopes in a scope; what is in a scope that is open is taken apart."""
        inner: dict[Home, list[int]] = {}
        for number in members:
            line = self.plan.nodes[number].home.line
            if home not in line or line[-1] is home:
                yield None, (number,)
            else:
                inner.setdefault(line[line.index(home) + 1], []).append(number)
        for below, numbers in inner.items():
            if self._is_closed(below, numbers):
                yield below, tuple(numbers)
            else:
                yield from self._units(below, numbers)

    def _is_closed(self, home: Home, numbers: Collection[int]) -> bool:
        """Whether a scope stays one; a label on layers without weights says nothing."""
        is_bare = home.kind == SCOPE and not any(map(self._keys, numbers))
        return not is_bare and len(self._in(numbers)) == 1 == len(self._out(numbers))

    def _in(self, numbers: Collection[int]) -> list[int]:
        """The tensors that come into a scope."""
        inside = {*numbers}
        sources = [s for n in numbers for s in self._read(n) if s not in inside]
        return [*dict.fromkeys(sources)]

    def _read(self, number: int) -> tuple[int, ...]:
        node = self.plan.nodes[number]
        return () if node.op is not None and node.op.reads_batch_only else node.inputs

    def _out(self, numbers: Collection[int]) -> list[int]:
        """The tensors of a scope that are read outside."""
        inside = {*numbers}
        return [n for n in numbers if any(r not in inside for r in self.plan.readers[n])]

    def _ordered(self, units: Sequence[Unit]) -> list[Unit]:
        """Units in an order of evaluation, as near to the old one as can be."""
        owner = {number: place for place, (_, numbers) in enumerate(units) for number in numbers}
        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(range(len(units)))
        for number, place in owner.items():
            befores = {owner[source] for source in self._read(number) if source in owner}
            graph.add_edges_from([(before, place) for before in befores - {place}])
        order = {number: place for place, number in enumerate(self.plan.nodes)}
        first = [min(order[number] for number in numbers) for _, numbers in units]
        return [units[p] for p in nx.lexicographical_topological_sort(graph, first.__getitem__)]
