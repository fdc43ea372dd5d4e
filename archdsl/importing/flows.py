"""Several tensors that go from one module to the next: results that are named as inputs are.

A block of several inputs stands behind one whose results have the same names. Python names no
results of a tuple, so they are called what the module behind them calls its inputs.
"""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.importing.steps import Port, Scope, Step

Kind = tuple[str, int]
"""A class, and how many results a call of it has."""


def with_common_names(scope: Scope) -> None:
    """Name results of calls in a scope, and in the calls themselves, after what reads them."""
    calls = [scope, *[each.scope for each in scope.all_steps() if each.scope is not None]]
    names: dict[Kind, list[str]] = {}
    for each in calls:
        for kind, found in _wanted(each):
            names.setdefault(kind, found)
    for each in calls:
        if not each.names and (each.kind, len(each.results)) in names:
            each.names = names[each.kind, len(each.results)]


def _wanted(scope: Scope) -> Iterator[tuple[Kind, list[str]]]:
    """The names that results of calls in a scope are read by, for every class."""
    for step in scope.steps:
        source = source_of(step)
        if source is not None and not source.names:
            assert step.scope is not None
            yield (source.kind, len(source.results)), step.scope.labels_of_inputs


def source_of(step: Step) -> Scope | None:
    """The scope of the call whose results are all that a call reads, in their order."""
    if step.scope is None or len(step.inputs) < 2:
        return None
    before = step.inputs[0].step
    count = len(before.types)
    is_whole = step.inputs == [Port(before, index) for index in range(count)]
    return before.scope if is_whole else None


def is_named(port: Port, name: str) -> bool:
    """Whether a tensor is one of several results of a call that has a name already."""
    step = port.step
    if step.scope is None or len(step.types) < 2 or not step.scope.names:
        return False
    return step.scope.names[port.index] == name
