"""Queries and changes of Python values, without parsing any text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from archdsl.backends.torch.python import (
    PyAssign,
    PyAttribute,
    PyBlock,
    PyCall,
    PyCode,
    PyConstant,
    PyExpression,
    PyName,
    PyOperation,
    PySubscript,
    Targets,
)

T = TypeVar("T")


def parts(code: PyCode) -> list[PyCode]:
    """The direct parts of a piece of Python, in the order of the text."""
    found: list[PyCode] = []
    for name in _fields(type(code)) or ():
        _collect(getattr(code, name), found)
    return found


def _collect(value: Any, found: list[PyCode]) -> None:
    if isinstance(value, tuple):
        for item in value:
            _collect(item, found)
    elif _fields(type(value)) is not None:
        found.append(value)


FIELDS: dict[type[Any], tuple[str, ...] | None] = {}
"""The names of the fields of every kind of value seen so far, None for what is no code."""


def _fields(kind: type[Any]) -> tuple[str, ...] | None:
    if kind not in FIELDS:
        names = [field.name for field in fields(kind)] if is_dataclass(kind) else None
        FIELDS[kind] = None if names is None else tuple(names)
    return FIELDS[kind]


def walk(*codes: PyCode) -> Iterator[PyCode]:
    """Pieces of Python with all nested parts, in the order of the text."""
    stack = [*reversed(codes)]
    while stack:
        code = stack.pop()
        yield code
        stack += reversed(parts(code))


def names_read(*codes: PyCode) -> set[str]:
    """The names that pieces of Python mention; of `nn.Conv2d` it is `nn`."""
    return {code.id for code in walk(*codes) if isinstance(code, PyName)}


def reads_first(block: PyBlock, name: str) -> bool:
    """Whether statements certainly read a variable before assigning it."""
    for statement in block:
        match statement:
            case PyAssign(target=PyName(id=target), value=value, operator="") if target == name:
                return value is not None and name in names_read(value)
        if name in names_read(statement):
            return True
    return False


def names_bound(targets: Targets) -> Iterator[str]:
    """The variables of a loop, one by one."""
    for target in targets:
        yield from (target,) if isinstance(target, str) else names_bound(target)


def changed(code: T, change: Callable[[Any], Any]) -> T:
    """The code with every part replaced by the result of `change`, outermost first.

    If `change` returns the part itself, its parts are visited.
    """
    new = change(code)
    names = _fields(type(code))
    if new is not code or names is None:
        return new  # type: ignore[no-any-return]
    values = {name: getattr(code, name) for name in names}
    found = {name: _changed(value, change) for name, value in values.items()}
    if all(found[name] is value for name, value in values.items()):
        return code
    return replace(code, **found)


def _changed(value: object, change: Callable[[Any], Any]) -> object:
    if isinstance(value, tuple):
        items = tuple([_changed(item, change) for item in value])
        alike = all(new is old for new, old in zip(items, value, strict=True))
        return value if alike else items
    return value if _fields(type(value)) is None else changed(value, change)


def can_fail(value: PyExpression) -> bool:
    """Whether an expression may fail: a division, a power, or a list index."""
    return any(map(_may_fail, walk(value)))


def _may_fail(code: PyCode) -> bool:
    match code:
        case PyOperation("/" | "//" | "%", (_, *divisors)):
            return not all(isinstance(each, PyConstant) and each.value for each in divisors)
        case PyOperation("**") | PySubscript():
            return True
        case PyCall(callee=PyAttribute(PyName("math"), "log")):
            return True
        case PyCall(callee=PyName("min" | "max"), arguments=(_,)):
            return True
        case PyCall(callee=PyName("divisible" | "range"), arguments=(_, *others)):
            return not all(isinstance(each.value, PyConstant) for each in others)
    return False
