"""The words in a box."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from archdsl.analysis.layer_costs import Amount
from archdsl.graph import Graph
from archdsl.ops.base import Shape
from archdsl.outline.fold import Cell
from archdsl.outline.fuse import label, main_node
from archdsl.outline.kinds import difference
from archdsl.outline.pieces import DiagramScope
from archdsl.shapes import Dim, Unknown

LONGEST_PATH = 18
"""A path of more letters is shown by its end."""
MOST_LINES = 3
"""Maximum number of lines that describe how copies vary."""
LONGEST_LINE, SHORT_LINE = 36, 26
"""Maximum number of letters in a line on how boxes vary, and in one on what they share."""
POWERS = {2: "²", 3: "³"}
TIMES = re.compile(r"(?<=[0-9]) \* (?=[A-Za-z]\b|\()")
"""The multiplication sign between a number and a letter or a bracket, which people omit."""


@dataclass(frozen=True)
class Wording:
    """What boxes show: whether their costs, and their new names, by path."""

    costs: bool = True
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Text:
    """The text of a box: a title between lighter letters, and lines below.

    The ops of a box stand in their order: those `before` its layer, the layer, those `after` it.
    The lines of `small` print are its path, parameters and MACs: `conv1 · 9.54 K · 118 M`.
    """

    title: str
    before: str = ""
    after: str = ""
    lines: tuple[str, ...] = ()
    small: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """The first line, as one text."""
        return " · ".join(filter(None, [self.before, self.title, self.after]))

    def renamed(self, name: str, is_told: bool) -> Text:
        """The same text with another title; the old one moves below if it says more."""
        lines = (self.heading, *self.lines) if is_told else self.lines
        return replace(self, title=name, before="", after="", lines=lines)


def text_of(cell: Cell, graph: Graph, common: Collection[str] | None) -> Text:
    """The words for a box, without its position and its costs.

    `common` is what all boxes of its block say alike; None where there is one of them.
    """
    first = cell.pieces[0]
    if cell.is_stretch:
        return Text(f"{cell.steps} layers")
    times = f" ×{len(cell.pieces)}" if len(cell.pieces) > 1 else ""
    lines = law_lines(cell, common, difference(cell.pieces, graph))
    if isinstance(first, DiagramScope):
        return Text(f"{first.name}{times}", lines=lines)
    main = first.nodes.index(main_node(first, graph))
    before, (title, *after) = (
        first.nodes[:main],
        [label(each, graph) for each in first.nodes[main:]],
    )
    return Text(
        f"{title}{times}",
        " · ".join([label(each, graph) for each in before]),
        " · ".join(after),
        lines,
    )


def small_print(path: str, counts: Sequence[Amount]) -> tuple[str, ...]:
    """A path and some costs, in a line if there is anything to say."""
    alike = counts[:1] if all(isinstance(each, Unknown) for each in counts) else counts
    texts = [text for text in map(number_text, alike) if len(text) <= LONGEST_LINE]
    line = " · ".join([end_of(path)] * bool(path) + texts * any(counts))
    return (line,) if line else ()


def end_of(path: str) -> str:
    """The last names of a path, as far as they are short, behind a sign for the others."""
    _, *others = path.split(".")
    while len(path) > LONGEST_PATH and others:
        path = f"…{'.'.join(others)}"
        others = others[1:]
    return path


def law_lines(cell: Cell, common: Collection[str] | None, difference: str) -> tuple[str, ...]:
    """How copies vary, and in what they are unlike other boxes of their block.

    Where there are no others, or nothing varies, what is shared, as far as a line has room.
    """
    varied = [*["side by side"] * cell.is_parallel, *cell.law.varied]
    telling = [] if common is None else [item for item in cell.law.shared if item not in common]
    if not telling and (common is None or not cell.law.varied):
        telling = _lines(cell.law.shared, SHORT_LINE)[:1]
    others = [*[difference] * bool(difference), *telling]
    return (*_some(_lines(varied, LONGEST_LINE)), *_some(_lines(others, LONGEST_LINE)))


def _some(lines: list[str]) -> list[str]:
    return lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], "…"]


def _lines(items: Iterable[str], longest: int) -> list[str]:
    """Items in lines that are not too long, unless an item is."""
    lines: list[str] = []
    for item in items:
        longer = f"{lines[-1]} · {item}" if lines else item
        lines[-1:] = [longer] if len(longer) <= longest else [*lines[-1:], item]
    return lines


def shape_text(shape: Shape) -> str:
    """A shape on an edge: `256×56²`, `64×35×70`, `1000`, `16 × 4h × 4w`, `196×768`, `14²×96`.

    Whole numbers are written as in the language, `[n] < 1000`.
    """
    if shape.below is not None:
        return str(shape)
    sizes = [*map(size_text, shape.sizes)]
    if not all(isinstance(size, int) for size in shape.sizes):
        return " × ".join(sizes)
    positions, channels = sizes[:-1] if shape.is_last else sizes[1:], shape.channels
    alike = len([*takewhile(lambda size: size == positions[-1], reversed(positions))])
    if alike > 1:
        positions[-alike:] = [f"{positions[-1]}{POWERS[alike]}"]
    return "×".join([*positions, str(channels)] if shape.is_last else [str(channels), *positions])


def size_text(size: Dim) -> str:
    """A size as people write it among others: `4h`, `(2h + 1)`."""
    text = _plain(str(size))
    return f"({text})" if " " in text else text


def number_text(number: Amount) -> str:
    """A cost in three digits: `25.6 M`; one that depends on symbolic sizes: `84.3 M·h·w`.

    One that nobody knows is `unknown`.
    """
    if isinstance(number, Unknown):
        return str(number)
    if not isinstance(number, int):
        return " + ".join([_term_text(*term) for term in number.terms])
    for unit, power in (("T", 12), ("G", 9), ("M", 6), ("K", 3)):
        # 999,500 and more would be 1000 K.
        if number >= 0.9995 * 10**power:
            return f"{number / 10**power:#.3g} {unit}".replace(". ", " ")
    return str(number)


def _term_text(factors: Sequence[Dim], coefficient: int) -> str:
    number = [] if coefficient == 1 and factors else [number_text(coefficient)]
    return "·".join([*number, *map(size_text, factors)])


def _plain(text: str) -> str:
    """Products without their signs, and minus as it is printed."""
    return TIMES.sub("", text).replace(" * ", "·").replace(" - ", " − ").replace(" // ", "//")
