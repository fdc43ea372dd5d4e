"""Where an activation may overwrite its input: neither another layer nor a gradient reads it."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import TypeAlias

from archdsl.analysis.storage import may_work_in_place
from archdsl.backends.torch.merged import (
    Merged,
    MergedGroup,
    MergedOp,
    MergedShare,
    MergedSplice,
    MergedUse,
    below,
)
from archdsl.backends.torch.rows import Occurrence, Row
from archdsl.backends.torch.walk import only
from archdsl.tree import OpNode

OwnResults: TypeAlias = Set[tuple[Occurrence, int]]
"""The nodes of the graph whose results the ops of a class create.

A tensor from outside the class may be one that a skip connection still reads.
"""


def made_in(root: Merged) -> OwnResults:
    """The results created by the ops of a class."""
    return {(row.occurrence, node.node) for part in _ops(root) for row, node in _made(part)}


def _made(part: MergedOp | MergedSplice) -> Iterator[tuple[Row, OpNode]]:
    if not isinstance(part, MergedSplice):
        yield from part.rows.items()
        return
    for row, spliced in part.rows.items():
        node = only(spliced.child)
        if isinstance(node, OpNode):
            yield row, node


def _ops(node: Merged) -> Iterator[MergedOp | MergedSplice]:
    if isinstance(node, MergedOp | MergedSplice):
        yield node
    around = MergedGroup | MergedShare | MergedUse
    for part in [node.child] if isinstance(node, around) else below(node):
        yield from _ops(part)


def may_overwrite(node: MergedOp, made: OwnResults) -> bool:
    """Whether an op may work in place: in every row an op of the class created its input."""
    return all(_is_free(row, op.node, made) for row, op in node.rows.items())


def all_overwrite(node: MergedSplice, made: OwnResults) -> bool:
    """Whether a layer argument is, wherever it is used, an op that may work in place."""
    used = {row: only(spliced.child) for row, spliced in node.rows.items()}
    return all(
        isinstance(op, OpNode) and len(op.inputs) == 1 and _is_free(row, op.node, made)
        for row, op in used.items()
    )


def _is_free(row: Row, id: int, made: OwnResults) -> bool:
    graph = row.occurrence.graph
    (port,) = graph[id].inputs
    return (row.occurrence, port.node) in made and may_work_in_place(graph, graph[id])
