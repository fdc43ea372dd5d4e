"""Calls of modules that are written out, where the language has no way to call them as blocks.

A block of several inputs takes a bundle, whose names are labels of the scope that calls it. So two
such calls in one scope, or a layer with such a name, would make a label twice.
"""

from __future__ import annotations

from collections import Counter

from archdsl.importing.flows import is_named, names_of
from archdsl.importing.steps import Port, Scope, Step


def with_inlined_calls(scope: Scope) -> None:
    """Write out calls of several inputs whose names are not free, the inner ones first."""
    for step in scope.steps:
        if step.scope is not None:
            with_inlined_calls(step.scope)
    labels = Counter(scope.relative(step.path) for step in scope.steps if step.has_weights)
    names = Counter(name for step in scope.steps for name in bundle_names(step))
    for step in [*scope.steps]:
        if any(names[name] > 1 or labels[name] for name in bundle_names(step)):
            _inline(scope, step)


def bundle_names(step: Step) -> list[str]:
    """The labels that a call of several inputs needs, for those without that name."""
    if step.scope is None or len(step.inputs) < 2:
        return []
    pairs = zip(step.inputs, names_of(step), strict=True)
    return [name for port, name in pairs if not is_named(port, name)]


def _inline(scope: Scope, call: Step) -> None:
    inner = call.scope
    assert inner is not None
    outer = dict(zip([each.port for each in inner.inputs], call.inputs, strict=True))
    for step in inner.steps:
        step.inputs = [outer.get(port, port) for port in step.inputs]
    results = {Port(call, index): outer.get(port, port) for index, port in enumerate(inner.results)}
    place = scope.steps.index(call)
    scope.steps[place : place + 1] = inner.steps
    for step in scope.steps[place:]:
        step.inputs = [results.get(port, port) for port in step.inputs]
    scope.results = [results.get(port, port) for port in scope.results]
