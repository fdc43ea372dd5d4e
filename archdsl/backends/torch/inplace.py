"""Where an activation may overwrite its input: nobody else reads it, and no gradient needs it."""

from __future__ import annotations

from typing import TypeAlias

from archdsl.analysis.storage import may_work_in_place
from archdsl.backends.torch.merged import If, Leaf, Merge, Merged, Name, Sequence
from archdsl.backends.torch.rows import Row

Makers: TypeAlias = tuple[Leaf | Merge, ...] | None
"""The ops of which one has made a tensor; None where that is not known.

At the head of a container and behind a call it is not: what comes in from there may be the very
tensor that a skip connection still reads.
"""


def makers(node: Merged, before: Makers) -> Makers:
    """What has made the tensor behind a piece of a network, with the makers of what goes in."""
    match node:
        case Leaf() | Merge():
            return (node,)
        case Name():
            return before
        case Sequence(children=children):
            for child in children:
                before = makers(child, before)
            return before
        case If(then=then, otherwise=otherwise):
            sides = [makers(side, before) if side else before for side in (then, otherwise)]
            known = [side for side in sides if side is not None]
            return (*known[0], *known[1]) if len(known) == 2 else None
    return None


def may_overwrite(node: Leaf, before: Makers) -> bool:
    """Whether an op may work in place on a tensor that one of the makers has made."""
    if before is None:
        return False
    return all(_is_free(row, op.node, before) for row, op in node.rows.items())


def _is_free(row: Row, id: int, before: tuple[Leaf | Merge, ...]) -> bool:
    graph = row.instance.graph
    (port,) = graph[id].inputs
    made = [maker.rows[row].node for maker in before if row in maker.rows]
    return port.node in made and may_work_in_place(graph, graph[id])
