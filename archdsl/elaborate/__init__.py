"""From syntax to graphs: a spec is run, and what it denotes is built and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
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
from archdsl.elaborate.networks import Request
from archdsl.elaborate.report import Reporter
from archdsl.elaborate.scope import Session
from archdsl.elaborate.static import check
from archdsl.elaborate.variants import Fixed, Search, Variant, unmoved
from archdsl.graph import Graph
from archdsl.syntax import ast
from archdsl.syntax.program import Program
from archdsl.work import long_work

__all__ = [
    "Fixed",
    "Measure",
    "Overrides",
    "Variant",
    "elaborate",
    "elaborate_with_variants",
    "unmoved",
]

Overrides: TypeAlias = Mapping[str, Mapping[str, Value]]
"""Other defaults for the parameters of networks, by the network's name."""


NOTHING_FIXED = Fixed()
"""Parameters of networks that are no parameters of the generated code, by the network's name."""


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
    run = _Run(program, overrides or {}, only)
    graphs = run.graphs()
    if measure is not None:
        verify_asserts(run.session, run.namespace, graphs, measure)
    return graphs, run.session.reporter.diagnostics


@long_work()
def elaborate_with_variants(
    program: Program,
    overrides: Overrides | None = None,
    only: str | None = None,
    fixed: Mapping[str, Fixed] | None = None,
) -> tuple[dict[str, Graph], list[Variant], list[Diagnostic]]:
    """The graphs, and further graphs in which the parameters of the networks have other values.

    What is `fixed` of a network, by its name, is not moved.
    """
    run = _Run(program, overrides or {}, only, fixed or {})
    graphs = run.graphs()
    return graphs, list(run.variants(graphs)), run.session.reporter.diagnostics


class _Run:
    """One run over a program, in which a block is the same object wherever it is used."""

    def __init__(
        self,
        program: Program,
        overrides: Overrides,
        only: str | None,
        fixed: Mapping[str, Fixed] = MappingProxyType({}),
    ) -> None:
        reporter = Reporter()
        reporter.know(check(program))
        self.session = Session(reporter, namespaces_of(program))
        self.namespace = self.session.namespaces[program.main]
        self.overrides, self.only, self.fixed = overrides, only, fixed

    def graphs(self) -> dict[str, Graph]:
        """The networks that can be built."""
        built = {name: self._request(name).build() for name in self._networks()}
        return {name: graph for name, graph in built.items() if graph is not None}

    def variants(self, graphs: Mapping[str, Graph]) -> Iterator[Variant]:
        """The networks with other values for their parameters, where the spec takes them."""
        self.session.reporter.silent += 1
        for name, graph in graphs.items():
            assert graph.tree is not None
            request = replace(self._request(name), block=graph.tree.block)
            yield from Search(graph, partial(_tried, request), self._fixed(name).lengths).run()
        self.session.reporter.silent -= 1

    def _networks(self) -> dict[str, ast.Block]:
        return {
            declaration.name.name: declaration
            for declaration in self.namespace.file.declarations
            if isinstance(declaration, ast.Block) and declaration.is_network
            if self.only in (None, declaration.name.name)
        }

    def _request(self, name: str) -> Request:
        values, frozen = self.overrides.get(name, {}), self._fixed(name).parameters
        return Request(self._networks()[name], self.namespace, self.session, values, frozen)

    def _fixed(self, name: str) -> Fixed:
        return self.fixed.get(name, NOTHING_FIXED)


def _tried(request: Request, values: Mapping[str, Value]) -> Graph | None:
    return replace(request, tried=values).build()
