"""Collecting what is wrong with a spec: every mistake once, with the way to it.

What goes wrong in a block of the library began where that was called. So the blame falls on the
argument that the expression in the library is made of, if it is made of one; else on the call.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from types import MappingProxyType
from typing import Unpack

from archdsl.diagnostics import (
    Details,
    Diagnostic,
    Diagnostics,
    Expansion,
    Key,
    Severity,
    error,
    key_of,
    note,
)
from archdsl.records import record
from archdsl.resolve.recursion import ENDLESS
from archdsl.resolve.words import NUMBERS
from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.walk import children, descendants

MAXIMUM_TRACE = 200
ALIKE = {"E0405": "E0404", "E0216": "E0201"}
"""Codes that a network may meet where another says as much of the text alone."""


class Failure(Exception):
    """There is no result, and the reason has been reported."""


class LimitExceeded(Exception):
    """A bound on the whole network is exceeded; there is no use in going on with it."""


@record
class Given:
    """Where an argument was written, and the way there."""

    span: Span
    trace: Trace | None


@record
class Trace:
    """The way to a piece of syntax: the block or function it is in, who called that, with what."""

    name: str
    called_at: Span
    parent: Trace | None
    depth: int
    given: Mapping[str, Given]
    declaration: ast.Let | ast.BlockDeclaration | ast.Binding | None


NOTHING_GIVEN: Mapping[str, Given] = MappingProxyType({})


def step(
    name: str,
    called_at: Span,
    parent: Trace | None,
    given: Mapping[str, Given] = NOTHING_GIVEN,
    declaration: ast.Let | ast.BlockDeclaration | ast.Binding | None = None,
) -> Trace:
    """One step further: into a block or function."""
    depth = parent.depth + 1 if parent else 1
    return Trace(name, called_at, parent, depth, given, declaration)


def expansion(trace: Trace | None) -> tuple[Expansion, ...]:
    """The steps of a way, innermost first."""
    steps: list[Expansion] = []
    while trace is not None and len(steps) < MAXIMUM_TRACE:
        steps.append(Expansion(trace.name, trace.called_at))
        trace = trace.parent
    return tuple(steps)


def first_call(trace: Trace, placed: Callable[[Span], Span]) -> Span:
    """Of the calls of a recursion the first in the text, by which all ways into it say the same."""
    calls: list[Span] = []
    way: Trace | None = trace
    while way is not None and key_of("", way.called_at) not in {key_of("", span) for span in calls}:
        calls.append(way.called_at)
        way = way.parent
    own = [span for span in calls if not span.source.is_library]
    return min(own or calls, key=lambda span: (span.source.name, placed(span).start))


def too_deep(trace: Trace, placed: Callable[[Span], Span]) -> tuple[str, Span, str]:
    """What to say of a way that exceeds `MAXIMUM_TRACE`: the message, its place, and the help."""
    is_block = isinstance(trace.declaration, ast.BlockDeclaration)
    way = trace.parent
    while way is not None and way.declaration is not trace.declaration:
        way = way.parent
    if way is not None:
        does = "contains" if is_block else "calls"
        message = f"`{trace.name}` {does} itself more than {MAXIMUM_TRACE} levels deep"
        return message, first_call(trace, placed), ENDLESS
    kind, does = ("block", "contain") if is_block else ("function", "call")
    message = f"`{trace.name}` is more than {MAXIMUM_TRACE} levels deep"
    help = f"use fewer blocks and functions that {does} each other: write out this {kind}"
    return message, trace.called_at, help


def blamed(span: Span, trace: Trace | None) -> Span:
    """The span of a mistake; if it is in the library, the span outside that led to it."""
    blame, way = span, trace
    while blame.source.is_library and way is not None:
        argument = _only_argument(blame, way)
        if argument is not None:
            blame, way = argument.span, argument.trace
        else:
            blame, way = way.called_at, way.parent
    return span if blame.source.is_library else blame


def _only_argument(span: Span, trace: Trace) -> Given | None:
    """The one argument of a block that an expression in it is made of."""
    if trace.declaration is None:
        return None
    parts = [*descendants(trace.declaration)]
    known = _definitions(parts)
    inside = [each for each in parts if span.start <= each.span.start and each.span.end <= span.end]
    # Of `a * b // c` a part may be blamed that is no node, but several.
    whole = [each for each in inside if (each.span.start, each.span.end) == (span.start, span.end)]
    names = _arguments(whole[:1] or inside, known, trace.given.keys())
    return trace.given[names.pop()] if len(names) == 1 else None


def _definitions(parts: Iterable[ast.SyntaxNode]) -> dict[str, ast.Expression]:
    """The expressions of names that have a default or a `let` in a declaration."""
    known: dict[str, ast.Expression] = {}
    for each in parts:
        match each:
            case ast.ParameterDeclaration(name=name, default=value) if value is not None:
                known.setdefault(name.name, value)
            case ast.Binding(name=name, value=value):
                known.setdefault(name.name, value)
    return known


def _arguments(
    blamed: list[ast.SyntaxNode], known: Mapping[str, ast.Expression], given: Collection[str]
) -> set[str]:
    """The arguments that an expression is computed from; for a layer in use, only itself."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [*blamed]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Name(name=name) if name in given:
                found.add(name)
            case ast.Name(name=name) if name in known and name not in seen:
                seen.add(name)
                waiting.append(known[name])
            case ast.Call(callee=ast.Name(name=name)) if name in given:
                found.add(name)
            case ast.Call(callee=ast.Name(name=name), arguments=arguments) if name in NUMBERS:
                waiting += arguments
            case ast.Call() | ast.Chain() | ast.Labelled():
                pass
            case ast.Argument(value=value):
                waiting.append(value)
            case _:
                waiting += children(node)
    return found


@dataclass(frozen=True)
class Report:
    """A mistake as one run met it: its key, and that of another mistake that says as much."""

    diagnostic: Diagnostic
    key: Key
    unless: Key


@dataclass
class Reporter:
    """What the run under way has met. While `silent`, nothing is kept: somebody tries something.

    Runs report each for themselves, so that what one says does not depend on what others said
    before. `placed` says where a span lies in the text as it is now.
    """

    placed: Callable[[Span], Span]
    reports: dict[tuple[Key, Key], Report] = field(default_factory=dict)
    silent: int = 0
    met: int = 0
    """How often something was to be reported, be it new or not."""

    @contextmanager
    def apart(self) -> Iterator[dict[tuple[Key, Key], Report]]:
        """What is reported within, for itself, also where the surroundings are silent."""
        outer, silent = self.reports, self.silent
        self.reports, self.silent = {}, 0
        try:
            yield self.reports
        finally:
            self.reports, self.silent = outer, silent

    def repeat(self, reports: Iterable[Report]) -> None:
        """Report what another run has met, which is a part of this one."""
        for each in reports if not self.silent else ():
            self.reports.setdefault((each.key, each.unless), each)

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        trace: Trace | None = None,
        *,
        severity: Severity = Severity.ERROR,
        **details: Unpack[Details],
    ) -> Failure:
        """Keep a diagnostic unless its mistake is known; to be raised where an error stops work."""
        self.met += 1
        blame = blamed(span, trace) if severity is Severity.ERROR else span
        steps = expansion(trace)
        if blame is not span:
            steps = (Expansion(" ".join(span.text.split()), span, is_call=False), *steps)
            # What would be right in the library is none where that is used.
            details["fixes"] = ()
            # Whatever else a call of the library leads to there, it is the same mistake.
            key = key_of("", blame)
        else:
            key = key_of(code, blame)
        if not self.silent:
            make = error if severity is Severity.ERROR else note
            made = make(code, message, blame, expansion=steps, **details)
            self.repeat([Report(made, key, (ALIKE.get(code, code), *key[1:]))])
        return Failure()


def merged(found: Iterable[Diagnostic], runs: Iterable[Iterable[Report]]) -> list[Diagnostic]:
    """What is known of the text alone, and what runs have met: every mistake once."""
    diagnostics = Diagnostics()
    diagnostics.extend(found)
    for report in chain.from_iterable(runs):
        diagnostics.add(report.diagnostic, report.key, unless=[report.unless])
    return [*diagnostics]
