"""From syntax to graphs: a spec is run, and what it denotes is built and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import TypeAlias, TypeGuard

from archdsl.arithmetic import Value
from archdsl.diagnostics import Diagnostic
from archdsl.elaborate.apply.table import APPLIERS
from archdsl.elaborate.asserts import Facts, Measure, verify_assert
from archdsl.elaborate.build import LIMITS, Limits
from archdsl.elaborate.evaluate.dispatch import evaluate, value_text
from archdsl.elaborate.evaluate.table import EVALUATORS
from archdsl.elaborate.known import NO_ARGUMENTS, Known
from archdsl.elaborate.namespaces import namespaces_of
from archdsl.elaborate.networks import Outcome, Request, begin
from archdsl.elaborate.report import Failure, LimitExceeded, Reporter, merged
from archdsl.elaborate.scope import Session, aside, constants
from archdsl.graph import Graph
from archdsl.provenance import Term
from archdsl.resolve import check_anew
from archdsl.resolve.dependencies import Dependencies
from archdsl.syntax import ast
from archdsl.syntax.program import Program
from archdsl.work import long_work

__all__ = ["Elaboration", "Known", "Limits", "Measure", "Outcome", "Overrides", "elaborate"]

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
    run = Elaboration(program, overrides or {}, only)
    return run.graphs, run.diagnostics if measure is None else run.verified(measure)


class Elaboration:
    """One run over a program, in which a block is the same object wherever it is used.

    `outcomes` are what came of its networks, by name, and `graphs` those without a mistake.
    Parameters that are `frozen`, by the network's name, are numbers like any other. `known` is
    what the next run can use, as this one uses that `before` it, which had the same overrides and
    `limits`.
    """

    def __init__(
        self,
        program: Program,
        overrides: Overrides,
        only: str | None = None,
        frozen: Mapping[str, Set[str]] = MappingProxyType({}),
        before: Known | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.overrides, self.only, self.frozen = overrides, only, frozen
        self.known = before.still(program) if before else Known(program, Dependencies(program))
        names = self.known.dependencies.names
        checked = check_anew(program, self.known.dependencies, self.known.right)
        self.known.right, self.static = checked.right, checked.diagnostics
        spaces = namespaces_of(program, names)
        reporter = Reporter(program.placed)
        self.session = Session(
            reporter,
            EVALUATORS,
            APPLIERS,
            spaces,
            self.known.callees,
            applications=self.known.applications,
            limits=limits or LIMITS,
        )
        self.namespace = self.session.namespaces[program.main]
        self.outcomes = {
            name: self._outcome(name, declaration)
            for name, declaration in self._networks.items()
            if not _is_endless(declaration, self.static)
        }
        built = {name: outcome.whole for name, outcome in self.outcomes.items()}
        self.graphs = {name: graph for name, graph in built.items() if graph is not None}

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """All diagnostics of the program but those of asserts."""
        return merged(self.static, [each.reports for each in self.outcomes.values()])

    def verified(self, measure: Measure) -> list[Diagnostic]:
        """All diagnostics, also those of asserts; `measure` gives the figures of a graph."""
        facts = Facts(self.session, self.namespace, self.graphs, measure, self.known.outcomes)
        known = self.known.asserted
        asserts = [
            each for each in self.namespace.file.declarations if isinstance(each, ast.Assert)
        ]
        for each in asserts:
            if each not in known:
                known[each] = verify_assert(each, facts)
        reports = [each.reports for each in self.outcomes.values()]
        return merged(self.static, [*reports, *[known[each] for each in asserts]])

    @cached_property
    def partial(self) -> dict[str, Outcome]:
        """What came of the networks that have a syntax error, up to that, by name."""
        module = self.known.program.modules[self.known.program.main]
        begun = [each for each in reversed(module.partial) if _is_network(each)]
        return {
            name: begin(Request(each, self.namespace, self.session))
            for name, each in {each.name.name: each for each in begun}.items()
            if self.only in (None, name) and name not in self.outcomes
        }

    def build(self, network: str, values: Mapping[str, Value]) -> Graph | None:
        """A network in which parameters have other values; None where the spec refuses them.

        That they do not fit is no mistake of the program.
        """
        return self.attempt(network, values).whole

    def attempt(self, network: str, values: Mapping[str, Value]) -> Outcome:
        """What comes of a network in which parameters have other values.

        What there is to say of it is no mistake of the program.
        """
        block = self.graphs[network].tree.block
        return replace(self._request(network), block=block, tried=values).build()

    @long_work()
    def value_of(self, declaration: ast.Let) -> str:
        """The number, text or list that a `let` of the main file names, as text; else empty."""
        session = self.session
        with aside(session), session.reporter.apart(), suppress(Failure, LimitExceeded):
            datum = evaluate(declaration.value, constants(session, self.namespace))
            return value_text(datum.value) if isinstance(datum, Term) else ""
        return ""

    def _outcome(self, name: str, declaration: ast.BlockDeclaration) -> Outcome:
        known, key = self.known.outcomes, (declaration, NO_ARGUMENTS)
        if key not in known:
            known[key] = self._request(name).build()
        return known[key]

    @cached_property
    def _networks(self) -> dict[str, ast.BlockDeclaration]:
        return {
            declaration.name.name: declaration
            for declaration in self.namespace.file.declarations
            if _is_network(declaration)
            if self.only in (None, declaration.name.name)
        }

    def _request(self, name: str) -> Request:
        values, frozen = self.overrides.get(name, {}), self.frozen.get(name, frozenset())
        return Request(self._networks[name], self.namespace, self.session, values, frozen)


def _is_network(declaration: ast.Declaration) -> TypeGuard[ast.BlockDeclaration]:
    return isinstance(declaration, ast.BlockDeclaration) and declaration.is_network


def _is_endless(declaration: ast.BlockDeclaration, found: Iterable[Diagnostic]) -> bool:
    """Whether a network is known to contain itself, so that there is no use in building it."""
    return any(each.code == "E0711" and declaration.span.holds(each.span) for each in found)
