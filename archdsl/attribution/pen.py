"""Panels and lines of text on a matplotlib figure, in inches from its upper left corner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor

from archdsl.fonts import font_file, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, MARGIN, GAP = 7.0, 0.06, 0.06
"""The width of the figure, its margin, and the gap between panels, in inches."""
LETTER, SMALL = 7.5, 6.0
LINE = 0.15
"""The height of a line of text in inches."""
INCH = 72
"""Points of an inch."""
Place = tuple[float, float, float, float]
"""Left, top, width and height in inches, from the upper left corner."""


@dataclass
class Pen:
    """Draws on a matplotlib figure of a height in inches."""

    figure: Figure
    height: float

    def __post_init__(self) -> None:
        from matplotlib import font_manager

        for bold in (False, True):
            font_manager.fontManager.addfont(font_file(bold, "ttf"))

    def panel(self, place: Place, values: Tensor, has_edge: bool = True, **how: Any) -> Axes:
        """A picture without ticks."""
        left, top, width, height = place
        bottom = 1 - (top + height) / self.height
        axes = self.figure.add_axes((left / WIDTH, bottom, width / WIDTH, height / self.height))
        axes.imshow(values.detach().cpu().numpy(), aspect="auto", **how)
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_linewidth(0.4)
            spine.set_visible(has_edge)
        return axes

    def text(self, left: float, base: float, text: str, size: float, **how: Any) -> None:
        """A line of text on its base line."""
        where = left / WIDTH, 1 - base / self.height
        how = {"family": "Fira Sans Condensed", "parse_math": False, **how}
        self.figure.text(*where, text, size=size, va="baseline", **how)

    def title(self, place: Place, title: str, detail: str) -> None:
        """The title above a panel, with a smaller line below it; each is cut where it is wider."""
        left, top, width, _ = place
        title, detail = within(title, LETTER, width, bold=True), within(detail, SMALL, width)
        self.text(left, top - LINE * 1.1, title, LETTER, weight="bold")
        self.text(left, top - LINE * 0.3, detail, SMALL, color="#444444")

    def heading(self, top: float, name: str, detail: str, colour: str) -> None:
        """The line above a row of panels: a name after a square, and what is there to the right."""
        base, start = top + LINE * 0.85, MARGIN + 0.13
        room = WIDTH - 2 * MARGIN - start - text_width(detail, SMALL) / INCH
        self.text(MARGIN, base, "■", LETTER, color=colour, family="DejaVu Sans")
        self.text(start, base, within(name, LETTER, room, bold=True), LETTER, weight="bold")
        self.text(WIDTH - MARGIN, base, detail, SMALL, color="#444444", ha="right")


def within(text: str, size: float, width: float, bold: bool = False) -> str:
    """A text of at most a width in inches: what is too long for it ends in dots."""
    if text_width(text, size, bold) <= width * INCH:
        return text
    while text and text_width(text + "…", size, bold) > width * INCH:
        text = text[:-1]
    return text.rstrip() + "…"
