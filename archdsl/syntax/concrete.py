"""The text of a file as a tree that loses nothing: every word, and every comment at its place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from lark import Lark, Token

from archdsl.diagnostics import Diagnostic
from archdsl.source import Source, Span
from archdsl.syntax.grammar import NoLexer, build_grammar
from archdsl.syntax.parser import parse, scanner
from archdsl.syntax.scanner import Lexeme
from archdsl.syntax.tables import load
from archdsl.work import long_work


@dataclass(frozen=True)
class Comment:
    """A comment; `is_apart` if a blank line stands before it."""

    text: str
    is_apart: bool = False


@dataclass(eq=False)
class Part:
    """What a rule of the grammar has read, with its parts, or one word.

    Of a word `kind` is that of its token. A comment belongs to the largest part that ends right
    before it (`behind`, on the same line) or starts right behind it (`above`, on lines of its own).
    `end` is that of its text, without comments.
    """

    kind: str
    parts: list[Part]
    start: int
    end: int
    text: str = ""
    above: list[Comment] = field(default_factory=list)
    behind: list[Comment] = field(default_factory=list)
    is_apart: bool = False
    """Whether a blank line stands before it, behind the comments above it."""
    starts_line: bool = False
    """Whether a line ends between the word before it and its first one, or a comment."""
    has_lines: bool = False
    """Whether a line ends between its words."""

    @property
    def words(self) -> Iterator[Part]:
        """Its words, in order."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            if part.parts:
                waiting += reversed(part.parts)
            else:
                yield part


@dataclass(frozen=True)
class Concrete:
    """The declarations of a file, and the comments behind the last one."""

    source: Source
    declarations: tuple[Part, ...]
    ending: tuple[Comment, ...]
    docs: tuple[str, ...]
    """The documentation of the file and of every declaration."""


class _Maker:
    """Stands for the transformer of Lark, which has a method for every rule: here all are alike."""

    def __getattr__(self, kind: str) -> Callable[[list[Any]], Part]:
        # What begins with `_` is no rule of its own: Lark puts its children in its place.
        if kind.startswith("_") or kind.isupper():
            raise AttributeError(kind)
        return lambda children: _made(kind, children)


def _made(kind: str, children: list[Any]) -> Part:
    parts = [each if isinstance(each, Part) else _word(each) for each in children]
    return Part(kind, parts, parts[0].start, parts[-1].end)


def _word(token: Lexeme) -> Part:
    # What the scanner cut or replaced is a mistake, and such a text has no concrete tree.
    return Part(token.type, [], token.span.start, token.span.end, token.span.text)


@cache
def _grammar() -> Lark:
    return load(NoLexer, _Maker()) or build_grammar(transformer=_Maker())


@long_work()
def concrete(source: Source) -> tuple[Concrete | None, list[Diagnostic]]:
    """The tree of a text; None if there are syntax errors, which are the second."""
    file, diagnostics = parse(source)
    if diagnostics:
        return None, diagnostics
    scan = scanner().scan(source)
    starts = [each.span.start for each in file.declarations]
    tokens: list[list[Lexeme]] = [[] for _ in starts]
    for token in scan.tokens:
        tokens[bisect_right(starts, token.span.start) - 1].append(token)
    declarations = [_read(each) for each in tokens]
    ending = _attach(declarations, scan.comments, source)
    for each in declarations:
        _lift(each)
    docs = (file.doc, *[getattr(each, "doc", "") for each in file.declarations])
    return Concrete(source, tuple(declarations), tuple(ending), docs), []


def _read(tokens: list[Lexeme]) -> Part:
    session = _grammar().parse_interactive()
    for token in tokens:
        session.feed_token(token)
    # A declaration that is one rule of one rule comes out of the innermost.
    result: Part = session.feed_token(Token("$END", ""))
    return result


def _attach(declarations: list[Part], comments: list[Span], source: Source) -> list[Comment]:
    """Give every comment to the word before or behind it; those behind the last word are left."""
    words = [word for each in declarations for word in each.words]
    ends = [word.end for word in words]
    for word, end in zip(words[1:], ends, strict=False):
        word.starts_line = source.text.find("\n", end, word.start) >= 0
    lasts = {[*each.words][-1] for each in declarations}
    left: list[Comment] = []
    for span in comments:
        index = bisect_right(ends, span.start)
        before = source.text[ends[index - 1] if index else 0 : span.start]
        if index and "\n" not in before:
            last = words[index - 1]
            if last in lasts or not _is_second(words, index - 1):
                last.behind.append(_comment(span))
                continue
        # A comment above a comma stands above what follows it in the declaration.
        while index < len(words) and words[index].text == "," and words[index] not in lasts:
            index += 1
        (words[index].above if index < len(words) else left).append(_comment(span))
    for each in declarations:
        each.is_apart = is_apart(source.text, each.start)
    return left


def _is_second(words: list[Part], index: int) -> bool:
    """Whether a comma stands behind a comment, on whose line it will be written."""
    return words[index].text == "," and bool(index and words[index - 1].behind)


def _comment(span: Span) -> Comment:
    return Comment(span.text.rstrip(), is_apart(span.source.text, span.start))


def is_apart(text: str, start: int) -> bool:
    """Whether a blank line stands before the line on which something starts."""
    end = text.rfind("\n", 0, start)
    before = text.rfind("\n", 0, max(end, 0))
    return before >= 0 and not text[before + 1 : end].strip()


def _lift(part: Part) -> None:
    """Give comments to the largest parts that start or end there."""
    for each in part.parts:
        _lift(each)
    if part.parts:
        first, last = part.parts[0], part.parts[-1]
        part.above, first.above = [*first.above, *part.above], []
        part.behind, last.behind = [*part.behind, *last.behind], []
        part.starts_line = first.starts_line
        part.has_lines = first.has_lines or any(
            each.starts_line or each.has_lines for each in part.parts[1:]
        )
