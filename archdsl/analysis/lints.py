"""Lints: notes on finished networks, for example on layers without effect.

A lint takes a graph and returns remarks on nodes. It need not look at the text: spans are moved out
of the library, and copies of a layer count as one. `check` runs all lints if there is no error. A
remark is about the text, so it is made only if it holds for all layers that this text creates, in
all networks of a file; it is reported once, with the number of layers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from archdsl.analysis.spans import outside
from archdsl.diagnostics import Diagnostic, Diagnostics, Key, key_of, note
from archdsl.graph import Graph, Node


@dataclass(frozen=True, eq=False)
class Remark:
    """A lint's message about a node."""

    node: Node
    code: str
    message: str
    help: str = ""


Lint: TypeAlias = Callable[[Graph], Iterator[Remark]]

LINTS: tuple[Lint, ...] = ()
"""All lints, in the order of their notes."""


def lint(graphs: Iterable[Graph]) -> list[Diagnostic]:
    """The notes on networks, one per place in the text, with the number of its layers."""
    networks = [outside(graph) for graph in graphs] if LINTS else []
    remarks = [remark for graph in networks for each in LINTS for remark in each(graph)]
    if not remarks:
        return []
    layers = Counter(_layer(node) for graph in networks for node in graph)
    remarked = Counter((remark.code, _layer(remark.node)) for remark in remarks)
    found = Diagnostics()
    for remark in remarks:
        layer = _layer(remark.node)
        if remarked[remark.code, layer] == layers[layer]:
            found.add(note(remark.code, remark.message, remark.node.span, help=remark.help))
    return found.counted()


def _layer(node: Node) -> Key:
    """The op created at a place in the text, whatever its numbers."""
    return key_of(node.op.name if node.op is not None else "", node.span)
