"""Labels in the HTML-like notation of Graphviz; whatever comes from a spec is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archdsl.backends.diagram.escaping import in_markup
from archdsl.backends.diagram.measure import LARGE, LEADING, NORMAL, SMALL
from archdsl.backends.diagram.pen import Pen
from archdsl.backends.diagram.theme import FAMILIES
from archdsl.backends.diagram.tooltips import JOINS
from archdsl.backends.diagram.view import Box, View
from archdsl.fonts import text_width

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
        """How wide it is, about, in points."""
        return text_width(f"{self.sign}  {self.text}", SMALL, bold=True) + 3 * PADDING


def box_label(box: Box, pen: Pen) -> str:
    """What stands in a box."""
    beside = f" · {box.text.beside}" if box.text.beside else ""
    title = f"<b>{in_markup(box.text.title)}</b>{_sized(beside, NORMAL, pen)}"
    lines = [title, *[_sized(line, NORMAL, pen) for line in box.text.lines]]
    lines += [_sized(line, SMALL, pen, pen.theme.faint) for line in box.text.small]
    return f"<{'<br/>'.join(lines)}>"


def edge_label(text: str, color: str, pen: Pen) -> str:
    """What stands beside an edge, a little apart from it."""
    return f"<&#160;{_sized(text, SMALL, pen, color)}>"


def frame_label(title: str) -> str:
    """The heading of a frame."""
    return f"<<b>{in_markup(title)}</b>>"


def heading(
    title: str, caption: str, entries: Sequence[LegendEntry], width: float, pen: Pen
) -> str:
    """What stands above a picture: its name and figures, then a legend of about its width."""
    name = f"<b>{in_markup(title)}</b>&#160;&#160; {_sized(caption, NORMAL, pen)}"
    wide = max(width, text_width(f"{title}  {caption}", LARGE))
    rows = [name, *[_row(row, pen) for row in _rows(entries, wide)]]
    cells = "".join(f'<tr><td align="left">{row}</td></tr>' for row in rows)
    return f'<<table border="0" cellspacing="0" cellpadding="0">{cells}</table>>'


def legend(views: Sequence[View], usual: str, pen: Pen) -> Iterator[LegendEntry]:
    """What the colours and signs mean that occur.

    `usual` is what every convolution has that says nothing else.
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
    if usual:
        yield LegendEntry(f"is conv · {usual}", "conv", theme.ink)
    if any(box.text.small for box in boxes):
        yield LegendEntry("path · parameters · MACs", "grey", theme.faint)


def _rows(entries: Sequence[LegendEntry], width: float) -> list[list[LegendEntry]]:
    """Entries in rows that are not wider than a width, unless an entry is."""
    rows: list[list[LegendEntry]] = []
    room = 0.0
    for entry in entries:
        room -= entry.width + PADDING
        if room < 0 or not rows:
            rows.append([])
            room = width - entry.width - PADDING
        rows[-1].append(entry)
    return rows


def _row(entries: Sequence[LegendEntry], pen: Pen) -> str:
    """A row as a table of a fixed size, or Graphviz would spread it."""
    width = sum(entry.width + PADDING for entry in entries) + 4 * PADDING
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
