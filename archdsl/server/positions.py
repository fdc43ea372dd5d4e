"""Places in a text as a client counts them: in units of UTF-8, UTF-16 or UTF-32."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol.types import Position, PositionEncodingKind, Range

from archdsl.source import Source, Span, utf16_units


@dataclass(frozen=True)
class Positions:
    """Counts in one encoding; lines and characters start at 0."""

    encoding: str = PositionEncodingKind.Utf16

    def offset(self, source: Source, place: Position) -> int:
        """The offset of a place; one beyond a line or the text is at its end."""
        starts = source.editor_lines
        if place.line >= len(starts):
            return len(source.text)
        start = starts[place.line]
        end = starts[place.line + 1] if place.line + 1 < len(starts) else len(source.text)
        line = source.text[start:end].rstrip("\r\n")
        units = 0
        for index, character in enumerate(line):
            if units >= place.character:
                return start + index
            units += self.units(character)
        return start + len(line)

    def units(self, text: str) -> int:
        """The length of a text."""
        if self.encoding == PositionEncodingKind.Utf8:
            return len(text.encode("utf-8", "surrogatepass"))
        if self.encoding == PositionEncodingKind.Utf32:
            return len(text)
        return utf16_units(text)

    def position(self, source: Source, offset: int) -> Position:
        """The place of an offset."""
        line = source.editor_line(offset)
        return Position(line, self.units(source.text[source.editor_lines[line] : offset]))

    def range(self, span: Span) -> Range:
        """Where a span starts and ends."""
        source = span.source
        return Range(self.position(source, span.start), self.position(source, span.end))
