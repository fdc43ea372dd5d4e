"""The state dict of a network."""

from __future__ import annotations

from archdsl.graph import Graph, Node, needed_for


def state_shapes(graph: Graph) -> dict[str, tuple[int, ...]]:
    """The shape of every entry of the state dict by key, in the order of the layers."""
    return {
        f"{node.path}.{weight.name}": weight.shape
        for node in graph
        if node.op is not None and not node.again
        for weight in node.op.weights(*graph.input_shapes(node))
    }


def head_keys(graph: Graph) -> dict[str, tuple[str, ...]]:
    """The keys of every head that exists only in training, by the name of the head's result.

    A layer that serves two heads belongs to the first.
    """
    found: dict[str, tuple[str, ...]] = {}
    taken: set[int] = set()
    for name, port in [*graph.outputs.items()][1:]:
        nodes = needed_for(graph, [port]) - taken
        layers = [graph[node] for node in sorted(nodes) if graph[node].training_only]
        taken |= nodes
        found[name] = tuple(key for layer in layers for key in _keys(graph, layer))
    return found


def _keys(graph: Graph, node: Node) -> list[str]:
    if node.op is None or node.again:
        return []
    return [f"{node.path}.{each.name}" for each in node.op.weights(*graph.input_shapes(node))]
