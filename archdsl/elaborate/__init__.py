"""From syntax to graphs: a spec is run, and what it denotes is built and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from archdsl.arithmetic import Value
from archdsl.diagnostics import Diagnostic
from archdsl.elaborate.apply.table import APPLIERS
from archdsl.elaborate.asserts import Measure, verify_asserts
from archdsl.elaborate.evaluate.table import EVALUATORS
from archdsl.elaborate.memory import Memory
from archdsl.elaborate.namespaces import namespaces_of
from archdsl.elaborate.networks import Request
from archdsl.elaborate.report import Reporter
from archdsl.elaborate.scope import Session
from archdsl.graph import Graph
from archdsl.resolve import check
from archdsl.syntax import ast
from archdsl.syntax.program import Program
from archdsl.work import long_work

__all__ = ["Elaboration", "Measure", "Memory", "Overrides", "elaborate"]

Overrides: TypeAlias = Mapping[str, Mapping[str, Value]]
"""Other defaults for the parameters of networks, by the network's name."""


@long_work()
def elaborate(
    program: Program,
    overrides: Overrides | None = None,
    only: str | None = None,
    measure: Measure | None = None,
    memory: Memory | None = None,
) -> tuple[dict[str, Graph], list[Diagnostic]]:
    """The graphs of the main file's networks, or of only one, and all mistakes of the program.

    With `measure`, which gives the figures of a graph, the asserts are verified too. A `memory`
    that served earlier programs saves what they have in common with this one.
    """
    run = Elaboration(program, overrides or {}, only, memory=memory)
    if measure is not None:
        verify_asserts(run.session, run.namespace, run.graphs, measure)
    return run.graphs, run.diagnostics


class Elaboration:
    """One run over a program, in which a block is the same object wherever it is used.

    `graphs` are its networks that can be built, by name. Parameters that are `frozen`, by the
    network's name, are numbers like any other.
    """

    def __init__(
        self,
        program: Program,
        overrides: Overrides,
        only: str | None = None,
        frozen: Mapping[str, Set[str]] = MappingProxyType({}),
        memory: Memory | None = None,
    ) -> None:
        reporter = Reporter()
        reporter.found.extend(check(program))
        self.session = Session(
            reporter, EVALUATORS, APPLIERS, namespaces_of(program), memory or Memory()
        )
        self.namespace = self.session.namespaces[program.main]
        self.overrides, self.only, self.frozen = overrides, only, frozen
        built = {
            name: self._request(name).build()
            for name, declaration in self._networks().items()
            if not _is_endless(declaration, reporter.found)
        }
        self.graphs = {name: graph for name, graph in built.items() if graph is not None}

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """All diagnostics of the program."""
        return list(self.session.reporter.found)

    def build(self, network: str, values: Mapping[str, Value]) -> Graph | None:
        """A network in which parameters have other values; None where the spec refuses them.

        That they do not fit is no mistake of the program.
        """
        block = self.graphs[network].tree.block
        request = replace(self._request(network), block=block, tried=values)
        self.session.reporter.silent += 1
        try:
            return request.build()
        finally:
            self.session.reporter.silent -= 1

    def _networks(self) -> dict[str, ast.BlockDeclaration]:
        return {
            declaration.name.name: declaration
            for declaration in self.namespace.file.declarations
            if isinstance(declaration, ast.BlockDeclaration) and declaration.is_network
            if self.only in (None, declaration.name.name)
        }

    def _request(self, name: str) -> Request:
        values, frozen = self.overrides.get(name, {}), self.frozen.get(name, frozenset())
        return Request(self._networks()[name], self.namespace, self.session, values, frozen)


def _is_endless(declaration: ast.BlockDeclaration, found: Iterable[Diagnostic]) -> bool:
    """Whether a network is known to contain itself, so that there is no use in building it."""
    span = declaration.span
    return any(
        each.code == "E0711"
        and each.span.source is span.source
        and span.start <= each.span.start < span.end
        for each in found
    )
