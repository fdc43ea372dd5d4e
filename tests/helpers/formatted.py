"""What must hold of every text that is formatted."""

from __future__ import annotations

from collections import Counter

from archdsl.formatting import formatted
from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.parser import parse, scanner
from archdsl.syntax.walk import descendants


def form_of(text: str) -> str:
    result, diagnostics = formatted(Source("a.arch", text))
    assert result is not None, diagnostics
    return result


def holds(text: str) -> None:
    """The result means the same, has the same comments, and stays as it is."""
    result = form_of(text)
    if result == text:
        return  # Then all of that is so.
    assert form_of(result) == result
    before, after = (parse(Source("a.arch", each)) for each in (text, result))
    assert not after[1]
    assert _meaning(after[0]) == _meaning(before[0])
    comments = [Counter(c.text.rstrip() for c in file.comments) for file, _ in (before, after)]
    assert comments[0] == comments[1]
    assert _silenced(result) == _silenced(text)


def _silenced(text: str) -> Counter[tuple[str, ...]]:
    """The words on every line that ends in a silence, but for signs that no note blames."""
    scan = scanner().scan(Source("a.arch", text))
    silences = [each for each in scan.comments if "silence:" in each.text]
    words = [each.span for each in scan.tokens if each.span.text not in (*",)]=:;", "->")]
    return Counter(tuple(w.text for w in words if w.line == each.line) for each in silences)


def _meaning(file: ast.File) -> list[object]:
    """All nodes in order, with what is in them, but not where they stand."""
    nodes = [node for each in file.declarations for node in descendants(each)]
    return [file.doc, *[(type(node).__name__, *_values(node)) for node in nodes]]


def _values(node: ast.SyntaxNode) -> list[object]:
    return [
        each
        for name, each in vars(node).items()
        if name != "span" and isinstance(each, str | int | float | bool | None)
    ] + [len(each) for each in vars(node).values() if isinstance(each, tuple)]
