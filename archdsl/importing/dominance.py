"""Which steps of a scope all ways pass: where branches part, and sums around one tensor."""

from __future__ import annotations

from collections import Counter

import networkx as nx

from archdsl.importing.steps import Port, Scope, Step

ROOT = "root"
LEAST_AROUND = 3
"""So many sums with one tensor are no branches in branches."""


def reads(step: Step) -> bool:
    """Whether a step depends on what comes in; a learned tensor does not."""
    return bool(step.inputs)


def dominators(scope: Scope) -> dict[Step | str, Step | str]:
    """For every step the one before it that all ways from the input pass last."""
    graph: nx.DiGraph[Step | str] = nx.DiGraph()
    graph.add_nodes_from([ROOT, *scope.inputs])
    graph.add_edges_from([(ROOT, step) for step in scope.inputs])
    for step in scope.steps:
        for port in step.inputs:
            if reads(port.step) or port.step.kind == "input":
                graph.add_edge(port.step, step)
    return dict(nx.immediate_dominators(graph, ROOT))


def homes(scope: Scope) -> dict[Step, Step]:
    """For what is made of learned tensors alone, and read several times, its first reader.

    No branch parts there, since nothing that comes in leads to it; so the first one holds it.
    """
    inputs = {*scope.inputs}
    made: set[Step] = set()
    for step in scope.steps:
        if all(port.step in made for port in step.inputs) and step not in inputs:
            made.add(step)
    readers: dict[Step, list[Step]] = {}
    for step in scope.steps:
        for before in dict.fromkeys(port.step for port in step.inputs):
            if before in made:
                readers.setdefault(before, []).append(step)
    return {step: several[0] for step, several in readers.items() if len(several) > 1}


def sums_around(scope: Scope, above: dict[Step | str, Step | str]) -> dict[Step, tuple[Port, Port]]:
    """Sums that each add one tensor to what follows from the sum before: that sum, and the tensor.

    As branches each would stand in a branch of the next one.
    """
    found: dict[Step, tuple[Port, Port]] = {}
    last: dict[Port, Port] = {}
    for step in scope.steps:
        if step.op is None or step.op.name != "add" or len(step.inputs) != 2:
            continue
        for hub, other in (step.inputs, step.inputs[::-1]):
            if hub.step.kind == "input" or len(hub.step.types) > 1:
                # No label can name it.
                continue
            before = last.get(hub, hub)
            if above.get(step) is hub.step and _leads(other, before) and hub != other:
                found[step], last[hub] = (before, hub), step.port
    counts = Counter(hub for _, hub in found.values())
    return {step: pair for step, pair in found.items() if counts[pair[1]] >= LEAST_AROUND}


def _leads(port: Port, start: Port) -> bool:
    """Whether steps of one input each lead from one tensor to another."""
    while port != start:
        if len(port.step.inputs) != 1 or len(port.step.types) != 1:
            return False
        (port,) = port.step.inputs
    return True
