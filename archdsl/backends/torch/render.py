"""The file: imports, classes and functions as lines of text, laid out by a template."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, reduce
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from archdsl.backends.torch import python, traversal
from archdsl.backends.torch.generated import GeneratedClass, outputs_name
from archdsl.backends.torch.networks import HARD_SPACE, NetworkFunction
from archdsl.backends.torch.pieces import LINE_LENGTH
from archdsl.backends.torch.python import (
    PyAssign,
    PyConstant,
    PyDisplay,
    PyExpression,
    PyFunction,
    PyName,
    PyParameter,
)
from archdsl.backends.torch.source import head, lines
from archdsl.ops.forms import Helper, carried

STANDARD = (
    ("collections", {"OrderedDict"}),
    ("collections.abc", {"Callable", "Sequence"}),
    ("functools", {"partial"}),
    ("itertools", {"accumulate"}),
    ("typing", {"Final", "NamedTuple"}),
)
"""The imported names of generated files, in the order of formatters."""


def render(
    doc: str,
    classes: Sequence[GeneratedClass],
    functions: Sequence[NetworkFunction],
    starts: Mapping[str, PyFunction],
    foreign: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The text of the generated file; `starts` are functions placed before the classes.

    `foreign` are the classes of others by name, each with its module.
    """
    found = [*(c.definitions for c in classes), *(f.definitions for f in functions)]
    known: dict[str, Helper] = reduce(carried, found, {})
    helpers = {name: helper.source for name, helper in known.items()}
    return _template().render(
        doc=docstring(doc, 0),
        imports=_imports(_names(classes, functions, starts, helpers), foreign),
        public=lines((PyAssign(PyName("__all__"), _public(classes, functions)),)),
        definitions=_definitions(starts, helpers),
        classes=[_factory(each) if each.factory else _class(each) for each in classes],
        functions=[*map(_function, functions)],
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("archdsl.backends.torch", "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    return environment.get_template("module.py.j2")


def _definitions(starts: Mapping[str, PyFunction], helpers: Mapping[str, str]) -> list[str]:
    """The functions and classes before those of the networks.

    Functions for modules of the ops' own classes come behind these, which their annotations name.
    """
    named = {n for n, f in starts.items() if traversal.names_read(*f.parameters) & helpers.keys()}
    texts = {name: "\n".join(lines((function,))) for name, function in starts.items()}
    return [
        *[text for name, text in texts.items() if name not in named],
        *[helper.strip() for helper in helpers.values()],
        *[text for name, text in texts.items() if name in named],
    ]


def _public(
    classes: Sequence[GeneratedClass], functions: Sequence[NetworkFunction]
) -> PyExpression:
    """The networks of a file: classes, then functions, in alphabetical order."""
    roots = [each for each in classes if each.is_root]
    outputs = [outputs_name(each.name) for each in roots if each.has_outputs]
    names = sorted([*(each.name for each in roots), *outputs])
    names += sorted(function.code.name for function in functions)
    return PyDisplay("list", tuple(map(PyConstant, names)))


def _names(
    classes: Sequence[GeneratedClass],
    functions: Sequence[NetworkFunction],
    starts: Mapping[str, PyFunction],
    helpers: Mapping[str, str],
) -> set[str]:
    """The names that a file reads."""
    read = traversal.names_read(*starts.values(), *[function.code for function in functions])
    for each in classes:
        read |= traversal.names_read(*each.parameters, *each.constructor, *each.forward)
        read |= {"Final"} if each.flags else set()
        read |= {"NamedTuple", "Tensor"} if each.has_outputs else set()
        read |= traversal.names_read(each.output_type) if each.forward else set()
    # The text of helpers comes from the ops.
    nodes = [node for text in helpers.values() for node in ast.walk(ast.parse(text))]
    return read | {"nn"} | {node.id for node in nodes if isinstance(node, ast.Name)}


def _imports(names: set[str], foreign: Mapping[str, str]) -> list[str]:
    """The import lines for some names, in the order of formatters."""
    standard = ["import math"] if "math" in names else []
    for module, offered in STANDARD:
        if taken := sorted(names & offered):
            standard.append(f"from {module} import {', '.join(taken)}")
    torch = ["import torch"] if "torch" in names else []
    if "F" in names:
        torch.append("import torch.nn.functional as F")
    taken_from = {"torch": names & {"Tensor", "nn"}}
    for name in names & foreign.keys():
        taken_from.setdefault(foreign[name], set()).add(name)
    torch += [f"from {m} import {', '.join(sorted(taken_from[m]))}" for m in sorted(taken_from)]
    return [*standard, *([""] if standard else []), *torch]


def _class(text: GeneratedClass) -> dict[str, Any]:
    constructor = PyFunction("__init__", (SELF, *text.parameters), python.NONE, text.constructor)
    inputs = [PyParameter(name, PyName("Tensor")) for name in text.inputs]
    forward = PyFunction("forward", (SELF, *inputs), text.output_type, text.forward)
    return {
        "factory": False,
        "name": text.name,
        "base": text.base,
        "doc": docstring(text.doc, 1),
        "outputs": _outputs(text) if text.has_outputs else {},
        "when": "" if text.results else " in training",
        "annotations": [f"{flag}: Final[bool]" for flag in text.flags],
        "constructor": "\n".join(lines((constructor,), 1)),
        "forward": "\n".join(lines((forward,), 1)) if text.forward else "",
    }


def _outputs(text: GeneratedClass) -> dict[str, str]:
    """The fields of a network's outputs, with their types."""
    results = dict.fromkeys(text.results or ["output"], "Tensor")
    return results | dict.fromkeys(text.heads, "Tensor | None")


def _factory(text: GeneratedClass) -> dict[str, Any]:
    module = python.dotted("nn.Module")
    parameters = tuple(text.parameters)
    function = PyFunction(text.name, parameters, module, text.constructor, text.doc)
    return {**_function(NetworkFunction(function)), "factory": True}


def _function(function: NetworkFunction) -> dict[str, str]:
    return {
        "head": "\n".join(head(function.code)),
        "doc": docstring(function.code.doc, 1),
        "body": "\n".join(lines(function.code.body, 1)),
    }


SELF = PyParameter("self")


def docstring(text: str, depth: int) -> str:
    """The text as a docstring with filled paragraphs; empty if there is no text."""
    indent = "    " * depth
    escaped = text.strip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if not escaped:
        return ""
    lines = [line for part in _paragraphs(escaped) for line in _wrapped(part, indent)]
    lines[0] = f'{indent}"""{lines[0].strip()}'
    if len(lines) == 1 and len(lines[0]) <= LINE_LENGTH - 3 and not escaped.endswith('"'):
        return lines[0] + '"""'
    return "\n".join([*lines, f'{indent}"""'])


def _paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a text, each on one line, and empty lines; lists keep their lines."""
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text)):
        if number:
            yield ""
        lines = paragraph.splitlines()
        if any(re.match(r"\s|[-*] |\d+\. ", line) for line in lines[1:]):
            yield from lines
        else:
            yield " ".join(lines)


def _wrapped(line: str, indent: str) -> Iterable[str]:
    width = LINE_LENGTH - len(indent) - 3
    if len(line) <= width and len(line) > width - 3:
        # The closing quotes would not fit after it.
        width -= 3
    pieces = textwrap.wrap(line, width, break_on_hyphens=False) or [""]
    return [f"{indent}{piece}".rstrip().replace(HARD_SPACE, " ") for piece in pieces]
