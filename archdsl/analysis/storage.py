"""Which results of a network share memory: views and in-place results."""

from __future__ import annotations

from archdsl.graph import Graph, Node


def may_work_in_place(graph: Graph, node: Node) -> bool:
    """Whether an activation may overwrite its input: no other node or gradient reads it."""
    if node.op is None or not node.op.is_activation:
        return False
    (port,) = node.inputs
    producer = graph[port.node]
    if producer.op is None or not producer.op.is_overwritable:
        return False
    if graph.nodes.out_degree(port.node) != 1 or port in graph.outputs.values():
        return False
    shapes = graph.input_shapes(producer)
    is_own = not producer.op.is_view(*shapes, training=True)
    is_read = producer.op.saves(*shapes).output
    return is_own and not is_read and node.op.torch(*graph.input_shapes(node)).inplace


def owners(graph: Graph, *, training: bool) -> dict[int, int]:
    """For every node, the node that allocated the memory of its result.

    That is an earlier node for a view, and for an activation that may work in place. In generated
    code, an activation at the start of a container or after a call of a block does not work in
    place, because it is not visible there that no other layer reads its input.
    """
    found: dict[int, int] = {}
    for node in graph:
        found[node.id] = node.id
        if node.op is None:
            continue
        is_view = node.op.is_view(*graph.input_shapes(node), training=training)
        if is_view or may_work_in_place(graph, node):
            found[node.id] = found[node.inputs[0].node]
    return found
