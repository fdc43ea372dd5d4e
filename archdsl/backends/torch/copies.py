"""Statements that only give a tensor a second name, and their removal from `forward`.

`entry = x` is written if `x` is assigned again while `entry` is still read. After the removal `x`
keeps its value, and later tensors are called `out`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import TypeVar

from archdsl.backends.torch import python, traversal
from archdsl.backends.torch.names import tensor_name
from archdsl.backends.torch.python import (
    PyAssign,
    PyBlock,
    PyCode,
    PyDisplay,
    PyExpression,
    PyName,
    PyStatement,
)

C = TypeVar("C", bound=PyCode)


def without_copies(block: PyBlock, taken: Set[str]) -> PyBlock:
    """The statements without copies, where the removal is simple; `taken` are other variables."""
    for index, statement in enumerate(block):
        match statement:
            case PyAssign(PyName(copy), PyName(source), None, ""):
                rest = _without(
                    block[index + 1 :], copy, source, taken | traversal.names_read(*block)
                )
                if rest is not None:
                    return without_copies((*block[:index], *rest), taken)
            case PyAssign(PyDisplay("bare", copies), PyDisplay("bare", sources), None, ""):
                rest = _without_several(block[index + 1 :], copies, sources)
                if rest is not None:
                    return without_copies((*block[:index], *rest), taken)
    return block


def _without(block: PyBlock, copy: str, source: str, taken: Set[str]) -> PyBlock | None:
    """The statements after a copy, with the source in its place; None if that is not simple."""
    if any(_assigns(part, copy) or _is_inner(part, source) for part in block):
        return None
    first = next((n for n, part in enumerate(block) if _assigns(part, source)), len(block))
    name = tensor_name(set(taken))
    before = [_renamed(part, {copy: source}) for part in block[:first]]
    if first == len(block):
        return tuple(before)
    assigned = block[first]
    assert isinstance(assigned, PyAssign)
    assert assigned.value is not None
    value = _renamed(assigned.value, {copy: source})
    after = [_renamed(part, {source: name, copy: source}) for part in block[first + 1 :]]
    return (*before, python.assign(name, value), *after)


def _without_several(
    block: PyBlock, copies: Sequence[PyExpression], sources: Sequence[PyExpression]
) -> PyBlock | None:
    """The statements after several copies, under the names of sources that nobody needs again."""
    names = [each.id for each in sources if isinstance(each, PyName)]
    others = [each.id for each in copies if isinstance(each, PyName)]
    if len({*names}) < len(sources) or len(others) < len(copies):
        return None
    if not traversal.names_read(*block).isdisjoint(names):
        return None
    renamed = dict(zip(others, names, strict=True))
    return tuple([_renamed(part, renamed) for part in block])


def _assigns(statement: PyStatement, name: str) -> bool:
    """Whether a statement, or one nested in it, assigns a variable."""
    return any(
        isinstance(part, PyAssign) and name in traversal.names_read(part.target)
        for part in traversal.walk(statement)
    )


def _is_inner(statement: PyStatement, name: str) -> bool:
    """Whether a variable is assigned in another way than by `name = value`."""
    match statement:
        case PyAssign(target=PyName(), value=value, annotation=None, operator=""):
            return value is None
    return _assigns(statement, name)


def _renamed(code: C, names: Mapping[str, str]) -> C:
    def change(part: PyCode) -> PyCode:
        return PyName(names.get(part.id, part.id)) if isinstance(part, PyName) else part

    return traversal.changed(code, change)
