"""Lints: remarks on finished networks, such as on layers that change nothing.

A lint takes a graph and remarks on nodes. It looks at no text: the span of a node is never in the
library, and copies of a layer are one to it. `check` runs all lints where nothing is wrong. A
remark stands for the text, so it is made only where it is true of all layers of the kind that the
text makes, in all networks of a file; it is said once, with their number.
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
    """What a lint has to say of a node."""

    node: Node
    code: str
    message: str
    help: str = ""


Lint: TypeAlias = Callable[[Graph], Iterator[Remark]]

LINTS: tuple[Lint, ...] = ()
"""All lints, in the order in which they speak."""


def lint(graphs: Iterable[Graph]) -> list[Diagnostic]:
    """What there is to remark on networks, once for every piece of text, with all its layers."""
    networks = [outside(graph) for graph in graphs] if LINTS else []
    remarks = [remark for graph in networks for each in LINTS for remark in each(graph)]
    layers = Counter(_layer(node) for graph in networks for node in graph)
    remarked = Counter((remark.code, _layer(remark.node)) for remark in remarks)
    found = Diagnostics()
    for remark in remarks:
        layer = _layer(remark.node)
        if remarked[remark.code, layer] == layers[layer]:
            found.add(note(remark.code, remark.message, remark.node.span, help=remark.help))
    return found.counted()


def _layer(node: Node) -> Key:
    """The op that a piece of text makes, whatever its numbers."""
    return key_of(node.op.name if node.op is not None else "", node.span)
