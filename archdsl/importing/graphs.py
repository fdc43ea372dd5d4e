"""A graph as the text of a spec: what passes over graphs leave behind becomes text again."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.graph import Graph
from archdsl.importing.regions import nested
from archdsl.importing.specs import spec_of, written
from archdsl.importing.steps import Port, Scope, Step


def text_of(graph: Graph, docs: Sequence[str] = ()) -> str:
    """The text of a graph, whose network has the same ops and keys; raises `Refusal`.

    Of the graph's tree nothing is read. `docs` are the lines of the text's own comment.
    """
    ports = _ports(graph)
    scope = Scope("", "Network", is_container=False)
    for node in graph:
        step = ports[node.id].step
        (scope.inputs if step.kind == "input" else scope.steps).append(step)
    scope.input_names = [*graph.inputs]
    scope.results = [ports[port.node] for port in graph.outputs.values()]
    nested(scope)
    count = len(graph.results)
    heads = dict(zip(graph.heads, scope.results[count:], strict=True))
    scope.results = scope.results[:count]
    scope.names = [*graph.results] if count > 1 else []
    return written(spec_of(scope, heads, graph.name, docs))


def _ports(graph: Graph) -> dict[int, Port]:
    """A step for every node, and what it gives."""
    found: dict[int, Port] = {}
    for node in graph:
        inputs = [found[port.node] for port in node.read]
        kind = "input" if node.op is None else "op"
        step = Step(kind, [node.shape], inputs, op=node.op, path=node.path)  # type: ignore[arg-type]
        found[node.id] = step.port
    return found
