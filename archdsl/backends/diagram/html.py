"""Labels in the HTML-like notation of Graphviz; whatever comes from a spec is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from archdsl.backends.diagram.escaping import in_markup
from archdsl.backends.diagram.pen import Pen
from archdsl.backends.diagram.tooltips import JOINS
from archdsl.backends.diagram.view import Box, View
from archdsl.fonts import text_width
from archdsl.outline.measure import LARGE, LEADING, NORMAL, SMALL
from archdsl.outline.theme import FAMILIES

EVEN = 1.15
"""How much longer than the mean a row of a legend may be."""
WIDER = 1.5
"""How much wider than a picture its legend may be to be one row."""
PADDING = 4.0
"""The room between the entries of a legend, in points."""


@dataclass(frozen=True)
class LegendEntry:
    """An entry of a legend: a sign with its meaning, or a family in its colour."""

    text: str
    sign: str = ""
    color: str = ""
    fill: str = ""

    @property
    def width(self) -> float:
        """How wide it is, in points, with the room before the next."""
        sign = text_width(self.sign, SMALL, bold=True)
        spaces = (2 if self.fill else 1) * text_width(" ", LARGE)
        return sign + spaces + text_width(self.text, SMALL) + 1.5 * PADDING


def box_label(box: Box, pen: Pen) -> str:
    """The text in a box."""
    before = f"{box.text.before} · " if box.text.before else ""
    after = f" · {box.text.after}" if box.text.after else ""
    name = f"<b>{in_markup(box.text.title)}</b>"
    title = f"{_sized(before, NORMAL, pen)}{name}{_sized(after, NORMAL, pen)}"
    lines = [title, *[_sized(line, NORMAL, pen) for line in box.text.lines]]
    lines += [_sized(line, SMALL, pen, pen.theme.faint) for line in box.text.small]
    return f"<{'<br/>'.join(lines)}>"


def edge_label(lines: Sequence[str], color: str, pen: Pen) -> str:
    """The text next to an edge, at a small distance."""
    texts = [f"&#160;{_sized(line, SMALL, pen, color)}" for line in lines]
    end = '<br align="left"/>'
    return f"<{texts[0]}>" if len(texts) == 1 else f"<{end.join(texts)}{end}>"


def frame_label(lines: Sequence[str], side: str) -> str:
    """The heading of a frame, at its left or its right side."""
    texts = [f"<b>{in_markup(line)}</b>" for line in lines]
    end = f'<br align="{side}"/>'
    return f"<{texts[0]}>" if len(texts) == 1 else f"<{end.join(texts)}{end}>"


def heading(
    title: tuple[str, str] | None,
    entries: Sequence[LegendEntry],
    width: float,
    limit: float,
    pen: Pen,
) -> str:
    """The text above a picture: its name and figures, then a legend; empty without both.

    The legend is one row if that is not much wider than the picture or the limit.
    """
    rows: list[str] = []
    if title is not None:
        name, caption = title
        rows.append(f"<b>{in_markup(name)}</b>&#160;&#160; {_sized(caption, NORMAL, pen)}")
        width = max(width, text_width(f"{name}  {caption}", LARGE))
    rows += [_row(row, pen) for row in _rows(entries, max(width, min(WIDER * width, limit)))]
    if not rows:
        return ""
    cells = "".join(f'<tr><td align="left">{row}</td></tr>' for row in rows)
    return f'<<table border="0" cellspacing="0" cellpadding="0">{cells}</table>>'


def legend(views: Sequence[View], usual: str, costs: bool, pen: Pen) -> Iterator[LegendEntry]:
    """The meaning of the colours and signs that occur.

    `usual` is what every convolution is that says nothing else.
    """
    theme = pen.theme
    boxes = [box for view in views for box in view.boxes]
    present = {box.family for box in boxes if not box.is_join}
    yield from [LegendEntry(each, fill=theme.fills[each]) for each in FAMILIES if each in present]
    symbols = {box.text.title for box in boxes if box.is_join}
    symbols |= {symbol for box in boxes for symbol in box.skips}
    has_skips = any(edge.is_skip for view in views for edge in view.edges)
    yield from [LegendEntry(JOINS[each], each, theme.ink) for each in JOINS if each in symbols]
    if has_skips or any(box.skips for box in boxes):
        yield LegendEntry("skip", "→", theme.skip)
    if any(box.repeats for box in boxes):
        yield LegendEntry("copies", "×N", theme.ink)
    if any(box.training_only for box in boxes):
        yield LegendEntry("in training alone", "- -", theme.ink)
    if any(box.is_again for box in boxes):
        yield LegendEntry("weights of another box", "···", theme.ink)
    if usual:
        yield LegendEntry(f"is {usual}", "conv", theme.ink)
    if any(box.text.small for box in boxes):
        small = "path · parameters · MACs" if costs else "path"
        yield LegendEntry(small, "grey", theme.faint)


def _rows(entries: Sequence[LegendEntry], width: float) -> list[list[LegendEntry]]:
    """Entries in rows that are about equally long, and not wider than a width unless one is."""
    total = _length(entries)
    # As many as are needed, whatever the ends of rows leave free.
    for count in range(max(1, ceil(total / width)), len(entries) + 1):
        rows = list(_filled(entries, total / count * EVEN))
        if all(_length(row) <= width for row in rows):
            return rows
    return [[entry] for entry in entries]


def _filled(entries: Sequence[LegendEntry], length: float) -> Iterator[list[LegendEntry]]:
    """Entries in rows of some length at most, unless one is longer."""
    row: list[LegendEntry] = []
    for entry in entries:
        if row and _length([*row, entry]) > length:
            yield row
            row = []
        row.append(entry)
    yield row


def _length(row: Sequence[LegendEntry]) -> float:
    return sum(entry.width for entry in row)


def _row(entries: Sequence[LegendEntry], pen: Pen) -> str:
    """A row as a table of a fixed size, or Graphviz would spread it."""
    width = _length(entries) + PADDING
    size = f'width="{pen.points(width)}" height="{pen.points(SMALL * LEADING + 2.6 * PADDING)}"'
    space = f'cellspacing="{pen.points(PADDING)}" cellpadding="0"'
    cells = "".join(_cell(entry, pen) for entry in entries)
    return (
        f'<table border="0" align="left" fixedsize="true" {size} {space}><tr>{cells}</tr></table>'
    )


def _cell(entry: LegendEntry, pen: Pen) -> str:
    text = _sized(entry.text, SMALL, pen)
    if entry.fill:
        paint = f'border="1" color="{pen.theme.line}" bgcolor="{entry.fill}"'
        return f"<td {paint}>&#160;{text}&#160;</td>"
    mark = f"<b>{_sized(entry.sign, SMALL, pen, entry.color)}</b>"
    return f'<td align="left">{mark}&#160;{text}</td>'


def _sized(text: str, points: float, pen: Pen, color: str = "") -> str:
    if not text:
        return ""
    paint = f' color="{color}"' if color else ""
    return f'<font point-size="{pen.points(points)}"{paint}>{in_markup(text)}</font>'
