"""The structure of a text: what can be folded, selected, and coloured by what it means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lsprotocol import types

from archdsl.server.documents import Document
from archdsl.source import Span
from archdsl.syntax.parser import scanner

TOKEN_TYPES = ("class", "function", "variable", "parameter", "property", "namespace")
OF_KIND = {
    "block": "class",
    "network": "class",
    "extern": "class",
    "function": "function",
    "import": "class",
    "value": "variable",
    "variable": "variable",
    "parameter": "parameter",
    "size": "parameter",
    "input": "property",
    "label": "property",
    "module": "namespace",
    "op": "function",
    "builtin": "function",
}
LEGEND = types.SemanticTokensLegend([*TOKEN_TYPES], [])


def folding(document: Document) -> list[types.FoldingRange]:
    """Declarations, brackets and runs of comments of several lines."""
    spans = [document.placed(each.span) for each in document.declarations]
    found = dict.fromkeys((s.start.line, s.end.line) for s in map(document.range, spans))
    found |= dict.fromkeys(_brackets(document))
    ranges = [types.FoldingRange(first, last) for first, last in found if last > first]
    comments = [document.range(each) for each in document.analysis.file.comments]
    runs: list[tuple[int, int]] = []
    for line in [each.start.line for each in comments]:
        if runs and line == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], line)
        else:
            runs.append((line, line))
    kind = types.FoldingRangeKind.Comment
    return ranges + [types.FoldingRange(f, last, kind=kind) for f, last in runs if last > f]


def _brackets(document: Document) -> Iterator[tuple[int, int]]:
    """The lines of brackets, but for that of the closing one."""
    waiting: list[int] = []
    for token in scanner().scan(document.source).tokens:
        line = document.source.editor_line(token.span.start)
        if token in ("(", "["):
            waiting.append(line)
        elif token in (")", "]") and waiting:
            yield waiting.pop(), line - 1


def selections(document: Document, offsets: Iterable[int]) -> list[types.SelectionRange]:
    """For every offset what it is in, from the innermost outwards."""
    return [_selection(document, offset) for offset in offsets]


def _selection(document: Document, offset: int) -> types.SelectionRange:
    result: types.SelectionRange | None = None
    for span in reversed(document.analysis.enclosing(offset)):
        result = types.SelectionRange(document.range(span), result)
    return result or types.SelectionRange(document.range(Span(document.source, offset, offset)))


def tokens(document: Document) -> types.SemanticTokens:
    """Names by what they stand for; keywords, numbers and strings are coloured by the grammar."""
    kinds = {each.span.start: OF_KIND[each.kind] for each in document.analysis.definitions}
    for reference in document.analysis.references:
        kinds.setdefault(reference.span.start, OF_KIND[reference.definition.kind])
    data: list[int] = []
    line = column = 0
    for token in scanner().scan(document.source).tokens:
        kind = kinds.get(token.span.start)
        if kind is None:
            continue
        place = document.positions.position(document.source, token.span.start)
        start = column if place.line == line else 0
        length = document.positions.units(token.span.text)
        data += [place.line - line, place.character - start, length, TOKEN_TYPES.index(kind), 0]
        line, column = place.line, place.character
    return types.SemanticTokens(data)
