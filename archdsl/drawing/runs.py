"""A piece of text as runs of letters that the font has, and of those that it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from unicodedata import east_asian_width
from xml.etree.ElementTree import Element

from archdsl.fonts import is_mark, outline, text_width

BEFORE = {"start": 0.0, "middle": 0.5, "end": 1.0}
"""How much of a text lies left of its position, by its anchor."""


@dataclass(frozen=True)
class LetterRun:
    """Letters that the font has, or lacks; `start` and `width` where its size is 1.

    A letter may be several characters: accents belong to what they stand over.
    """

    letters: tuple[str, ...]
    start: float
    width: float
    is_known: bool
    is_square: bool

    @property
    def shrunk(self) -> float:
        """How much smaller letters are set so that they fit, as those of East Asia are squares."""
        letters = len([letter for letter in self.letters if letter != " "])
        return min(1.0, self.width / letters) if self.is_square else 1.0


@dataclass(frozen=True)
class TextPiece:
    """Text of one size, weight and colour, from `x` on; `y` is the number as it was written."""

    words: str
    x: float
    y: str
    size: float
    bold: bool
    color: str

    @classmethod
    def of(cls, text: Element) -> TextPiece:
        """The piece that a `<text>` of Graphviz is."""
        words, size = text.text or "", float(text.get("font-size", "14"))
        bold = text.get("font-weight") == "bold"
        before = BEFORE[text.get("text-anchor", "start")] * text_width(words, size, bold)
        x, color = float(text.get("x", "0")) - before, text.get("fill", "black")
        return cls(words, x, text.get("y", "0"), size, bold, color)

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to be seen."""
        return not self.words.strip()

    @property
    def width(self) -> float:
        """How wide it is, in the units of `x`."""
        return text_width(self.words, self.size, self.bold)

    @cached_property
    def runs(self) -> list[LetterRun]:
        """Its letters, in order."""
        letters = _letters(self.words)
        kinds = [self._kind(letter) for letter in letters]
        for index in range(1, len(letters) - 1):
            # So that words stay in the order of their script.
            if letters[index] == " " and not (kinds[index - 1][0] or kinds[index + 1][0]):
                kinds[index] = kinds[index - 1]
        found: list[LetterRun] = []
        start = 0.0
        for kind, group in groupby(zip(letters, kinds, strict=True), lambda both: both[1]):
            run = tuple([letter for letter, _ in group])
            width = text_width("".join(run), 1, self.bold)
            found.append(LetterRun(run, start, width, *kind))
            start += width
        return found

    def _kind(self, letter: str) -> tuple[bool, bool]:
        """Whether the font has a letter, and whether one that it lacks is a square."""
        is_known = outline(letter, self.bold) is not None
        return is_known, not is_known and east_asian_width(letter[0]) in "WF"


def _letters(text: str) -> list[str]:
    """Characters, those without a place of their own together with the one before."""
    found: list[str] = []
    for character in text:
        if found and is_mark(character):
            found[-1] += character
        else:
            found.append(character)
    return found
