"""Make the files of `archdsl/fonts` from the whole font; its README has the command line.

Kerning and ligatures are removed, so that a text is as wide as its letters, in every viewer.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parents[1] / "archdsl" / "fonts"
NAME = "FiraSansCondensed-{}"
LATIN = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)]))
GREEK = "".join(map(chr, range(0x3B1, 0x3CA)))
LETTERS = LATIN + GREEK + "ΔΣΦΩ→←↑↓‖–—…≥≤≠≈∞−√∑•‘’“”"
"""ASCII, Latin-1 (with × · ² ³), and symbols for shapes and sizes in diagrams.

The font has no ⊕ and no ⊗.
"""


def main(source: Path) -> None:
    """Write the subset of both weights, and the widths of their letters."""
    widths = {weight.lower(): subset(source, weight) for weight in ("Regular", "Bold")}
    text = json.dumps(widths, indent=0, sort_keys=True)
    (FOLDER / "widths.json").write_text(f"{text}\n", encoding="utf-8")


def subset(source: Path, weight: str) -> dict[str, float]:
    """Write one weight; returns the width of every letter, as a fraction of the font size."""
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
    unit = font["head"].unitsPerEm
    return {chr(code): font["hmtx"][glyph][0] / unit for code, glyph in font.getBestCmap().items()}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
