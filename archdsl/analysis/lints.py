"""Lints: remarks on finished networks, such as on layers that change nothing.

A lint takes a graph and gives notes. It looks at no text: it takes the span of the node to blame,
which is never in the library, and says the same of every copy of a layer. `check` runs all lints
where nothing is wrong, and says a thing once for all copies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from archdsl.analysis.spans import outside
from archdsl.diagnostics import Diagnostic, Diagnostics
from archdsl.graph import Graph

Lint: TypeAlias = Callable[[Graph], Iterator[Diagnostic]]

LINTS: tuple[Lint, ...] = ()
"""All lints, in the order in which they speak."""


def lint(graphs: Iterable[Graph]) -> list[Diagnostic]:
    """What there is to remark on networks, once at every span, with the number of copies."""
    found = Diagnostics()
    for graph in map(outside, graphs if LINTS else ()):
        for each in LINTS:
            found.extend(each(graph))
    return found.counted()
