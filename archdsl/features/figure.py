"""The figure of features: image and heat maps above, and a row of units for every layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor
from torch.nn.functional import pad

from archdsl.backends.plot import drawn
from archdsl.features.findings import Box, Filters, Findings, Heat, LayerFinding, UnitFinding
from archdsl.fonts import font_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, MARGIN, GAP = 7.0, 0.06, 0.06
"""The width of the figure, its margin, and the gap between panels, in inches."""
TOGETHER, APART = 0.03, 0.15
"""The gaps behind the panels of a unit, and between units, in inches."""
LETTER, SMALL = 7.5, 6.0
LINE = 0.15
"""The height of a line of text in inches."""
INSET = 0.012
"""By how much of the image's side outlines lie within one another."""
COLOURS = ("#d62728", "#1f77b4", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2")
"""Of layers, and of the fields of their units in the image."""
MAPS, HEATS = "viridis", "magma"
TILE = 12
"""About how many pixels of the picture a filter's side has."""
FINE = 24
"""Images with fewer pixels to a side are shown pixel by pixel."""
Place = tuple[float, float, float, float]
"""Left, top, width and height in inches, from the upper left corner."""


def figure(findings: Findings, form: Literal["svg", "png"]) -> bytes:
    """The figure as a file; raises `ModuleNotFoundError` if matplotlib is not installed."""
    sheet = Sheet(findings)
    return drawn((WIDTH, sheet.height), sheet.draw, form, layout=None)


@dataclass
class Sheet:
    """Where everything lies on the page, in inches."""

    findings: Findings

    @property
    def upper(self) -> list[Any]:
        """What the upper row shows beside the image."""
        filters = self.findings.filters
        return [*self.findings.heats, *([filters] if filters else [])]

    @property
    def side(self) -> float:
        """The width of a panel in the upper row."""
        count = max(4, 1 + len(self.upper))
        return (WIDTH - 2 * MARGIN - (count - 1) * 2 * GAP) / count

    @property
    def ratio(self) -> float:
        """Height by width of the image."""
        height, width = self.findings.picture.pixels.shape[:2]
        return height / width

    @property
    def cell(self) -> float:
        """The width of a panel of a unit."""
        layers = self.findings.layers
        units = max(2, *(len(each.units) for each in layers)) if layers else 2
        panels = units * max(map(_panels, layers), default=1)
        room = WIDTH - 2 * MARGIN - (units - 1) * APART - panels * TOGETHER
        return min(self.side, room / panels)

    @property
    def row(self) -> float:
        """The height of a row of units, with its heading, and the line below each panel."""
        return 2 * LINE + self.cell * self.ratio + 1.6 * GAP

    @property
    def height(self) -> float:
        """The height of the figure."""
        upper = 2.4 * LINE + self.side * self.ratio + 3 * GAP
        return MARGIN + upper + len(self.findings.layers) * self.row + LINE * 0.5

    def draw(self, figure: Figure) -> None:
        """Draw all panels."""
        pen = Pen(figure, self.height)
        top = MARGIN + 2.3 * LINE
        place = (MARGIN, top, self.side, self.side * self.ratio)
        self._image(pen, place)
        for index, content in enumerate(self.upper, 1):
            left = MARGIN + index * (self.side + 2 * GAP)
            where = (left, *place[1:])
            if isinstance(content, Heat):
                self._heat(pen, where, content)
            else:
                self._filters(pen, where, content)
        top += self.side * self.ratio + 3 * GAP
        for layer, colour in zip(self.findings.layers, _colours(), strict=False):
            self._layer(pen, top, layer, colour)
            top += self.row

    def _image(self, pen: Pen, place: Place) -> None:
        """The image, with the fields of the strongest unit of every layer."""
        found = self.findings
        axes = pen.panel(place, found.picture.pixels, interpolation=self._smooth)
        texts = f"“{found.label}”, {found.probability:.1%}"
        pen.title(place, f"{found.network}: image", texts)
        for index, (layer, colour) in enumerate(zip(found.layers, _colours(), strict=False)):
            for unit in layer.units[:1] if layer.size else ():
                _outline(axes, unit.box, colour, INSET * index * max(found.picture.pixels.shape))

    def _heat(self, pen: Pen, place: Place, heat: Heat) -> None:
        """A heat map; the image lies over that of a layer, which is coarse."""
        values, detail = heat.values, heat.detail
        axes = pen.panel(place, values, cmap=HEATS, interpolation=self._smooth)
        if heat.method == "Grad-CAM":
            pixels = self.findings.picture.pixels.mean(2).numpy()
            axes.imshow(pixels, cmap="gray", alpha=0.4, interpolation=self._smooth)
        if heat.method == "occlusion":
            detail += f": {float(values.min()):.2g}–{float(values.max()):.2g}"
        pen.title(place, heat.method, detail)

    def _filters(self, pen: Pen, place: Place, filters: Filters) -> None:
        pen.panel(place, sheet_of(filters.values), interpolation="nearest", has_edge=False)
        shown, _, height, width = filters.values.shape
        count = f"{shown}" if shown == filters.count else f"first {shown} of {filters.count}, all"
        pen.title(place, f"filters of {filters.layer}", f"{count} of {height}×{width} px")

    def _layer(self, pen: Pen, top: float, layer: LayerFinding, colour: str) -> None:
        """The heading of a layer, and its units: map, deconvolution, and the image there."""
        pen.heading(top, layer, colour)
        left = MARGIN
        for unit in layer.units:
            for panel in self._of(unit, layer):
                self._panel(
                    pen, (left, top + LINE * 1.25, self.cell, self.cell * self.ratio), panel
                )
                left += self.cell + TOGETHER
            start = left - _panels(layer) * (self.cell + TOGETHER)
            text = f"unit {unit.unit.channel}: {unit.unit.value:.3g}"
            pen.text(start, top + LINE * 2.05 + self.cell * self.ratio, text, SMALL)
            left += APART

    def _of(self, unit: UnitFinding, layer: LayerFinding) -> list[Panel]:
        """The panels of a unit; what sees the whole image is shown without it."""
        rows, columns = unit.map.shape
        place = (unit.unit.column + 0.5) / columns, (unit.unit.row + 0.5) / rows
        panels = [Panel(unit.map, MAPS, place)]
        if unit.back is not None:
            panels.append(Panel(_cut(back_pixels(unit.back), unit.box)))
        image = [Panel(_cut(self.findings.picture.pixels, unit.box))] if layer.size else []
        return [*panels, *image]

    def _panel(self, pen: Pen, place: Place, panel: Panel) -> None:
        left, top, width, height = place
        rows, columns = panel.values.shape[:2]
        # A field at the border of the image is no longer square.
        scale = min(width / columns, height / rows)
        inner = (
            left + (width - scale * columns) / 2,
            top + (height - scale * rows) / 2,
            scale * columns,
            scale * rows,
        )
        smooth = "nearest" if min(rows, columns) < FINE else self._smooth
        axes = pen.panel(inner, panel.values, cmap=panel.colours, interpolation=smooth)
        if panel.mark:
            at = panel.mark[0] * columns - 0.5, panel.mark[1] * rows - 0.5
            axes.plot(*at, "o", ms=4, mfc="none", mec="#ff3030", mew=0.9, clip_on=False)

    @property
    def _smooth(self) -> str:
        return "nearest" if min(self.findings.picture.pixels.shape[:2]) < FINE else "antialiased"


@dataclass
class Panel:
    """A small picture; `mark` is a place in it, from 0 to 1 along columns and rows."""

    values: Tensor
    colours: str | None = None
    mark: tuple[float, float] | None = None


@dataclass
class Pen:
    """Draws on a matplotlib figure, in inches from its upper left corner."""

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
        """The title above a panel, with a smaller line below it."""
        left, top = place[:2]
        self.text(left, top - LINE * 1.1, title, LETTER, weight="bold")
        self.text(left, top - LINE * 0.3, detail, SMALL, color="#444444")

    def heading(self, top: float, layer: LayerFinding, colour: str) -> None:
        """The line above a layer's units."""
        rows, columns = layer.grid
        size = "the whole image" if layer.size is None else f"{layer.size[0]}×{layer.size[1]} px"
        shown = ", ".join(_shown(layer))
        self.text(MARGIN, top + LINE * 0.85, "■", LETTER, color=colour, family="DejaVu Sans")
        start = MARGIN + 0.13
        self.text(start, top + LINE * 0.85, layer.name, LETTER, weight="bold")
        detail = f"{layer.channels} maps of {rows}×{columns}, field {size}; of each unit {shown}"
        self.text(WIDTH - MARGIN, top + LINE * 0.85, detail, SMALL, color="#444444", ha="right")


def sheet_of(filters: Tensor) -> Tensor:
    """Filters side by side as a picture [height, width, 3]; each fills the range from 0 to 1."""
    low, high = (getattr(filters.flatten(1), name)(1) for name in ("amin", "amax"))
    low, high = low[:, None, None, None], high[:, None, None, None]
    scaled = (filters - low) / (high - low).clamp(min=1e-12)
    colours = scaled if scaled.shape[1] == 3 else scaled.mean(1, keepdim=True).expand(-1, 3, -1, -1)
    columns = ceil(len(filters) ** 0.5)
    rows = ceil(len(filters) / columns)
    blank = torch.ones(rows * columns - len(filters), *colours.shape[1:])
    tiles = torch.cat([colours, blank])
    # The gap is narrow beside a filter of a few pixels, too.
    scale = max(1, round(TILE / tiles.shape[2]))
    tiles = tiles.repeat_interleave(scale, 2).repeat_interleave(scale, 3)
    tiles = pad(tiles, (0, 1, 0, 1), value=1.0)
    height, width = tiles.shape[2:]
    grid = tiles.reshape(rows, columns, 3, height, width).permute(0, 3, 1, 4, 2)
    return grid.reshape(rows * height, columns * width, 3)[:-1, :-1]


def back_pixels(back: Tensor) -> Tensor:
    """What comes back [channels, height, width] as colours around grey, [height, width, 3]."""
    values = back if back.shape[0] == 3 else back.mean(0, keepdim=True).expand(3, -1, -1)
    return (0.5 + 0.5 * values / values.abs().max().clamp(min=1e-12)).permute(1, 2, 0)


def _shown(layer: LayerFinding) -> list[str]:
    """What there is of every unit of a layer."""
    has_back = any(unit.back is not None for unit in layer.units)
    return ["map", *["deconvolution"] * has_back, *["image"] * (layer.size is not None)]


def _panels(layer: LayerFinding) -> int:
    return len(_shown(layer))


def _colours() -> Sequence[str]:
    return COLOURS * 8


def _cut(pixels: Tensor, box: Box) -> Tensor:
    top, left, bottom, right = box
    return pixels[top:bottom, left:right]


def _outline(axes: Axes, box: Box, colour: str, inset: float) -> None:
    """The outline of a part of the image, `inset` pixels within it so that equal ones are seen."""
    from matplotlib.patches import Rectangle

    top, left, bottom, right = box
    inset = min(inset, (right - left) / 4, (bottom - top) / 4)
    size = right - left - 2 * inset, bottom - top - 2 * inset
    corner = left - 0.5 + inset, top - 0.5 + inset
    axes.add_patch(Rectangle(corner, *size, fill=False, ec=colour, lw=1.3, clip_on=False))
