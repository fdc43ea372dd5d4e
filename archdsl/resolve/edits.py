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


def chained(node: ast.Attribute, layer: Span, whole: ast.Expression) -> tuple[Fix, ...]:
    """How to write the `whole` of `conv(8, 3).relu()` as a chain; `layer` is what to keep of it."""
    source = layer.source
    dot = Span(source, source.text.rfind(".", node.target.span.end, layer.start), layer.start)
    rest = Span(source, layer.end, whole.span.end)
    edits = [Edit(dot, " -> "), *([Edit(rest, "")] if rest.text else [])]
    return (Fix(f"write `-> {layer.text}`", tuple(edits)),)
