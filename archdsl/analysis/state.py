"""The state dict of a network."""

from __future__ import annotations

from archdsl.graph import Graph


def state_shapes(graph: Graph) -> dict[str, tuple[int, ...]]:
    """The shape of every entry of the state dict by key, in the order of the layers."""
    return {
        f"{node.path}.{weight.name}": weight.shape
        for node in graph
        if node.op is not None
        for weight in node.op.weights(*graph.input_shapes(node))
    }
