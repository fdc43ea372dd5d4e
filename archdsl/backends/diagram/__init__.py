"""Diagrams: a network as a picture in Graphviz's language, folded so that it fits a page.

    graph --outline--> scopes --choose--> cells --view--> View --arrange--> Page --dot--> text

What is folded is decided before anything is laid out, and everything up to the text is a value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from archdsl.analysis.cost import macs, params
from archdsl.backends.diagram.abbreviate import abbreviate
from archdsl.backends.diagram.arrange import Page, arrange
from archdsl.backends.diagram.choose import Choice, choose
from archdsl.backends.diagram.dot import Direction, Style, write
from archdsl.backends.diagram.fold import MOST_BOXES
from archdsl.backends.diagram.html import heading, legend
from archdsl.backends.diagram.insets import Inset, insets
from archdsl.backends.diagram.labels import number_text, shape_text
from archdsl.backends.diagram.measure import Ruler
from archdsl.backends.diagram.outline import Outline, outline
from archdsl.backends.diagram.pen import Pen
from archdsl.backends.diagram.theme import THEMES, ThemeName
from archdsl.backends.diagram.tooltips import Description, describe, described_box
from archdsl.backends.diagram.view import View, view
from archdsl.diagnostics import Diagnostic
from archdsl.graph import Graph

__all__ = ["Choice", "Direction", "Look", "ThemeName", "diagram", "folded"]

PAGE_WIDTH = 6.9
"""How wide a figure over both columns of a paper is, in inches."""
LONGEST_FIGURE = 60
"""So many letters may tell how a cost depends on symbolic sizes."""
FEWER_BOXES = (MOST_BOXES, 20, 16, 12, 8)
"""How many boxes a picture may have, until its letters are large enough."""


@dataclass(frozen=True)
class Look:
    """How a picture looks; `width` is how wide it may be, in inches, None for as it comes."""

    direction: Direction = "TB"
    theme: ThemeName = "light"
    width: float | None = None


@dataclass(frozen=True)
class _Picture:
    """A view and its insets; `usual` is what stands beside no convolution, as most have it."""

    view: View
    insets: tuple[Inset, ...]
    usual: str

    @property
    def size(self) -> int:
        """How many boxes the view has."""
        return len(self.view.boxes)

    def explains(self, page: Page) -> bool:
        """Whether a page shows the inside of most that is folded."""
        shown = sum(inset.weight for inset in self.insets if inset.view in page.views)
        return 2 * shown >= sum(box.steps for box in self.view.boxes if box.family == "block")


def diagram(
    graph: Graph, choice: Choice, look: Look, magnified: int = 1
) -> tuple[str, list[Diagnostic]]:
    """The DOT text of a network's picture, whose lengths are `magnified` (see `archdsl.fonts`)."""
    found, width = outline(graph), look.width or PAGE_WIDTH
    ruler = Ruler(is_level=look.direction == "LR")
    pages: list[tuple[_Picture, Page]] = []
    for limit in FEWER_BOXES if choice.is_folded else (MOST_BOXES,):
        picture, diagnostics = _picture(found, choice, limit)
        if diagnostics:
            return "", diagnostics
        page = arrange(picture.view, picture.insets, width, ruler)
        pages.append((picture, page))
        if page.is_legible(width) and picture.explains(page):
            break
    # What can be read comes first, then what is explained, then what shows much.
    picture, page = max(
        pages,
        key=lambda both: (both[1].is_legible(width), both[0].explains(both[1]), both[0].size),
    )
    return _write(graph, picture, page, look, magnified), []


def folded(graph: Graph) -> View:
    """The folded picture of a network as a value, before anything is laid out."""
    picture, _ = _picture(outline(graph), Choice(), MOST_BOXES)
    return picture.view


def _picture(found: Outline, choice: Choice, limit: int) -> tuple[_Picture, list[Diagnostic]]:
    cells, diagnostics = choose(found, choice, limit)
    main = view(found.root, found, cells, found.graph.outputs)
    inner = insets(found, cells)
    (main, *views), usual = abbreviate([main, *[inset.view for inset in inner]])
    shortened = [replace(inset, view=each) for inset, each in zip(inner, views, strict=True)]
    return _Picture(main, tuple(shortened), usual), diagnostics


def _write(graph: Graph, picture: _Picture, page: Page, look: Look, magnified: int) -> str:
    pen = Pen(THEMES[look.theme], magnified)
    caption = " · ".join(_figures(graph))
    entries = list(legend(page.views, picture.usual, pen))
    title = heading(graph.name, caption, entries, page.width, pen)
    return write(page, title, _described(graph, picture), Style(pen, look.direction, look.width))


def _described(graph: Graph, picture: _Picture) -> Description:
    boxes = [box for box in picture.view.boxes if box.family not in ("input", "output")]
    texts = [described_box(box.text.title, box.text.beside, box.path) for box in boxes]
    return describe(graph, texts)


def _figures(graph: Graph) -> list[str]:
    multiplications = number_text(macs(graph))
    return [
        f"{number_text(params(graph))} parameters",
        *[f"{multiplications} MACs"] * (len(multiplications) <= LONGEST_FIGURE),
        *[f"{name} {shape_text(graph.shape(port))}" for name, port in graph.inputs.items()],
    ]
