"""Modules by the keys of weights, where a file has no other trace of them.

A layer with weights stands in the modules of its key. What has no weights follows what it reads: an
activation or a join belongs to the module of the layer before it, anything else to the modules that
the layers before and behind it have in common.
"""

from __future__ import annotations

from archdsl.importing.files.flat import Flat, Level, common, weights_of
from archdsl.importing.files.names import kinds_of
from archdsl.importing.trace import Node

JOINS = frozenset({"add", "mul", "cat", "sub"})
"""Functions that end what branches began."""
MOVES = frozenset({"reshape", "permute", "Flatten", "mean", "interpolate"})


def with_paths(flat: Flat) -> None:
    """Give every node the modules that keys lead to."""
    homes = {node: path for node in flat.nodes if (path := _home(node)) is not None}
    behind = _behind(flat, homes)
    for node in flat.nodes:
        if node not in homes:
            before = _before(node, homes)
            homes[node] = before if _follows(node) else common([before, behind.get(node, ())])
    kinds = kinds_of(homes.values())
    for node, path in homes.items():
        paths = [".".join(path[: place + 1]) for place in range(len(path))]
        flat.levels[node] = tuple([Level(each, kinds[each]) for each in paths])


def _home(node: Node) -> tuple[str, ...] | None:
    """The module that a layer with weights stands in."""
    keys = weights_of(node)
    if not keys:
        return None
    several = [tuple(key.split(".")[:-1]) for key in keys]
    return common(several)


def _before(node: Node, homes: dict[Node, tuple[str, ...]]) -> tuple[str, ...]:
    """The module of the last layer that a node reads."""
    known = [value.node for value in node.inputs if value.node in homes]
    order = {each: place for place, each in enumerate(homes)}
    return homes[max(known, key=order.__getitem__)] if known else ()


def _behind(flat: Flat, homes: dict[Node, tuple[str, ...]]) -> dict[Node, tuple[str, ...]]:
    """The module of the first layer with weights that reads what a node makes."""
    found: dict[Node, tuple[str, ...]] = {}
    for node in reversed(flat.nodes):
        home = homes.get(node, found.get(node, ()))
        for value in node.inputs:
            found[value.node] = home
    return found


def _follows(node: Node) -> bool:
    if node.kind == "leaf" and node.module is not None:
        return "Pool" not in node.name and node.name not in ("Dropout", *MOVES)
    return node.name in JOINS
