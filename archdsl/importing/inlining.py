"""Calls of modules that are written out, where the language has no way to call them as blocks.

A block of several inputs takes a bundle, whose names are labels of the scope that calls it. So two
such calls in one scope, or a layer with such a name, would make a label twice.
"""

from __future__ import annotations

from collections import Counter

from archdsl.importing.flows import is_named
from archdsl.importing.steps import Port, Scope, Step


def with_inlined_calls(scope: Scope) -> None:
    """Write out calls of several inputs whose names are not free, the inner ones first."""
    for step in scope.steps:
        if step.scope is not None:
            with_inlined_calls(step.scope)
    while several := _without_free_names(scope):
        # What is written out may have calls of its own.
        for step in several:
            _inline(scope, step)


def _without_free_names(scope: Scope) -> list[Step]:
    """The calls of a scope that need a label which is there twice."""
    labels = Counter(scope.relative(step.path) for step in scope.steps if step.has_weights)
    names = Counter(name for step in scope.steps for name in bundle_names(scope, step))
    # A label may not hide an input.
    taken = {*_named_inputs(scope).values(), *[n for n in names if names[n] > 1 or labels[n]]}
    return [step for step in scope.steps if not taken.isdisjoint(bundle_names(scope, step))]


def _named_inputs(scope: Scope) -> dict[Port, str]:
    """What a scope calls the tensors that come in; one alone has no name."""
    several = scope.inputs if len(scope.inputs) > 1 else []
    return dict(zip([each.port for each in several], scope.labels_of_inputs, strict=False))


def bundle_names(scope: Scope, step: Step) -> list[str]:
    """The labels that a call of several inputs needs, for those without that name."""
    if step.scope is None or len(step.inputs) < 2:
        return []
    pairs = zip(step.inputs, step.scope.labels_of_inputs, strict=True)
    inputs = _named_inputs(scope)
    return [name for port, name in pairs if name != inputs.get(port) and not is_named(port, name)]


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
