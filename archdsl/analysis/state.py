"""The state dict of a network."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.graph import Graph, Node, needed_for
from archdsl.ops.base import Weight


def state_shapes(graph: Graph) -> dict[str, tuple[int, ...]]:
    """The shape of every entry of the state dict by key, in PyTorch's order.

    It is that of the layers, but the bare weights of a scope come before its layers. Those of
    `foreign_paths` are not among them.
    """
    entries = [
        (weight.key(node.path), weight)
        for node in graph
        if node.op is not None and not node.again
        for weight in node.op.weights(*graph.input_shapes(node))
    ]
    if any(weight.is_bare for _, weight in entries):
        entries = _ordered(entries)
    return {key: weight.shape for key, weight in entries}


def foreign_paths(graph: Graph) -> list[str]:
    """The paths of the layers that are somebody else's classes, whose entries nobody knows."""
    return [node.path for node in graph if node.op is not None and node.op.is_foreign]


def _ordered(entries: Sequence[tuple[str, Weight]]) -> list[tuple[str, Weight]]:
    """Entries of scopes, each with its own first: learned ones, then buffers."""
    places: dict[str, int] = {}
    ranks = []
    for key, weight in entries:
        *scopes, _ = key.split(".")
        # A scope stands where its first entry does, behind all entries of the scope around it.
        paths = [".".join(scopes[: depth + 1]) for depth in range(len(scopes))]
        below = [(1, places.setdefault(path, len(places))) for path in paths]
        ranks.append((*below, (0, 0 if weight.trainable else 1)))
    order = sorted(range(len(entries)), key=lambda index: (ranks[index], index))
    return [entries[index] for index in order]


def head_keys(graph: Graph) -> dict[str, tuple[str, ...]]:
    """The keys of every head that exists only in training, by the name of the head's result.

    A layer that serves two heads belongs to the first.
    """
    found: dict[str, tuple[str, ...]] = {}
    taken: set[int] = set()
    for name, port in graph.heads.items():
        nodes = needed_for(graph, [port]) - taken
        layers = [graph[node] for node in sorted(nodes) if graph[node].training_only]
        taken |= nodes
        found[name] = tuple(key for layer in layers for key in _keys(graph, layer))
    return found


def _keys(graph: Graph, node: Node) -> list[str]:
    if node.op is None or node.again:
        return []
    return [weight.key(node.path) for weight in node.op.weights(*graph.input_shapes(node))]
