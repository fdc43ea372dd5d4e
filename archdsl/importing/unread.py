"""Results of modules that their callers leave: what only leads to those is no part of a block."""

from __future__ import annotations

from collections import Counter

from archdsl.importing.rules.joins import drop_unread
from archdsl.importing.steps import Port, Scope, Step


def without_unread_results(scope: Scope) -> None:
    """Drop results of calls in a scope that nothing reads, from the outside inwards.

    What a call passes on, or reads for another result, stays: nothing is computed for it alone. A
    module that is called several times keeps the results of each call.
    """
    calls = Counter(step.path for step in scope.steps if step.scope is not None)
    for step in scope.steps:
        if step.scope is not None and calls[step.path] == 1:
            _drop(scope, step, step.scope)
            without_unread_results(step.scope)


def _drop(scope: Scope, call: Step, inner: Scope) -> None:
    read = {port.index for port in _reads(scope) if port.step is call}
    inside = Counter(_reads(inner))
    kept = [
        index
        for index, port in enumerate(inner.results)
        if index in read or port.step.kind == "input" or inside[port] > 1
    ]
    if not kept or len(kept) == len(inner.results):
        return
    inner.results = [inner.results[index] for index in kept]
    inner.names = [inner.names[index] for index in kept] if inner.names and len(kept) > 1 else []
    call.types = [call.types[index] for index in kept]
    moved = {Port(call, index): Port(call, place) for place, index in enumerate(kept)}
    for step in scope.steps:
        step.inputs = [moved.get(port, port) for port in step.inputs]
    scope.results = [moved.get(port, port) for port in scope.results]
    drop_unread(inner)


def _reads(scope: Scope) -> list[Port]:
    """All tensors that steps of a scope read, and those that it gives."""
    return [*[port for step in scope.steps for port in step.inputs], *scope.results]
