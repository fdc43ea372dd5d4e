"""Edits that mend a mistake by more than replacing one word."""

from __future__ import annotations

from archdsl.fixes import Edit, Fix
from archdsl.source import Span
from archdsl.syntax import ast


def without(name: ast.ImportedName, file: ast.File) -> tuple[Fix, ...]:
    """How to delete a name of an import: with the comma behind it, or before the last one."""
    owner = next(
        each for each in file.declarations if isinstance(each, ast.Import) and name in each.names
    )
    at, source = owner.names.index(name), name.span.source
    if len(owner.names) == 1:
        span = owner.span
    elif at + 1 < len(owner.names):
        span = Span(source, name.span.start, owner.names[at + 1].span.start)
    else:
        span = Span(source, owner.names[at - 1].span.end, name.span.end)
    return (Fix(f"delete `{name.span.text}`", (Edit(span, ""),)),)


def chained(node: ast.Attribute, call: str) -> tuple[Fix, ...]:
    """How to write `conv(8, 3).relu()` as a chain."""
    source, start = node.span.source, node.name.span.start
    dot = Span(source, source.text.rfind(".", node.target.span.end, start), start)
    layer = call.removesuffix("()")
    rest = Span(source, start + len(layer), start + len(call))
    edits = [Edit(dot, " -> "), *([Edit(rest, "")] if layer != call else [])]
    return (Fix(f"write `-> {layer}`", tuple(edits)),)
