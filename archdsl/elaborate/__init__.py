"""From syntax to graphs: a spec is run, and what it denotes is built and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
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
from archdsl.elaborate.variants import Variant, others
from archdsl.graph import Graph
from archdsl.syntax import ast
from archdsl.syntax.program import Program
from archdsl.work import long_work

__all__ = ["Frozen", "Measure", "Overrides", "Variant", "elaborate", "elaborate_with_variants"]

Overrides: TypeAlias = Mapping[str, Mapping[str, Value]]
"""Other defaults for the parameters of networks, by the network's name."""


Frozen: TypeAlias = Mapping[str, Set[str]]
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
    frozen: Frozen | None = None,
) -> tuple[dict[str, Graph], list[Variant], list[Diagnostic]]:
    """The graphs, and for every parameter of a network a graph with another value for it.

    A value that the spec cannot take, such as a string of unknown meaning, is not tried.
    """
    run = _Run(program, overrides or {}, only, frozen or {})
    graphs = run.graphs()
    return graphs, list(run.variants(graphs)), run.session.reporter.diagnostics


class _Run:
    """One run over a program, in which a block is the same object wherever it is used."""

    def __init__(
        self,
        program: Program,
        overrides: Overrides,
        only: str | None,
        frozen: Frozen = MappingProxyType({}),
    ) -> None:
        reporter = Reporter()
        reporter.know(check(program))
        self.session = Session(program, reporter, namespaces_of(program))
        self.namespace = self.session.namespaces[program.main]
        self.overrides, self.only, self.frozen = overrides, only, frozen

    def graphs(self) -> dict[str, Graph]:
        """The networks that can be built."""
        built = {name: self._request(name).build() for name in self._networks()}
        return {name: graph for name, graph in built.items() if graph is not None}

    def variants(self, graphs: Mapping[str, Graph]) -> Iterator[Variant]:
        """Every parameter of a network at another value, where the spec allows for one."""
        self.session.reporter.silent += 1
        for name, graph in graphs.items():
            assert graph.tree is not None
            for parameter in graph.tree.block.parameters:
                default = graph.tree.frame.definitions[parameter.name].value
                for value in others(default):
                    request = replace(
                        self._request(name), tried={parameter.name: value}, block=graph.tree.block
                    )
                    if (varied := request.build()) is not None:
                        yield Variant(name, parameter.name, value, varied)
                        break
        self.session.reporter.silent -= 1

    def _networks(self) -> dict[str, ast.Block]:
        return {
            declaration.name.name: declaration
            for declaration in self.namespace.file.declarations
            if isinstance(declaration, ast.Block) and declaration.is_network
            if self.only in (None, declaration.name.name)
        }

    def _request(self, name: str) -> Request:
        values, frozen = self.overrides.get(name, {}), self.frozen.get(name, frozenset())
        return Request(self._networks()[name], self.namespace, self.session, values, frozen)
