"""Which results of a network share memory: views and in-place results."""

from __future__ import annotations

from archdsl.analysis.layer_costs import Costed, costs_of
from archdsl.graph import Node


def may_work_in_place(network: Costed, node: Node) -> bool:
    """Whether an activation may overwrite its input: no other node or gradient reads it."""
    costs = costs_of(network)
    graph = costs.graph
    if node.op is None or not node.op.is_activation:
        return False
    (port,) = node.inputs
    producer = graph[port.node]
    if producer.op is None or not producer.op.is_overwritable:
        return False
    # It reads once, so that its input has no other reader where it has one.
    if len(graph.nodes.succ[port.node]) != 1 or port in costs.outputs:
        return False
    made = costs.of(producer)
    is_read = made.is_view_in_training or made.saves.output
    return not is_read and costs.of(node).may_overwrite


def owners(network: Costed, *, training: bool) -> dict[int, int]:
    """For every node, the node that allocated the memory of its result.

    That is an earlier node for a view, and for an activation that may work in place. In generated
    code, an activation at the start of a container or after a call of a block does not work in
    place, because it is not visible there that no other layer reads its input.
    """
    costs = costs_of(network)
    found: dict[int, int] = {}
    for node, layer in costs:
        is_view = layer.is_view_in_training if training else layer.is_view
        shares = node.op is not None and (is_view or may_work_in_place(costs, node))
        found[node.id] = found[node.inputs[0].node] if shares else node.id
    return found
