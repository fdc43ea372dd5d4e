"""The names of functions that make a module.

Such a function stands for a block that consists of layers under a condition, and is else the
identity. Its name must differ from every variable, so a placeholder stands for it until all other
names are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from typing import TypeVar

from archdsl.backends.torch import traversal
from archdsl.backends.torch.generated import GeneratedClass
from archdsl.backends.torch.names import BUILTINS, placeholder, unused
from archdsl.backends.torch.networks import NetworkFunction
from archdsl.backends.torch.python import (
    PyAttribute,
    PyCode,
    PyComprehension,
    PyConstant,
    PyFor,
    PyFunction,
    PyName,
    PyParameter,
)

C = TypeVar("C", bound=PyCode)


def named(
    classes: Sequence[GeneratedClass], functions: Sequence[NetworkFunction], taken: Set[str]
) -> tuple[list[GeneratedClass], list[NetworkFunction]]:
    """The classes and functions of a file, with names in place of placeholders.

    `taken` are other names in the file.
    """
    if not any(each.factory for each in classes):
        return list(classes), list(functions)
    codes = [*_codes(classes), *[function.code for function in functions]]
    others = taken | BUILTINS | set(_names(codes)) | {each.name for each in classes}
    others |= {
        name for each in classes for name in (*each.flags, *each.inputs, *each.results, *each.heads)
    }
    found: dict[str, str] = {}
    for each in classes:
        if each.factory:
            found[placeholder(each.name)] = name = _free(each.factory, others)
            others = {*others, name}
    renamed = [replace(f, code=_replaced(f.code, found)) for f in functions]
    return [_renamed(each, found) for each in classes], renamed


def _free(wanted: str, taken: Set[str]) -> str:
    return wanted if wanted not in taken else unused(f"make_{wanted}", set(taken))


def _codes(classes: Sequence[GeneratedClass]) -> Iterator[PyCode]:
    for each in classes:
        yield from (*each.parameters, *each.constructor, *each.forward)


def _names(codes: Sequence[PyCode]) -> Iterator[str]:
    """The variables, parameters and attributes of some code."""
    for code in traversal.walk(*codes):
        match code:
            case PyName(id=name):
                yield name
            case PyParameter(name=name) | PyAttribute(name=name):
                yield name
            case PyFunction(name=name):
                yield name
            case PyFor(targets=targets) | PyComprehension(targets=targets):
                yield from traversal.names_bound(targets)
            case PyConstant(value=str(text)):
                # It may be the name of a module.
                yield text


def _renamed(text: GeneratedClass, found: dict[str, str]) -> GeneratedClass:
    return replace(
        text,
        name=found.get(placeholder(text.name), text.name),
        parameters=[_replaced(parameter, found) for parameter in text.parameters],
        constructor=tuple([_replaced(statement, found) for statement in text.constructor]),
    )


def _replaced(code: C, found: dict[str, str]) -> C:
    def change(part: PyCode) -> PyCode:
        is_placeholder = isinstance(part, PyName) and part.id in found
        return PyName(found[part.id]) if is_placeholder else part  # type: ignore[union-attr]

    return traversal.changed(code, change)
