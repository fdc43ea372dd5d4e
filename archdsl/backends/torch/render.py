"""The file: imports, classes and functions as lines of text, laid out by a template."""

from __future__ import annotations

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
    body = [_class(text) for text in classes]
    definitions = dict(more)
    for text in classes:
        definitions |= text.definitions
    calls = [_function(text) for text in functions]
    everything = "\n".join([*definitions.values(), *map(str, body), *map(str, calls)])
    names = {n for c in classes for n in c.imports} | {n for f in functions for n in f.imports}
    template = environment.get_template("module.py.j2")
    return template.render(
        doc=docstring(doc, 0),
        imports=_imports(names, everything),
        definitions=[definition.strip() for definition in definitions.values()],
        classes=body,
        functions=calls,
    )


def _imports(names: set[str], text: str) -> list[str]:
    """The import lines that the text needs, in the order of formatters."""
    standard = ["import math"] if "math" in names else []
    if "Sequence[" in text:
        names = names | {"Sequence"}
    for module, offered in STANDARD:
        if taken := sorted(names & offered):
            standard.append(f"from {module} import {', '.join(taken)}")
    torch = ["import torch"] if "torch." in text.replace("nn.torch", "") else []
    if "F." in text:
        torch.append("import torch.nn.functional as F")
    tensor = "Tensor, nn" if "Tensor" in text else "nn"
    torch.append(f"from torch import {tensor}")
    return [*standard, *([""] if standard else []), *torch]


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
        "body": "\n".join(layout([f"return {text.call}"], 1)),
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
