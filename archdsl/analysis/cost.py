"""Costs of a network, counted on the operations of its graph.

Weights are counted as numbers, not bytes, shared ones once. Heads that exist only in training count
in `params` and `buffers`, which cover the whole state, but not elsewhere here.

Every function takes a graph, or its `Costs`: whoever asks for several figures makes these first.
Where somebody else's class has a part in a figure, it is not known, unless its declaration says it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from archdsl.analysis.layer_costs import Amount, Costed, Number, costs_of
from archdsl.graph import Node
from archdsl.shapes import UNKNOWN, Count, Unknown


def params(network: Costed) -> Number:
    """The trainable numbers of a network, including heads that exist only in training."""
    return sum([layer.params for _, layer in costs_of(network)])


def inference_params(network: Costed) -> Number:
    """The trainable numbers of a network without heads that exist only in training."""
    return sum([layer.params for node, layer in costs_of(network) if not node.training_only])


def params_of(network: Costed, nodes: Iterable[int]) -> Number:
    """The trainable numbers of some nodes of a network."""
    costs = costs_of(network)
    return sum([costs[node].params for node in nodes])


def weight_bytes(network: Costed) -> Number:
    """The bytes of the state, including heads that exist only in training."""
    return sum([layer.weight_bytes for _, layer in costs_of(network)])


def weight_bytes_of(network: Costed, nodes: Iterable[int]) -> Number:
    """The bytes of the state of some nodes of a network."""
    costs = costs_of(network)
    return sum([costs[node].weight_bytes for node in nodes])


def buffers(network: Costed) -> Number:
    """The numbers of the state that no gradient step changes.

    They are running statistics, their batch counts (one number per norm) and fixed codes, including
    heads that exist only in training.
    """
    return sum([layer.buffers for _, layer in costs_of(network)])


def macs(network: Costed) -> Amount:
    """The multiply-adds for one image, without heads that exist only in training.

    Convolutions, linear layers and matrix products count; biases, norms, activations and pooling do
    not. If sizes are symbolic, the number is a polynomial of them.
    """
    return total([layer.macs for node, layer in costs_of(network) if not node.training_only])


def macs_of(network: Costed, nodes: Iterable[int]) -> Amount:
    """The multiply-adds of some nodes of a network for one image."""
    costs = costs_of(network)
    return total([costs[node].macs for node in nodes])


def depth(network: Costed) -> Number:
    """The number of convolutions and linear layers on the longest path through a network.

    Only layers with trainable weights count, without heads that exist only in training.
    """
    depths: dict[int, int] = {}
    costs = costs_of(network)
    if any(not node.training_only for node in foreign_nodes(costs)):
        return UNKNOWN
    for node, layer in costs:
        if not node.training_only:
            before = max([depths[port.node] for port in node.sources], default=0)
            is_layer = node.op is not None and node.op.is_layer and layer.learns
            depths[node.id] = before + is_layer
    return max(depths.values(), default=0)


def foreign_nodes(network: Costed) -> list[Node]:
    """The layers that are somebody else's classes, in order."""
    return [node for node, layer in costs_of(network) if layer.is_foreign]


def behind_foreign(network: Costed) -> set[int]:
    """The nodes that depend on somebody else's class, these included."""
    behind: set[int] = set()
    for node, layer in costs_of(network):
        if layer.is_foreign or any(port.node in behind for port in node.inputs):
            behind.add(node.id)
    return behind


def total(counts: Iterable[Amount]) -> Amount:
    """The sum of counts, in time proportional to their terms even for thousands of polynomials."""
    # Adding two polynomials sorts their terms, so terms are added in pairs, not one by one.
    every: list[Count] = []
    for count in counts:
        if isinstance(count, Unknown):
            return UNKNOWN
        every.append(count)
    sums: list[Count] = [count for count in every if not isinstance(count, int)]
    if len(sums) < len(every):
        sums.append(sum([count for count in every if isinstance(count, int)]))
    while len(sums) > 1:
        sums = [sum(sums[index : index + 2]) for index in range(0, len(sums), 2)]
    return sums[0] if sums else 0


def families(network: Costed) -> dict[str, int]:
    """The number of layers per family of ops, without heads that exist only in training."""
    graph = costs_of(network).graph
    ops = [node.op for node in graph if node.op is not None and not node.training_only]
    return dict(sorted(Counter(op.family for op in ops).items()))
