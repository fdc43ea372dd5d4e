"""From a plan to the scopes of ops that `importing` writes as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from archdsl.importing.steps import Port, Scope, Step
from archdsl.ops.foreign import Foreign
from archdsl.rewriting.declared import extern_of
from archdsl.rewriting.network import SCOPE, Home, Plan
from archdsl.rewriting.units import Unit, Units


def scope_of(plan: Plan) -> tuple[Scope, dict[str, Port]]:
    """The whole network as a scope, and its heads.

    A scope of the old text stays one where a single tensor comes in and a single one goes out;
    the layers of any other stand in the scope around it, and keep their keys.
    """
    inputs = {number: Step("input", [plan.nodes[number].shape]) for number in plan.inputs.values()}
    units = Units(plan)
    scope, ports = _Writer(plan, units).scope(units.root, inputs)
    scope.input_names = [*plan.inputs]
    scope.results = [ports[number] for number in plan.results.values()]
    scope.names = [*plan.results] if len(plan.results) > 1 else []
    return scope, {name: ports[number] for name, number in plan.heads.items()}


@dataclass(frozen=True)
class _Writer:
    plan: Plan
    units: Units

    def scope(self, home: Home, inputs: Mapping[int, Step]) -> tuple[Scope, dict[int, Port]]:
        """A scope with the tensors that come in, and every tensor in it that others may read."""
        made = Scope(home.path, home.kind, home.kind == SCOPE, settings={**(home.settings or {})})
        made.inputs = [*inputs.values()]
        made.input_names = [f"x{place}" for place in range(len(inputs))]
        ports = {number: step.port for number, step in inputs.items()}
        for inner, numbers in self._ordered([*self.units.within(home)]):
            if inner is None:
                step = self._step(numbers[0], ports)
                ports[numbers[0]] = step.port
            else:
                step = self._call(inner, numbers, ports)
                ports[self.units.out(numbers)[0]] = step.port
            made.steps.append(step)
        return made, ports

    def _step(self, number: int, ports: Mapping[int, Port]) -> Step:
        node = self.plan.nodes[number]
        assert node.op is not None
        step = Step("op", [node.shape], [ports[number] for number in node.read], op=node.op)
        step.path = node.path if self.plan.has_path(number) else ""
        if isinstance(node.op, Foreign):
            step.op, step.extern = None, extern_of(node, node.op, self.plan.shapes(number))
        return step

    def _call(self, home: Home, numbers: Sequence[int], ports: Mapping[int, Port]) -> Step:
        (source,), (result,) = self.units.into(numbers), self.units.out(numbers)
        inputs = {source: Step("input", [self.plan.nodes[source].shape])}
        scope, inside = self.scope(home, inputs)
        scope.results = [inside[result]]
        types = [self.plan.nodes[result].shape]
        return Step("call", types, [ports[source]], scope=scope, path=home.path)

    def _ordered(self, units: Sequence[Unit]) -> list[Unit]:
        """Units in an order of evaluation, as near to the old one as can be."""
        owner = {number: place for place, (_, numbers) in enumerate(units) for number in numbers}
        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(range(len(units)))
        for number, place in owner.items():
            befores = {owner[source] for source in self.plan.nodes[number].read if source in owner}
            graph.add_edges_from([(before, place) for before in befores - {place}])
        order = {number: place for place, number in enumerate(self.plan.nodes)}
        first = [min(order[number] for number in numbers) for _, numbers in units]
        return [units[p] for p in nx.lexicographical_topological_sort(graph, first.__getitem__)]
