"""The figure of features: image and heat maps above, and rows of units for every layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

from torch import Tensor

from archdsl.attribution.findings import Box, Filters, Findings, Heat, LayerFinding, UnitFinding
from archdsl.attribution.pen import GAP, LINE, MARGIN, SMALL, WIDTH, Pen, Place, within
from archdsl.attribution.pixels import back_pixels, cut, sheet_of
from archdsl.backends.plot import drawn

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TOGETHER, APART = 0.03, 0.15
"""The gaps behind the panels of a unit, and between units, in inches."""
NARROWEST = 0.4
"""The width in inches of the narrowest panels of units; of more units there are further rows."""
INSET = 0.012
"""By how much of the image's side outlines lie within one another."""
COLOURS = ("#d62728", "#1f77b4", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2")
"""Of layers, and of the fields of their units in the image."""
MAPS, HEATS = "viridis", "magma"
FINE = 24
"""Images with fewer pixels to a side are shown pixel by pixel."""
MOST_DIGITS = 4
"""How many decimals percentages have at most, to tell the ends of a range apart."""


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

    @cached_property
    def across(self) -> int:
        """How many units stand beside one another."""
        units = max([2, *[len(each.units) for each in self.findings.layers]])
        return next((n for n in range(units, 1, -1) if self._cell(n) >= NARROWEST), 1)

    @property
    def cell(self) -> float:
        """The width of a panel of a unit."""
        return self._cell(self.across)

    def _cell(self, units: int) -> float:
        """That of so many units in a row."""
        panels = units * max(map(_panels, self.findings.layers), default=1)
        room = WIDTH - 2 * MARGIN - (units - 1) * APART - panels * TOGETHER
        return min(self.side, room / panels)

    @property
    def row(self) -> float:
        """The height of a row of units, with the line below each panel."""
        return 1.2 * LINE + self.cell * self.ratio

    def tall(self, layer: LayerFinding) -> float:
        """The height of a layer: its heading, and its rows."""
        return 0.8 * LINE + ceil(len(layer.units) / self.across) * self.row + 1.6 * GAP

    @property
    def height(self) -> float:
        """The height of the figure."""
        upper = 2.4 * LINE + self.side * self.ratio + 3 * GAP
        return MARGIN + upper + sum(map(self.tall, self.findings.layers)) + LINE * 0.5

    def draw(self, figure: Figure) -> None:
        """Draw all panels."""
        pen = Pen(figure, self.height)
        top = MARGIN + 2.3 * LINE
        place = (MARGIN, top, self.side, self.side * self.ratio)
        self._image(pen, place)
        for index, content in enumerate(self.upper, 1):
            where = (MARGIN + index * (self.side + 2 * GAP), *place[1:])
            if isinstance(content, Heat):
                self._heat(pen, where, content)
            else:
                _filters(pen, where, content)
        top += self.side * self.ratio + 3 * GAP
        for layer, colour in zip(self.findings.layers, cycle(COLOURS), strict=False):
            self._layer(pen, top, layer, colour)
            top += self.tall(layer)

    def _image(self, pen: Pen, place: Place) -> None:
        """The image, with the fields of the strongest unit of every layer."""
        found = self.findings
        axes = pen.panel(place, found.picture.pixels, interpolation=self._smooth)
        pen.title(place, f"{found.network}: image", seen_as(found))
        for index, (layer, colour) in enumerate(zip(found.layers, cycle(COLOURS), strict=False)):
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
            detail += f": {percentages(float(values.min()), float(values.max()))}"
        pen.title(place, heat.method, detail)

    def _layer(self, pen: Pen, top: float, layer: LayerFinding, colour: str) -> None:
        """The heading of a layer, and its units: map, deconvolution, and the image there."""
        pen.heading(top, layer.name, _about(layer), colour)
        for index, unit in enumerate(layer.units):
            line, column = divmod(index, self.across)
            left = MARGIN + column * (_panels(layer) * (self.cell + TOGETHER) + APART)
            self._unit(pen, left, top + 1.05 * LINE + line * self.row, unit, layer)

    def _unit(
        self, pen: Pen, left: float, top: float, unit: UnitFinding, layer: LayerFinding
    ) -> None:
        """The panels of a unit beside one another, and its activation below them."""
        size = self.cell, self.cell * self.ratio
        for index, panel in enumerate(self._of(unit, layer)):
            place = left + index * (self.cell + TOGETHER), top + LINE * 0.2, *size
            self._panel(pen, place, panel)
        room = _panels(layer) * (self.cell + TOGETHER) + APART / 2
        text = within(f"unit {unit.unit.channel}: {_activation(unit)}", SMALL, room)
        pen.text(left, top + LINE + size[1], text, SMALL)

    def _of(self, unit: UnitFinding, layer: LayerFinding) -> Iterator[Panel]:
        """The panels of a unit; what sees the whole image is shown without it."""
        rows, columns = unit.map.shape
        place = (unit.unit.column + 0.5) / columns, (unit.unit.row + 0.5) / rows
        yield Panel(unit.map, MAPS, None if unit.is_even else place)
        if unit.back is not None:
            yield Panel(cut(back_pixels(unit.back), unit.box))
        if layer.size:
            yield Panel(cut(self.findings.picture.pixels, unit.box))

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


def seen_as(found: Findings) -> str:
    """The most probable class, and the one that is explained where that is another."""
    best = f"“{found.best}”, {found.probabilities.max():.1%}"
    other = percentages(found.probability, found.probability)
    return best if found.best == found.label else f"{best}; maps of “{found.label}”, {other}"


def percentages(low: float, high: float) -> str:
    """A range of probabilities, `98.7–100.0%`, with the decimals that tell its ends apart."""
    for digits in range(1, MOST_DIGITS + 1):
        ends = [f"{100 * each:.{digits}f}" for each in (low, high)]
        if ends[0] != ends[1]:
            return f"{ends[0]}–{ends[1]}%"
    return f"{100 * low:.1f}%"


def _filters(pen: Pen, place: Place, filters: Filters) -> None:
    pen.panel(place, sheet_of(filters.values), interpolation="nearest", has_edge=False)
    shown, _, height, width = filters.values.shape
    count = f"{shown}" if shown == filters.count else f"first {shown} of {filters.count}, all"
    pen.title(place, f"filters of {filters.layer}", f"{count} of {height}×{width} px")


def _about(layer: LayerFinding) -> str:
    """How many maps there are, what a unit sees, and what is shown of each."""
    rows, columns = layer.grid
    size = "the whole image" if layer.size is None else f"{layer.size[0]}×{layer.size[1]} px"
    maps = f"{layer.channels} map{'s' if layer.channels > 1 else ''}"
    return f"{maps} of {rows}×{columns}, field {size}; of each unit {', '.join(_shown(layer))}"


def _activation(unit: UnitFinding) -> str:
    """The largest activation; that there is no largest one, of a map that is even."""
    return f"{unit.unit.value:.3g}{' everywhere' if unit.is_even else ''}"


def _shown(layer: LayerFinding) -> list[str]:
    """What there is of every unit of a layer."""
    has_back = any(unit.back is not None for unit in layer.units)
    return ["map", *["deconvolution"] * has_back, *["image"] * (layer.size is not None)]


def _panels(layer: LayerFinding) -> int:
    return len(_shown(layer))


def _outline(axes: Axes, box: Box, colour: str, inset: float) -> None:
    """The outline of a part of the image, `inset` pixels within it so that equal ones are seen."""
    from matplotlib.patches import Rectangle

    top, left, bottom, right = box
    inset = min(inset, (right - left) / 4, (bottom - top) / 4)
    size = right - left - 2 * inset, bottom - top - 2 * inset
    corner = left - 0.5 + inset, top - 0.5 + inset
    axes.add_patch(Rectangle(corner, *size, fill=False, ec=colour, lw=1.3, clip_on=False))
