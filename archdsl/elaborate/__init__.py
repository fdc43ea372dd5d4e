"""From syntax to graphs: a spec is run, and what it denotes is built and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from archdsl.arithmetic import Value
from archdsl.diagnostics import Diagnostic

# Importing a module tells it to the dispatch of `evaluate` or `apply`.
from archdsl.elaborate import (  # noqa: F401
    builtins,
    chains,
    conditions,
    expressions,
    labels,
    loops,
)
from archdsl.elaborate.asserts import Measure, verify_asserts
from archdsl.elaborate.namespaces import namespaces_of
from archdsl.elaborate.networks import build
from archdsl.elaborate.report import Reporter
from archdsl.elaborate.scope import Session
from archdsl.elaborate.static import check
from archdsl.graph import Graph
from archdsl.syntax import ast
from archdsl.syntax.program import Program
from archdsl.work import long_work

__all__ = ["Measure", "Overrides", "elaborate"]

Overrides: TypeAlias = Mapping[str, Mapping[str, Value]]
"""Other defaults for the parameters of networks, by the network's name."""


@long_work()
def elaborate(
    program: Program,
    overrides: Overrides | None = None,
    only: str | None = None,
    measure: Measure | None = None,
) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The graphs of the main file's networks, or of only one, and all mistakes of the program.

    With `measure`, which gives the figures of a graph, the asserts are verified too.
    """
    reporter = Reporter()
    reporter.know(check(program))
    session = Session(program, reporter, namespaces_of(program))
    namespace = session.namespaces[program.main]
    graphs: dict[str, Graph] = {}
    for declaration in namespace.file.declarations:
        if not isinstance(declaration, ast.Block) or not declaration.is_network:
            continue
        name = declaration.name.name
        if only is None or name == only:
            values = (overrides or {}).get(name, {})
            graph = build(declaration, namespace, session, values)
            if graph is not None:
                graphs[name] = graph
    if measure is not None:
        verify_asserts(session, namespace, graphs, measure)
    return graphs, reporter.diagnostics
