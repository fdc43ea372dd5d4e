"""Variables for long expressions that are repeated in a constructor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from archdsl.backends.torch import python, traversal
from archdsl.backends.torch.names import unused
from archdsl.backends.torch.python import (
    PyBlock,
    PyChoice,
    PyCode,
    PyComprehension,
    PyExpression,
    PyFor,
    PyIf,
    PyName,
    PyOperation,
    PyStatement,
)


def hoist(
    block: PyBlock, compound: Mapping[PyExpression, Sequence[str]], taken: set[str]
) -> PyBlock:
    """The block with names for repeated expressions, then the same within nested blocks.

    `compound` are the candidate expressions, each with possible names for its variable.
    """
    bound = set(_bound(block))
    used = taken | bound
    found = _indices(block, compound)
    for value in sorted(compound, key=lambda each: (found[each][:1], -_size(each))):
        indices = found[value]
        if len(indices) < 2 or bound & traversal.names_read(value):
            continue
        first = indices[0]
        if traversal.can_fail(value) and not _is_certain(block[first], value):
            # Only a condition keeps it from failing.
            continue
        names = compound[value]
        name = next((name for name in names if name not in used), unused(names[-1], used))
        named = [_replaced(part, value, PyName(name)) for part in block]
        block = (*named[:first], python.assign(name, value), *named[first:])
        found = _indices(block, compound)
        used.add(name)
    return tuple([_within(statement, compound, used) for statement in block])


def _within(
    statement: PyStatement, compound: Mapping[PyExpression, Sequence[str]], taken: set[str]
) -> PyStatement:
    match statement:
        case PyIf(then=then, otherwise=otherwise):
            sides = [hoist(side, compound, taken) for side in (then, otherwise)]
            return replace(statement, then=sides[0], otherwise=sides[1])
        case PyFor(body=body):
            return replace(statement, body=hoist(body, compound, taken))
    return statement


def _indices(block: PyBlock, values: Iterable[PyExpression]) -> dict[PyExpression, list[int]]:
    """The indices of the statements that contain each value, once per occurrence."""
    found: dict[PyExpression, list[int]] = {value: [] for value in values}
    kinds = {type(value) for value in found}
    for index, part in enumerate(block):
        for code in traversal.walk(part):
            # Most code is of another kind, and need not be hashed.
            if type(code) in kinds and (known := found.get(code)) is not None:  # type: ignore[arg-type]
                known.append(index)
    return found


def _is_certain(statement: PyStatement, value: PyExpression) -> bool:
    """Whether a statement computes a value whatever its conditions evaluate to."""
    match statement:
        case PyIf(test=test):
            return _computes(test, value)
        case PyFor(iterable=iterable):
            return _computes(iterable, value)
    return _computes(statement, value)


def _computes(code: PyCode, value: PyExpression) -> bool:
    match code:
        case _ if code == value:
            return True
        case PyChoice(test=test):
            return _computes(test, value)
        case PyOperation("and" | "or", (first, *_)):
            return _computes(first, value)
        case PyComprehension(iterable=iterable):
            return _computes(iterable, value)
    return any(_computes(part, value) for part in traversal.parts(code))


def _bound(block: PyBlock) -> Iterator[str]:
    """The loop variables within a block, which have no value before it."""
    for code in chain.from_iterable(map(traversal.walk, block)):
        if isinstance(code, PyFor | PyComprehension):
            yield from traversal.names_bound(code.targets)


def _size(value: PyExpression) -> int:
    return sum(1 for _ in traversal.walk(value))


def _replaced(part: PyStatement, value: PyExpression, name: PyName) -> PyStatement:
    return traversal.changed(part, lambda code: name if code == value else code)
