"""Make the files of `archdsl/fonts` from the whole font; its README has the command line.

Kerning and ligatures are removed, so that a text is as wide as its letters, in every viewer.
Without an argument, only the tables are rebuilt, from the shipped fonts.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from fontTools.pens.basePen import BasePen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parents[1] / "archdsl" / "fonts"
NAME = "FiraSansCondensed-{}"
WEIGHTS = ("Regular", "Bold")
LATIN = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)]))
GREEK = "".join(map(chr, range(0x3B1, 0x3CA)))
LETTERS = LATIN + GREEK + "ΔΣΦΩ→←↑↓‖–—…≥≤≠≈∞−√∑•‘’“”"
"""ASCII, Latin-1 (with × · ² ³), and symbols for shapes and sizes in diagrams.

The font has no ⊕ and no ⊗.
"""


def main(source: Path | None) -> None:
    """Write the subset of both weights, and the widths and outlines of their letters."""
    if source:
        for weight in WEIGHTS:
            subset(source, weight)
    for name, text in tables().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


def subset(source: Path, weight: str) -> None:
    """Write one weight."""
    name = NAME.format(weight)
    font = TTFont(source / f"{name}.ttf", recalcTimestamp=False)
    options = Options(layout_features=[], hinting=False, notdef_outline=True)
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "DSIG"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    subsetter = Subsetter(options)
    subsetter.populate(text=LETTERS)
    subsetter.subset(font)
    font.save(FOLDER / f"{name}.ttf")
    font.flavor = "woff2"
    font.save(FOLDER / f"{name}.woff2")


def tables() -> dict[str, str]:
    """The texts of `widths.json` and `glyphs.json`, by file, from the fonts that ship."""
    fonts = {weight.lower(): TTFont(FOLDER / f"{NAME.format(weight)}.ttf") for weight in WEIGHTS}
    contents = {
        "widths.json": {weight: widths(font) for weight, font in fonts.items()},
        "glyphs.json": {weight: outlines(font) for weight, font in fonts.items()},
    }
    return {
        name: json.dumps(content, indent=0, sort_keys=True) + "\n"
        for name, content in contents.items()
    }


def widths(font: Any) -> dict[str, float]:
    """The width of every letter, in units of the size."""
    unit = font["head"].unitsPerEm
    return {chr(code): font["hmtx"][glyph][0] / unit for code, glyph in font.getBestCmap().items()}


def outlines(font: Any) -> dict[str, str]:
    """The outline of every letter as the data of an SVG path, where the font's size is 1000."""
    assert font["head"].unitsPerEm == 1000
    glyphs = font.getGlyphSet()
    found = {}
    for code, name in font.getBestCmap().items():
        pen = PathPen(glyphs)
        glyphs[name].draw(pen)
        found[chr(code)] = "".join(pen.commands)
    return found


class PathPen(BasePen):  # type: ignore[misc]
    """Writes an outline in whole numbers: `M` is absolute, all else relative, y points down.

    Points that the font leaves out may lie at halves. They are rounded where they are, so that
    errors do not add up.
    """

    def __init__(self, glyphs: Any) -> None:
        super().__init__(glyphs)
        self.commands: list[str] = []
        self.place = (0, 0)

    def _moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self.place = _rounded(point)
        self.commands.append(f"M{_numbers(*self.place)}")

    def _lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        x, y = self._step(point)
        self.place = _rounded(point)
        if y == 0:
            self.commands.append(f"h{x}")
        elif x == 0:
            self.commands.append(f"v{y}")
        else:
            self.commands.append(f"l{_numbers(x, y)}")

    def _qCurveToOne(self, control: tuple[float, float], point: tuple[float, float]) -> None:  # noqa: N802
        self.commands.append(f"q{_numbers(*self._step(control), *self._step(point))}")
        self.place = _rounded(point)

    def _closePath(self) -> None:  # noqa: N802
        self.commands.append("z")

    def _step(self, point: tuple[float, float]) -> tuple[int, int]:
        x, y = _rounded(point)
        return x - self.place[0], y - self.place[1]


def _rounded(point: tuple[float, float]) -> tuple[int, int]:
    return round(point[0]), -round(point[1])


def _numbers(*numbers: int) -> str:
    """Numbers without the spaces that a minus makes needless."""
    return " ".join(map(str, numbers)).replace(" -", "-")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else None)
