"""From syntax to graphs: a spec is run, and what it denotes is built and checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
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
from archdsl.elaborate.samples import Samples
from archdsl.elaborate.scope import Session
from archdsl.elaborate.static import check
from archdsl.elaborate.variants import Fixed, Search, Variant, computed, unmoved, variant_of
from archdsl.graph import Graph
from archdsl.syntax import ast
from archdsl.syntax.program import Program
from archdsl.work import long_work

__all__ = [
    "Elaboration",
    "Fixed",
    "Measure",
    "Overrides",
    "Variant",
    "computed",
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
    run = Elaboration(program, overrides or {}, only)
    if measure is not None:
        verify_asserts(run.session, run.namespace, run.graphs, measure)
    return run.graphs, run.diagnostics


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
    run = Elaboration(program, overrides or {}, only, fixed or {})
    return run.graphs, list(run.variants()), run.diagnostics


class Elaboration:
    """One run over a program, in which a block is the same object wherever it is used.

    `graphs` are its networks that can be built, by name. Beside them it gives graphs of the same
    networks in which parameters have other values; what is `fixed` of a network is not moved.
    When all samples were drawn, `frozen` has what must not move: no sample shows what comes of it.
    """

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
        built = {name: self._request(name).build() for name in self._networks()}
        self.graphs = {name: graph for name, graph in built.items() if graph is not None}
        self.frozen: dict[str, Fixed] = {}

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """All that there is to say about the program."""
        return self.session.reporter.diagnostics

    @property
    def lengths(self) -> dict[str, Set[str]]:
        """The parameters whose lists have always the same length, by the network's name."""
        return {network: each.lengths for network, each in self.fixed.items()}

    def variants(self) -> Iterator[Variant]:
        """The networks with other values for one parameter or two, where the spec takes them."""
        for name, graph in self.graphs.items():
            yield from Search(graph, self._builder(name), self._fixed(name).lengths).run()

    def samples(self, variants: Sequence[Variant]) -> Iterator[Variant]:
        """The networks with joint values for all parameters, beside some variants."""
        for name, graph in self.graphs.items():
            known = [variant for variant in variants if variant.network == name]
            samples = Samples(graph, known, self._builder(name), self._fixed(name).lengths)
            yield from samples.run()
            self.frozen[name] = samples.frozen()

    def variant(self, network: str, values: Mapping[str, Value]) -> Variant | None:
        """A network with other values for some parameters; None where the spec takes them not."""
        graph = self._builder(network)(values)
        return None if graph is None else variant_of(self.graphs[network], values, graph)

    def _builder(self, name: str) -> Callable[[Mapping[str, Value]], Graph | None]:
        tree = self.graphs[name].tree
        assert tree is not None
        return partial(self._tried, replace(self._request(name), block=tree.block))

    def _tried(self, request: Request, values: Mapping[str, Value]) -> Graph | None:
        """A graph with other values; that they do not fit is no mistake of the program."""
        self.session.reporter.silent += 1
        try:
            return replace(request, tried=values).build()
        finally:
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
