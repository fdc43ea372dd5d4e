"""Where an activation may overwrite its input: nobody else reads it, and no gradient needs it."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import TypeAlias

from archdsl.analysis.storage import may_work_in_place
from archdsl.backends.torch.merged import (
    Aux,
    Group,
    If,
    Leaf,
    Loop,
    Merge,
    Merged,
    Sequence,
)
from archdsl.backends.torch.rows import Instance, Row

Made: TypeAlias = Set[tuple[Instance, int]]
"""The nodes of the graph whose results the ops of a class make.

What comes in from outside may be the very tensor that a skip connection still reads.
"""


def made_in(root: Merged) -> Made:
    """What the ops of a class make."""
    return {
        (row.instance, node.node)
        for part in _ops(root)
        for row, node in part.rows.items()
    }  # fmt: skip


def _ops(node: Merged) -> Iterator[Leaf | Merge]:
    match node:
        case Leaf():
            yield node
        case Merge(branches=below):
            yield node
            for child in below:
                yield from _ops(child)
        case Sequence(children=below):
            for child in below:
                yield from _ops(child)
        case If(then=then, otherwise=otherwise):
            for side in (then, otherwise):
                if side is not None:
                    yield from _ops(side)
        case Loop(body=child) | Aux(child=child) | Group(child=child):
            yield from _ops(child)


def may_overwrite(node: Leaf, made: Made) -> bool:
    """Whether an op may work in place: in every row an op of the class has made its input."""
    return all(_is_free(row, op.node, made) for row, op in node.rows.items())


def _is_free(row: Row, id: int, made: Made) -> bool:
    graph = row.instance.graph
    (port,) = graph[id].inputs
    return (row.instance, port.node) in made and may_work_in_place(graph, graph[id])
