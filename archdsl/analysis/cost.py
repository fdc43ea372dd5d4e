"""Costs of a network, counted on the operations of its graph.

Weights are counted as numbers, not bytes, shared ones once. Heads that exist only in training count
in `params` and `buffers`, which cover the whole state, but not elsewhere here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import prod

from archdsl.graph import Graph, Node
from archdsl.ops.base import Weight
from archdsl.shapes import Count


def params(graph: Graph) -> int:
    """The trainable numbers of a network, including heads that exist only in training."""
    return params_of(graph, graph)


def inference_params(graph: Graph) -> int:
    """The trainable numbers of a network without heads that exist only in training."""
    return params_of(graph, _inference(graph))


def params_of(graph: Graph, nodes: Iterable[Node]) -> int:
    """The trainable numbers of some nodes of a network."""
    entries = [weight for node in nodes for weight in weights_of(graph, node)]
    return sum(prod(weight.shape) for weight in entries if weight.trainable)


def buffers(graph: Graph) -> int:
    """The numbers of the state that no gradient step changes.

    They are running statistics, their batch counts (one number per norm) and fixed codes, including
    heads that exist only in training.
    """
    entries = [weight for node in graph for weight in weights_of(graph, node)]
    return sum(prod(weight.shape) for weight in entries if not weight.trainable)


def macs(graph: Graph) -> Count:
    """The multiply-adds for one image, without heads that exist only in training.

    Convolutions, linear layers and matrix products count; biases, norms, activations and pooling do
    not. If sizes are symbolic, the number is a polynomial of them.
    """
    return macs_of(graph, _inference(graph))


def macs_of(graph: Graph, nodes: Iterable[Node]) -> Count:
    """The multiply-adds of some nodes of a network for one image."""
    return total(node.op.macs(*graph.input_shapes(node)) for node in nodes if node.op is not None)


def depth(graph: Graph) -> int:
    """The number of convolutions and linear layers on the longest path through a network.

    Only layers with trainable weights count, without heads that exist only in training.
    """
    depths: dict[int, int] = {}
    for node in _inference(graph):
        before = max((depths[port.node] for port in node.inputs), default=0)
        depths[node.id] = before + _is_layer(graph, node)
    return max(depths.values(), default=0)


def total(counts: Iterable[Count]) -> Count:
    """The sum of counts, in time proportional to their terms even for thousands of polynomials."""
    # Adding two polynomials sorts their terms, so terms are added in pairs, not one by one.
    sums = list(counts)
    while len(sums) > 1:
        sums = [sum(sums[index : index + 2]) for index in range(0, len(sums), 2)]
    return sums[0] if sums else 0


def families(graph: Graph) -> dict[str, int]:
    """The number of layers per family of ops, without heads that exist only in training."""
    ops = [node.op for node in _inference(graph) if node.op is not None]
    return dict(sorted(Counter(op.family for op in ops).items()))


def _inference(graph: Graph) -> Iterable[Node]:
    return (node for node in graph if not node.training_only)


def weights_of(graph: Graph, node: Node) -> tuple[Weight, ...]:
    """The state entries of one node."""
    return () if node.op is None else node.op.weights(*graph.input_shapes(node))


def _is_layer(graph: Graph, node: Node) -> bool:
    if node.op is None or not node.op.is_layer:
        return False
    return any(weight.trainable for weight in weights_of(graph, node))
