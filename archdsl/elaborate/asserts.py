"""Asserts verified: what a spec claims of its networks, compared with what was inferred."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from archdsl.arithmetic import Value
from archdsl.diagnostics import listing
from archdsl.elaborate.evaluate.dispatch import number, text, truth
from archdsl.elaborate.namespaces import Namespace
from archdsl.elaborate.networks import Outcome, Request
from archdsl.elaborate.report import Failure, LimitExceeded, Report
from archdsl.elaborate.scope import Scope, Session, constants
from archdsl.graph import Graph
from archdsl.provenance import Term, constant
from archdsl.resolve.asserts import FACTS
from archdsl.resolve.edits import with_keywords
from archdsl.shapes import Polynomial, Unknown
from archdsl.source import Span
from archdsl.syntax import ast

Measure: TypeAlias = Callable[[Graph, str], "Value | Polynomial | Unknown"]
"""A figure of a network, by the name that an assert calls it."""

Arguments: TypeAlias = tuple[tuple[str, Value], ...]
Built: TypeAlias = "dict[tuple[ast.BlockDeclaration, str], Outcome]"
"""Networks by their declarations, and by the arguments of an assert as text."""


@dataclass
class Facts:
    """Answers what asserts ask; `graphs` and `built` are the networks that were built already."""

    session: Session
    namespace: Namespace
    graphs: Mapping[str, Graph]
    measure: Measure
    built: Built

    def __call__(self, node: ast.Attribute, scope: Scope) -> Term:
        """The figure that `network.fact` or `network(arguments).fact` asks for."""
        graph = self._graph(node.target, scope)
        if graph is None or node.name.name not in FACTS:
            raise scope.broken()
        if node.name.name == "output" and len(graph.results) > 1:
            names = ", ".join(f"`{name}`" for name in graph.results)
            message = f"`{node.target.span.text}` has several results: {names}"
            help = "write their shapes in its signature, which is checked too"
            raise scope.fail("E0509", message, node.span, help=help)
        found = self.measure(graph, node.name.name)
        if isinstance(found, Polynomial):
            message = f"`{node.span.text}` depends on the size of the input: {found}"
            raise scope.fail("E0803", message, node.span)
        if isinstance(found, Unknown):
            raise scope.fail("E0804", *_unknown(graph, node), help=_known(graph, node))
        return constant(found)

    def _graph(self, target: ast.Expression, scope: Scope) -> Graph | None:
        callee = target.callee if isinstance(target, ast.Call) else target
        if not isinstance(callee, ast.Name):
            raise scope.broken()
        if not isinstance(target, ast.Call):
            return self.graphs.get(callee.name) or self._build(callee.name, (), scope)
        return self._build(callee.name, self._arguments(target, callee.name, scope), scope)

    def _arguments(self, call: ast.Call, name: str, scope: Scope) -> Arguments:
        """The values for parameters of a network, which are given by keyword."""
        values = []
        for argument in call.arguments:
            if argument.name is None:
                _, declaration = self.namespace.names.get(name, (None, None))
                known = (declaration and declaration.parameters) or ()
                fixes = with_keywords(call.arguments, [each.name.name for each in known])
                message, help = "a network only takes keywords here", "write `classes=10`"
                raise scope.fail("E0207", message, argument.span, help=help, fixes=fixes)
            values.append((argument.name.name, number(argument.value, scope).value))
        return tuple(values)

    def _build(self, name: str, arguments: Arguments, scope: Scope) -> Graph | None:
        """A network at other values; one graph for equal ones."""
        namespace, declaration = self.namespace.names.get(name, (None, None))
        if namespace is None or not isinstance(declaration, ast.BlockDeclaration):
            raise scope.broken()
        # Of numbers alone, `1` and `true` would be equal.
        key = (declaration, repr(arguments))
        if key not in self.built:
            self.session.fact = None
            request = Request(declaration, namespace, self.session, dict(arguments))
            self.built[key] = request.build()
            self.session.fact = self
        self.session.reporter.repeat(self.built[key].reports)
        return self.built[key].whole


def _unknown(graph: Graph, node: ast.Attribute) -> tuple[str, Span]:
    """What to say of a figure that nobody knows, and where."""
    ops = dict.fromkeys(each.op.name for each in graph if each.op and each.op.is_foreign)
    names = listing(ops)
    return f"`{node.span.text}` is not known: it depends on {names}, an `extern`", node.span


def _known(graph: Graph, node: ast.Attribute) -> str:
    """How to say how many weights a class has."""
    is_count = node.name.name in ("params", "inference_params")
    return 'say how many weights it has: `extern … = "…"(…), weights=…`' if is_count else ""


def verify_assert(declaration: ast.Assert, facts: Facts) -> tuple[Report, ...]:
    """What there is to report of an assert that does not hold."""
    session = facts.session
    session.fact, session.steps = facts, 0
    with session.reporter.apart() as reports, suppress(Failure, LimitExceeded):
        _verify(declaration.condition, constants(session, facts.namespace))
    session.fact = None
    return tuple(reports.values())


def _verify(condition: ast.Expression, scope: Scope) -> None:
    if truth(condition, scope).value:
        return
    expected = found = help = ""
    if isinstance(condition, ast.Comparison):
        left, right = number(condition.left, scope), number(condition.right, scope)
        expected = f"{condition.left.span.text} {condition.operator} {_readable(right)}"
        found = _readable(left)
        help = _as_list(condition, left, right)
    scope.fail(
        "E0802", "this assert fails", condition.span, expected=expected, found=found, help=help
    )


def _as_list(condition: ast.Comparison, left: Term, right: Term) -> str:
    """The help for a list compared with one number."""
    operator = condition.operator
    sizes = [each for side in (left, right) if isinstance(side.value, tuple) for each in side.value]
    if not all(isinstance(each, int) for each in sizes):
        return ""
    match left.value, right.value:
        case (tuple() as several, int() | float()):
            return f"write `{operator} {_listed(several, right)}`"
        case (int() | float(), tuple() as several):
            return f"write `{_listed(several, left)} {operator}`"
    return ""


def _listed(several: tuple[Value, ...], number: Term) -> str:
    """A list as long as another, of one number; of sizes that differ, these."""
    is_one = all(each == several[0] for each in several)
    return text(constant((number.value,) * len(several) if is_one else several))


def _readable(term: Term) -> str:
    value = term.value
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:,}" if is_number else text(term)
