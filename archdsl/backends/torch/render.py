"""The file: imports, classes and functions as lines of text, laid out by a template."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from archdsl.backends.torch.classes import ClassText
from archdsl.backends.torch.layout import LINE_LENGTH, layout
from archdsl.backends.torch.networks import HARD_SPACE, FunctionText

STANDARD = (
    ("collections", {"OrderedDict"}),
    ("collections.abc", {"Callable", "Sequence"}),
    ("functools", {"partial"}),
    ("typing", {"Final", "NamedTuple"}),
)
"""What generated files import by name, in the order of formatters."""


def render(
    doc: str,
    classes: Sequence[ClassText],
    functions: Sequence[FunctionText],
    more: Mapping[str, str],
) -> str:
    """The text of the generated file; `more` are definitions that stand before the classes."""
    environment = Environment(
        loader=PackageLoader("archdsl.backends.torch", "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    definitions = dict(more)
    for given in [*(c.definitions for c in classes), *(f.definitions for f in functions)]:
        definitions |= given
    template = environment.get_template("module.py.j2")
    parts = {
        "doc": docstring(doc, 0),
        "definitions": [definition.strip() for definition in definitions.values()],
        "classes": [_class(text) for text in classes],
        "functions": [_function(text) for text in functions],
    }
    return template.render(parts, imports=_imports(template.render(parts, imports=[])))


def _imports(text: str) -> list[str]:
    """The import lines that a text needs, in the order of formatters."""
    names = _names(text)
    standard = ["import math"] if "math" in names else []
    for module, offered in STANDARD:
        if taken := sorted(names & offered):
            standard.append(f"from {module} import {', '.join(taken)}")
    torch = ["import torch"] if "torch" in names else []
    if "F" in names:
        torch.append("import torch.nn.functional as F")
    torch.append(f"from torch import {', '.join(sorted(names & {'Tensor', 'nn'}))}")
    return [*standard, *([""] if standard else []), *torch]


def _names(text: str) -> set[str]:
    """The names that a text reads; none where it does not parse, as the check of it will say."""
    try:
        module = ast.parse(text)
    except SyntaxError:
        return {"nn"}
    return {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}


def _class(text: ClassText) -> dict[str, Any]:
    head = f"def __init__(self, {', '.join(text.parameters)}) -> None:"
    if not text.parameters:
        head = "def __init__(self) -> None:"
    inputs = ", ".join(f"{name}: Tensor" for name in text.inputs)
    forward = layout([f"def forward(self, {inputs}) -> {text.output_type}:", text.forward], 1)
    return {
        "name": text.name,
        "base": text.base,
        "doc": docstring(text.doc, 1),
        "outputs": text.heads if text.is_root else [],
        "annotations": text.annotations,
        "constructor": "\n".join(layout([head, text.constructor], 1)),
        "forward": "\n".join(forward) if text.forward else "",
    }


def _function(text: FunctionText) -> dict[str, str]:
    head = f"def {text.name}({', '.join(text.parameters)}) -> {text.returns}:"
    return {
        "head": "\n".join(layout([head])),
        "doc": docstring(text.doc, 1),
        "body": "\n".join(layout([*text.statements, f"return {text.call}"], 1)),
    }


def docstring(text: str, depth: int) -> str:
    """The text as a docstring, its paragraphs filled; empty where there is none."""
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
    """The paragraphs of a text, each on one line, with empty lines between; lists keep theirs."""
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
        # The quotes that close the text would not fit behind it.
        width -= 3
    pieces = textwrap.wrap(line, width, break_on_hyphens=False) or [""]
    return [f"{indent}{piece}".rstrip().replace(HARD_SPACE, " ") for piece in pieces]
