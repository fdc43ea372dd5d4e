"""What functions of the Python interface are given: the path or the text of a spec, and values."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from archdsl.errors import SpecError, raise_errors
from archdsl.source import Source, whole_of
from archdsl.texts import MAIN, open_text

if TYPE_CHECKING:
    from archdsl.arithmetic import Value
    from archdsl.diagnostics import Diagnostic
    from archdsl.specs import RequestedSpec
    from archdsl.syntax.program import Find

Literal: TypeAlias = "bool | int | float | str | Sequence[Literal]"
"""A value for a parameter of a network."""
Modules: TypeAlias = "Mapping[str, str] | None"
"""The texts of imports, by the names that imports call them by."""


def one_or_several(given: str | Sequence[str]) -> tuple[str, ...]:
    """Words, of which one may stand alone."""
    return (given,) if isinstance(given, str) else tuple(given)


def opened(
    path: str | Path | None, network: str | None, text: str | None, modules: Modules, name: str
) -> tuple[str | None, Source, Find, list[Diagnostic]]:
    """A spec, which of its networks is asked for, and what finds its imports.

    Raises `TypeError` unless it is a path or a text, and `SpecError` where there is no such path.
    """
    from archdsl.files import LIBRARY_NAME, finder
    from archdsl.shipped import LIBRARY

    if path is None and text is None:
        raise TypeError("give the path of a spec, or the spec itself as `text=`")
    if text is not None:
        if path is not None:
            raise TypeError("give either a path or `text=`; a network is named with `network=`")
        source, find = open_text(text, modules or {}, name, finder(LIBRARY, LIBRARY_NAME))
        return network, source, find, []
    if modules is not None or name != MAIN:
        raise TypeError("`modules` and `name` are for `text=`; a file has a name and a folder")
    spec = _found(os.fspath(path or ""))
    if network is not None and spec.network not in (network, None):
        raise TypeError(f"`{spec.network}` and `network={network!r}` are two networks")
    return network or spec.network, *spec.open()


def _found(called: str) -> RequestedSpec:
    from archdsl.diagnostics import error
    from archdsl.shipped import SUFFIX
    from archdsl.specs import cut, find_spec
    from archdsl.syntax.program import Refusal

    found = find_spec(called)
    is_text = "\n" in called or ("=" in called and SUFFIX not in called)
    if isinstance(found, Refusal) and is_text:
        raise TypeError("this is a spec, not the name of a file: write `archdsl.read(text=…)`")
    if isinstance(found, Refusal):
        label = whole_of(cut(Path(called).name))
        raise SpecError([error(found.code, found.message, label, help=found.help)])
    return found


def only_network(path: str | Path | None, text: str | None, modules: Modules, name: str) -> str:
    """The name of the only network of a spec; raises `SpecError` where there are several."""
    from archdsl import driver
    from archdsl.diagnostics import error

    only, source, find, diagnostics = opened(path, None, text, modules, name)
    raise_errors(diagnostics)
    graphs, diagnostics = driver.read(source, find, only, {})
    raise_errors(diagnostics)
    names = list(graphs)
    if len(names) != 1:
        label = name if path is None else Path(path).name
        message = f"the spec has {len(names)} networks; choose one"
        help = f"name it: `network={names[0]!r}`" if names else "declare a `network`"
        raise SpecError([error("E0911", message, whole_of(label), help=help)])
    return names[0]


def values_of(parameters: Mapping[str, object], source: Source) -> dict[str, Value]:
    """The values of parameters as the language has them; raises `SpecError`."""
    from archdsl.diagnostics import error

    values: dict[str, Value] = {}
    refused: list[Diagnostic] = []
    for name, given in parameters.items():
        try:
            values[name] = _value(given)
        except TypeError as unknown:
            message = f"`{name}` cannot be {unknown}"
            help = "give it a number, a truth value, a string or a list of such"
            refused.append(error("E0913", message, whole_of(source.name), help=help))
    raise_errors(refused)
    return values


def _value(given: object) -> Value:
    """A value of the language; raises `TypeError` naming the type of any other value."""
    # Scalars and arrays of NumPy and PyTorch say so what they are in Python.
    given = given.tolist() if hasattr(given, "tolist") else given
    match given:
        case bool() | str():
            return given
        case Integral():
            return int(given)
        case Real():
            return float(given)
        case list() | tuple() | range():
            return tuple([_value(item) for item in given])
    raise TypeError("None" if given is None else f"of the type `{type(given).__name__}`")
