"""Edits that mend a mistake by more than replacing one word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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


def without_surplus(call: ast.Call | ast.Default, first: Span) -> tuple[Fix, ...]:
    """How to delete the arguments of a call from one on, which are by position up to the last."""
    arguments = [*call.arguments]
    at = next((i for i, each in enumerate(arguments) if each.span is first), 0)
    if not at or any(each.name for each in arguments[at:]):
        return ()
    span = Span(first.source, arguments[at - 1].span.end, arguments[-1].span.end)
    return _quoted(f"delete `{span.text.lstrip(', ')}`", Edit(span, ""))


def keywords_last(call: ast.Call, parameters: Sequence[str]) -> tuple[Fix, ...]:
    """How to put the arguments by position before the keywords, if none is given twice."""
    first = [each for each in call.arguments if each.name is None]
    last = [each for each in call.arguments if each.name is not None]
    filled = {*parameters[: len(first)]}
    if len(first) > len(parameters) or any(each.name and each.name.name in filled for each in last):
        return ()
    span = call.arguments[0].span.to(call.arguments[-1].span)
    text = ", ".join(each.span.text for each in (*first, *last))
    return _quoted(f"write `{text}`", Edit(span, text))


def with_keywords(arguments: Iterable[ast.Argument], parameters: Sequence[str]) -> tuple[Fix, ...]:
    """How to give arguments by position the names of the parameters in their order."""
    nameless = [each for each in arguments if each.name is None]
    named = {each.name.name for each in arguments if each.name is not None}
    if len(nameless) > len(parameters) or not named.isdisjoint(parameters[: len(nameless)]):
        return ()
    pairs = [*zip(parameters, [each.span for each in nameless], strict=False)]
    edits = [Edit(Span(at.source, at.start, at.start), f"{name}=") for name, at in pairs]
    title = ", ".join(f"{name}={at.text}" for name, at in pairs)
    return _quoted(f"write `{title}`", *edits)


def _quoted(title: str, *edits: Edit) -> tuple[Fix, ...]:
    """A fix, if its title can quote what it is about: that may go over lines, with comments."""
    return (Fix(title, edits),) if "\n" not in title + "".join(e.span.text for e in edits) else ()


def chained(node: ast.Attribute, layer: Span, whole: ast.Expression) -> tuple[Fix, ...]:
    """How to write the `whole` of `conv(8, 3).relu()` as a chain; `layer` is what to keep of it."""
    source = layer.source
    dot = Span(source, source.text.rfind(".", node.target.span.end, layer.start), layer.start)
    rest = Span(source, layer.end, whole.span.end)
    edits = [Edit(dot, " -> "), *([Edit(rest, "")] if rest.text else [])]
    return (Fix(f"write `-> {layer.text}`", tuple(edits)),)
