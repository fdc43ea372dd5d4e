"""A font file with the outlines of some letters alone, for pages that carry their font.

Only `glyf` and `loca` are written anew (OpenType specification, "glyf" and "loca"): letters keep
their numbers, so all other tables stay as they are.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator

from archdsl.fonts import font_file

KEPT = ("OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post")
"""The tables that browsers need; the rest has features that the shipped fonts do not use."""
MORE_PARTS, WORDS = 0x20, 0x01
SCALES = {0x08: 2, 0x40: 4, 0x80: 8}
"""The flags of a part that is scaled, with the bytes that its scale takes."""


def subset(letters: Collection[str], bold: bool) -> bytes:
    """A TrueType file of one weight in which all other letters are empty."""
    font = _Font(font_file(bold, "ttf").read_bytes())
    wanted = {0} | {number for letter in letters if (number := font.numbers.get(ord(letter)))}
    wanted |= {part for number in list(wanted) for part in font.parts(number)}
    return font.with_glyphs(wanted)


class _Font:
    def __init__(self, data: bytes) -> None:
        count = struct.unpack_from(">H", data, 4)[0]
        rows = [struct.unpack_from(">4sIII", data, 12 + 16 * row) for row in range(count)]
        self.tables = {tag.decode(): data[at : at + size] for tag, _, at, size in rows}
        self.numbers = _numbers(self.tables["cmap"])
        glyphs = struct.unpack_from(">H", self.tables["maxp"], 4)[0]
        is_long = struct.unpack_from(">h", self.tables["head"], 50)[0]
        form = f">{glyphs + 1}{'I' if is_long else 'H'}"
        unit = 1 if is_long else 2
        self.starts = [unit * start for start in struct.unpack_from(form, self.tables["loca"])]

    def glyph(self, number: int) -> bytes:
        """The outline of a letter."""
        return self.tables["glyf"][self.starts[number] : self.starts[number + 1]]

    def parts(self, number: int) -> Iterator[int]:
        """The letters that one is composed of, as `é` is."""
        glyph = self.glyph(number)
        if not glyph or struct.unpack_from(">h", glyph)[0] >= 0:
            return
        at, flags = 10, MORE_PARTS
        while flags & MORE_PARTS:
            flags, part = struct.unpack_from(">HH", glyph, at)
            yield part
            yield from self.parts(part)
            at += 8 if flags & WORDS else 6
            at += sum([size for flag, size in SCALES.items() if flags & flag])

    def with_glyphs(self, wanted: Collection[int]) -> bytes:
        """The file with some outlines alone."""
        glyphs = [self.glyph(n) if n in wanted else b"" for n in range(len(self.starts) - 1)]
        padded = [glyph + bytes(-len(glyph) % 4) for glyph in glyphs]
        starts = [0]
        for glyph in padded:
            starts.append(starts[-1] + len(glyph))
        tables = {tag: self.tables[tag] for tag in KEPT if tag in self.tables}
        tables["glyf"] = b"".join(padded)
        tables["loca"] = struct.pack(f">{len(starts)}I", *starts)
        head = tables["head"]
        tables["head"] = head[:50] + struct.pack(">h", 1) + head[52:]
        return _file(tables)


def _numbers(cmap: bytes) -> dict[int, int]:
    """The number of every letter, from the subtable for the Basic Multilingual Plane (format 4)."""
    found: dict[int, int] = {}
    for row in range(struct.unpack_from(">H", cmap, 2)[0]):
        at = struct.unpack_from(">I", cmap, 8 + 8 * row)[0]
        if struct.unpack_from(">H", cmap, at)[0] == 4:
            found |= dict(_segments(cmap, at))
    return found


def _segments(cmap: bytes, at: int) -> Iterator[tuple[int, int]]:
    count = struct.unpack_from(">H", cmap, at + 6)[0]
    for segment in range(0, count, 2):
        ends = at + 14 + segment
        starts, deltas, offsets = ends + count + 2, ends + 2 * count + 2, ends + 3 * count + 2
        last, first = (struct.unpack_from(">H", cmap, place)[0] for place in (ends, starts))
        delta, offset = (struct.unpack_from(">H", cmap, place)[0] for place in (deltas, offsets))
        for code in range(first, min(last, 0xFFFE) + 1):
            number = code
            if offset:
                number = struct.unpack_from(">H", cmap, offsets + offset + 2 * (code - first))[0]
            if number:
                yield code, (number + delta) % 0x10000


def _file(tables: dict[str, bytes]) -> bytes:
    """A font file of some tables, in the order of their names."""
    power = len(tables).bit_length() - 1
    search = 16 * 2**power
    head = struct.pack(">IHHHH", 0x10000, len(tables), search, power, 16 * len(tables) - search)
    at = 12 + 16 * len(tables)
    directory, body = b"", b""
    for tag, table in sorted(tables.items()):
        padded = table + bytes(-len(table) % 4)
        checksum = sum(struct.unpack(f">{len(padded) // 4}I", padded)) % 2**32
        directory += struct.pack(">4sIII", tag.encode(), checksum, at + len(body), len(table))
        body += padded
    return head + directory + body
