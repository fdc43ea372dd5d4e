"""Declarations that an earlier version of a text had too, so that they need not be read again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from archdsl.diagnostics import Diagnostic
from archdsl.source import Span
from archdsl.syntax import ast
from archdsl.syntax.comments import opens_line

MOST_VERSIONS = 64
"""If declarations come from more versions, all are read anew: old texts take memory."""

Key: TypeAlias = "tuple[int, str] | None"
"""A declaration's column and text; None where its surroundings matter too."""


def key_of(span: Span, mistakes: Iterable[Span]) -> Key:
    """What decides how a piece of a text is read: the text, if it opens a line and is right."""
    if not opens_line(span) or any(span.start <= each.start < span.end for each in mistakes):
        return None
    return span.column, span.text


def known(
    pieces: Sequence[Key], file: ast.File, diagnostics: Iterable[Diagnostic]
) -> dict[int, ast.Declaration]:
    """The declarations of a file that a later version has too, by the number of their piece there.

    Where there are several of one text, both ends of the file are matched first.
    """
    if len({each.span.source for each in file.declarations}) > MOST_VERSIONS:
        return {}
    mistakes = [each.span for each in diagnostics]
    before = [key_of(file.placed(each.span), mistakes) for each in file.declarations]
    pairs = _pairs(pieces, before)
    return {new: file.declarations[old] for new, old in pairs if pieces[new] is not None}


def _pairs(new: Sequence[Key], old: Sequence[Key]) -> list[tuple[int, int]]:
    """Numbers of equal items, rising in both."""
    most = min(len(new), len(old))
    first = next((i for i in range(most) if new[i] != old[i]), most)
    last = next((i for i in range(most - first) if new[-1 - i] != old[-1 - i]), most - first)
    ends = range(1, last + 1)
    pairs = [(i, i) for i in range(first)] + [(len(new) - i, len(old) - i) for i in ends]
    places: dict[Key, list[int]] = {}
    for index in reversed(range(first, len(old) - last)):
        places.setdefault(old[index], []).append(index)
    reached = -1
    for index in range(first, len(new) - last):
        left = places.get(new[index], [])
        while left and left[-1] <= reached:
            left.pop()
        if left:
            reached = left.pop()
            pairs.append((index, reached))
    return pairs
