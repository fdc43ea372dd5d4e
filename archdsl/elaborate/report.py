"""Collecting what is wrong with a spec: every mistake once, with the way to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from archdsl.diagnostics import Diagnostic, Expansion, Severity
from archdsl.source import Span

MAXIMUM_TRACE = 200
ALIKE = {"E0405": "E0404"}
"""Codes that a network may meet where another says as much of the text alone."""


class Reported(Exception):
    """What was asked for cannot be had, and the reason has been reported."""


class Exhausted(Reported):
    """A bound on the whole network is exceeded; there is no use in going on with it."""


@dataclass(frozen=True, eq=False)
class Trace:
    """The way to a piece of syntax: the block or function it is in, and who called that."""

    name: str
    called_at: Span
    parent: Trace | None
    depth: int


def step(name: str, called_at: Span, parent: Trace | None) -> Trace:
    """One step further: into a block or function."""
    return Trace(name, called_at, parent, parent.depth + 1 if parent else 1)


def expansion(trace: Trace | None) -> tuple[Expansion, ...]:
    """The steps of a way, innermost first."""
    steps: list[Expansion] = []
    while trace is not None and len(steps) < MAXIMUM_TRACE:
        steps.append(Expansion(trace.name, trace.called_at))
        trace = trace.parent
    return tuple(steps)


@dataclass
class Reporter:
    """The diagnostics so far. While `silent`, nothing is kept: somebody only tries something."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    silent: int = 0
    _seen: set[tuple[str, str, int, int]] = field(default_factory=set)

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        trace: Trace | None = None,
        *,
        expected: str = "",
        found: str = "",
        help: str = "",
        severity: Severity = Severity.ERROR,
    ) -> Reported:
        """Keep a diagnostic unless its mistake is known; to be raised where an error stops work."""
        key = (code, span.source.name, span.start, span.end)
        is_known = {key, (ALIKE.get(code, code), *key[1:])} & self._seen
        if not self.silent and not is_known:
            self._seen.add(key)
            steps = expansion(trace)
            self.diagnostics.append(
                Diagnostic(code, message, span, expected, found, help, steps, severity)
            )
        return Reported()

    def know(self, diagnostics: list[Diagnostic]) -> None:
        """Take over diagnostics of an earlier check, so that they are not repeated."""
        for diagnostic in diagnostics:
            span = diagnostic.span
            self._seen.add((diagnostic.code, span.source.name, span.start, span.end))
        self.diagnostics += diagnostics
