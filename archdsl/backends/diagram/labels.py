"""The words in a box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archdsl.backends.diagram.fold import Cell
from archdsl.backends.diagram.fuse import label, layer, title
from archdsl.backends.diagram.pieces import DiagramScope, Step
from archdsl.graph import Graph
from archdsl.ops.base import Shape
from archdsl.shapes import Count, Dim

LONGEST_PATH = 18
"""A path of more letters is shown by its end."""
MOST_LINES = 3
"""So many lines may say how copies vary."""
LONGEST_LINE, SHORT_LINE = 36, 26
"""So many letters may be in a line that says how copies vary, and of what stands alone."""


@dataclass(frozen=True)
class Text:
    """What a box says: a title, what stands beside it in lighter letters, and lines below.

    The lines of `small` print are its path, parameters and MACs: `conv1 · 9.54 K · 118 M`.
    """

    title: str
    beside: str = ""
    lines: tuple[str, ...] = ()
    small: tuple[str, ...] = ()


def text_of(cell: Cell, graph: Graph) -> Text:
    """The words for a box, without its position and its costs."""
    first = cell.pieces[0]
    if cell.is_stretch:
        return Text(f"{cell.steps} layers")
    times = f"×{len(cell.pieces)}" if len(cell.pieces) > 1 else ""
    lines = law_lines(cell)
    if isinstance(first, DiagramScope):
        return Text(f"{first.name} {times}".strip(), "", lines)
    return Text(f"{title(first, graph)} {times}".strip(), _beside(first, graph), lines)


def small_print(path: str, counts: Sequence[Count]) -> tuple[str, ...]:
    """A path and some costs, in a line if there is anything to say."""
    texts = [text for text in map(number_text, counts) if len(text) <= LONGEST_LINE]
    line = " · ".join([_end(path)] * bool(path) + texts * any(counts))
    return (line,) if line else ()


def _end(path: str) -> str:
    """The last names of a path, as far as they are short, behind a sign for the others."""
    _, *others = path.split(".")
    while len(path) > LONGEST_PATH and others:
        path = f"…{'.'.join(others)}"
        others = others[1:]
    return path


def law_lines(cell: Cell) -> tuple[str, ...]:
    """How copies vary, and, as far as one line has room, what they share."""
    varied = [*["side by side"] * cell.is_parallel, *cell.law.varied]
    longest = LONGEST_LINE if len(cell.pieces) > 1 else SHORT_LINE
    lines = _lines(varied, longest)
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], "…"]
    return (*lines, *_lines(cell.law.shared, longest)[:1])


def _lines(items: Iterable[str], longest: int) -> list[str]:
    """Items in lines that are not too long, unless an item is."""
    lines: list[str] = []
    for item in items:
        longer = f"{lines[-1]} · {item}" if lines else item
        lines[-1:] = [longer] if len(longer) <= longest else [*lines[-1:], item]
    return lines


def _beside(step: Step, graph: Graph) -> str:
    """What is fused with the layer of a step."""
    main = layer(step, graph)
    main = step.nodes[0] if main is None else main
    return " · ".join(label(node, graph) for node in step.nodes if node != main)


def shape_text(shape: Shape) -> str:
    """A shape on an edge: `256×56²`, `64×35×70`, `1000`."""
    channels, *sizes = map(_size, shape)
    if len(sizes) == 2 and sizes[0] == sizes[1]:
        return f"{channels}×{sizes[0]}²"
    return "×".join([channels, *sizes])


def number_text(number: Count) -> str:
    """A cost in three digits: `25.6 M`; one that depends on a symbolic size as it is."""
    if not isinstance(number, int):
        return str(number)
    for unit, power in (("T", 12), ("G", 9), ("M", 6), ("K", 3)):
        # 999,500 and more would be 1000 K.
        if number >= 0.9995 * 10**power:
            return f"{number / 10**power:#.3g} {unit}".replace(". ", " ")
    return str(number)


def _size(size: Dim) -> str:
    text = str(size)
    return f"({text})" if " " in text else text
