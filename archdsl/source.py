"""Source texts with names, and spans in them."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

LINE_END = re.compile(r"\r\n|\n|\r")
LAST_OF_ONE_UNIT = "\uffff"
"""The last character that is one unit of UTF-16; those behind it are two."""


def utf16_units(text: str) -> int:
    """The length of a text in units of UTF-16."""
    # A loop over the characters would take seconds for the names of a line that is long.
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two characters as editors count: from 0, in units of UTF-16."""

    line: int
    character: int


@dataclass(frozen=True, slots=True)
class Range:
    """Where something starts, and where it ends."""

    start: Position
    end: Position


@dataclass(frozen=True, eq=False)
class Source:
    """A text, and its name in messages; never an absolute path of a machine.

    `is_library`: it ships with the compiler, so an error in it is blamed on its caller.
    """

    name: str
    text: str = field(repr=False)
    is_library: bool = False

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """The offset of the start of every line."""
        return (0, *(i + 1 for i, character in enumerate(self.text) if character == "\n"))

    @cached_property
    def editor_lines(self) -> tuple[int, ...]:
        """The offset of the start of every line in an editor, where a lone return ends one too."""
        return (0, *(match.end() for match in LINE_END.finditer(self.text)))

    def position(self, offset: int) -> Position:
        """The place before the character at an offset, as editors count."""
        line = self.editor_line(offset)
        return Position(line, utf16_units(self.text[self.editor_lines[line] : offset]))

    def editor_line(self, offset: int) -> int:
        """The number, from 0, of the line of an editor that has an offset."""
        return bisect_right(self.editor_lines, offset) - 1

    def line(self, number: int) -> str:
        """The text of line `number` (from 1) without its line break."""
        start = self.line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")


@dataclass(frozen=True, slots=True)
class Span:
    """The half-open range `[start, end)` of characters of a source."""

    source: Source = field(repr=False)
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line, from 1, on which the span starts."""
        return bisect_right(self.source.line_starts, self.start)

    @property
    def column(self) -> int:
        """The column, from 1, at which the span starts."""
        return self.start - self.source.line_starts[self.line - 1] + 1

    @property
    def range(self) -> Range:
        """Where it starts and ends, as editors count."""
        return Range(self.source.position(self.start), self.source.position(self.end))

    @property
    def text(self) -> str:
        """The characters that the span covers."""
        return self.source.text[self.start : self.end]

    def holds(self, other: Span) -> bool:
        """Whether another span is a part of this one."""
        is_same = other.source is self.source
        return is_same and self.start <= other.start and other.end <= self.end

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of another."""
        return Span(self.source, self.start, other.end)

    def __str__(self) -> str:
        """`tiny.arch:9:9`, or the name alone of what has no lines."""
        name = printable(self.source.name)
        return f"{name}:{self.line}:{self.column}" if self.source.text else name


def whole_of(name: str) -> Span:
    """The span for something without a line in a spec: a whole file, a network, an option."""
    return Span(Source(name, ""), 0, 0)


def printable(text: str) -> str:
    """The text with every control, bidi or lone surrogate character as its escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{{{number:x}}}"
