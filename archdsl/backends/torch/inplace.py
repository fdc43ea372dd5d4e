"""Where a ReLU may overwrite its input: nobody else reads it, and no gradient needs it."""

from __future__ import annotations

from archdsl.backends.torch.merge import Leaf, Merge, Merged
from archdsl.backends.torch.rows import Row

OVERWRITABLE = frozenset({"convolution", "linear", "normalization", "merge", "pooling"})
"""Families of ops that make a new tensor and do not need it for their gradient."""


def may_overwrite(node: Leaf, follows: Merged | None) -> bool:
    """Whether an op may work in place on the result of what stands before it in the same class.

    Never at the head of a container or behind a call: what comes in from there may be the very
    tensor that a skip connection still reads.
    """
    if not isinstance(follows, Leaf | Merge):
        return False
    return all(_is_free(row, op.node, follows) for row, op in node.rows.items())


def _is_free(row: Row, id: int, follows: Leaf | Merge) -> bool:
    graph = row.instance.graph
    before = follows.rows.get(row)
    (port,) = graph[id].inputs
    if before is None or before.node != port.node or graph.nodes.out_degree(port.node) != 1:
        return False
    producer = graph[port.node]
    if producer.op is None or producer.op.family not in OVERWRITABLE:
        return False
    form = producer.op.torch(*(graph.shape(port) for port in producer.inputs))
    return not form.saves_output and port not in graph.outputs.values()
