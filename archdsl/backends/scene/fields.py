"""Fields of definitions: what kind of box one is, how the boxes in it lie, tensors, and paths."""

from __future__ import annotations

from typing import Any

from archdsl.backends.scene.containers import Beside, Chain, Container, Side
from archdsl.backends.scene.edges import Edge
from archdsl.outline.pieces import DiagramScope
from archdsl.outline.reader import Outline
from archdsl.provenance import Term

SKIP, TRAINING, BLIND = 1, 2, 4
"""The bits of an edge."""


def arguments_of(box: Container) -> tuple[object, ...]:
    """The block of a box and its arguments, if these are values; else empty."""
    call = box.scope.call if box.scope and not box.run else None
    if call is None or not all(isinstance(given, Term) for given in call.arguments.values()):
        return ()
    values = [given.value for given in call.arguments.values() if isinstance(given, Term)]
    return call.block, box.path == "", *call.arguments, *map(repr, values)


def kind_of(box: Container, outline: Outline) -> str:
    """What a box is, as `k` of a definition has it."""
    piece = box.pieces[0]
    if box.scope is outline.root:
        return "top"
    if box.is_step:
        return "step"
    if box.run is not None:
        return "card"
    return piece.kind if isinstance(piece, DiagramScope) else "block"


def chain_row(chain: Chain) -> tuple[Any, ...]:
    """The order of boxes: a place, `["p", branches, join or -1]`, or `["a", chain]`."""
    found: list[Any] = []
    for part in chain:
        match part:
            case Side():
                join = -1 if part.join is None else part.join
                found.append(("p", tuple(map(chain_row, part.branches)), join))
            case Beside():
                found.append(("a", chain_row(part.chain)))
            case _:
                found.append(part)
    return tuple(found)


def edge_row(edge: Edge) -> tuple[int, ...]:
    """A tensor: its ends with their ports, and its bits if it has any."""
    bits = SKIP * edge.is_skip + TRAINING * edge.training_only + BLIND * edge.is_blind
    ends = edge.source, edge.from_port, edge.target, edge.to_port
    return (*ends, bits) if bits else ends


def relative(path: str, base: str) -> str:
    """A path as seen from another, which `^` leads out of: `conv1`, `^add`, or empty.

    A point, with which no name begins, is before a name that begins with `^` itself.
    """
    if path == base:
        return ""
    if not base or path.startswith(f"{base}."):
        return _marked(path[len(base) + 1 :] if base else path)
    names, around = [n for n in path.split(".") if n], [n for n in base.split(".") if n]
    shared = 0
    while shared < min(len(names), len(around)) and names[shared] == around[shared]:
        shared += 1
    return "^" * (len(around) - shared) + _marked(".".join(names[shared:]))


def _marked(path: str) -> str:
    return f".{path}" if path.startswith("^") else path
