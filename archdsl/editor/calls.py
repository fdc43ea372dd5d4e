"""The words around a place, also of a text that does not parse: what is typed there."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from archdsl.editor.analysis import Analysis
from archdsl.manual import Entry, entries
from archdsl.source import Source
from archdsl.syntax.parser import scanner
from archdsl.syntax.scanner import Lexeme

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
DECLARING = frozenset(("block", "network", "let", "default", "extern", "from", "assert"))


@dataclass(frozen=True)
class Typed:
    """The words of a declaration before a place, and the beginning of the one that ends there.

    The place `is_quiet` where no name is written: in a comment, a string or a number.
    """

    words: tuple[Lexeme, ...]
    begun: str = ""
    is_quiet: bool = False
    opens_line: bool = False
    """Whether nothing stands before the word in its line."""

    def is_any(self, *words: str) -> bool:
        """Whether one of some words opens the declaration."""
        return bool(self.words) and self.words[0] in words

    @property
    def before(self) -> str:
        """The last word, empty without one."""
        return str(self.words[-1]) if self.words else ""

    @property
    def call(self) -> Call | None:
        """The innermost call that is open at the place."""
        open_calls: list[Call | None] = []
        for index, word in enumerate(self.words):
            if word in ("(", "["):
                name = self.words[index - 1] if index and word == "(" else None
                is_call = name is not None and name.type == "NAME"
                open_calls.append(Call(str(name), 0, None) if is_call else None)
            elif word in (")", "]") and open_calls:
                open_calls.pop()
            elif open_calls and (call := open_calls[-1]) is not None:
                if word == ",":
                    open_calls[-1] = Call(call.name, call.index + 1, None)
                elif word == "=" and self.words[index - 1].type == "NAME":
                    open_calls[-1] = Call(call.name, call.index, str(self.words[index - 1]))
        return open_calls[-1] if open_calls else None

    @property
    def is_open(self) -> bool:
        """Whether a bracket is open at the place."""
        depth = 0
        for word in self.words:
            depth = max(0, depth + (word in ("(", "[")) - (word in (")", "]")))
        return depth > 0

    @property
    def labels(self) -> Iterator[str]:
        """The labels of the declaration so far."""
        is_named = self.is_any("block", "network")
        for word, following in pairwise(self.words[2 if is_named else 0 :]):
            if following == ":" and word.type in ("NAME", "STRING"):
                yield str(word)


@dataclass(frozen=True)
class Call:
    """A call that is being typed: its callee, the number of the argument, and its keyword."""

    name: str
    index: int
    keyword: str | None


def typed(source: Source, offset: int) -> Typed:
    """What stands before a place."""
    scan = scanner().scan(source)
    before = [token for token in scan.tokens if token.span.start < offset]
    is_quiet = any(each.start < offset <= each.end for each in scan.comments)
    begun = ""
    if before and before[-1].span.end >= offset and WORD.fullmatch(before[-1].span.text):
        begun = source.text[before[-1].span.start : offset]
        before.pop()
    elif before:
        is_quiet |= _is_within(before[-1], offset)
    starts = [i for i, t in enumerate(before) if t.span.column == 1 and t in DECLARING]
    start = offset - len(begun)
    opens_line = start == source.line_starts[bisect_right(source.line_starts, start) - 1]
    words = tuple(before[starts[-1] if starts else 0 :])
    return Typed(words, begun, is_quiet, opens_line)


def _is_within(word: Lexeme, offset: int) -> bool:
    """Whether a place is in a string, which may lack its end, or behind a number."""
    text = word.span.text
    is_open = word.type == "STRING" and (len(text) == 1 or not text.endswith('"'))
    return word.span.end > offset or (word.span.end == offset and (is_open or text[-1].isdigit()))


def word_at(source: Source, offset: int) -> str:
    """The word or sign at a place."""
    for token in scanner().scan(source).tokens:
        if token.span.start <= offset <= token.span.end and token.span.text.strip():
            if token.span.end == offset and not WORD.fullmatch(token.span.text):
                continue
            return token.span.text
    return ""


def keyword_at(source: Source, offset: int) -> Call | None:
    """The call to which the word at a place gives an argument by its name."""
    tokens = scanner().scan(source).tokens
    for word, following in pairwise(tokens):
        if word.span.start <= offset <= word.span.end and word.type == "NAME":
            call = typed(source, following.span.end).call if following == "=" else None
            return call if call is not None and call.keyword == word else None
    return None


def parameters_of(analysis: Analysis, name: str, offset: int) -> list[tuple[str, str]]:
    """The parameters of a callee as they are written, each with what it is."""
    for each in analysis.names_at(offset):
        if each.name == name and each.kind in ("block", "network", "extern", "function", "import"):
            return [(text, "") for text in each.parameters]
    return _described(entries().get(name))


def _described(entry: Entry | None) -> list[tuple[str, str]]:
    return [
        (each.name if each.default is None else f"{each.name}={each.default}", each.about)
        for each in (entry.parameters if entry else ())
    ]
