"""Diagrams: a network as a picture in Graphviz's language, folded so that it fits a page.

    graph --outline--> scopes --choose--> cells --compose--> View --arrange--> Page --dot--> text

What is folded is decided before anything is laid out, and everything up to the text is a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from archdsl.analysis.cost import macs, params
from archdsl.backends.diagram.abbreviate import abbreviate
from archdsl.backends.diagram.arrange import Page, arrange
from archdsl.backends.diagram.compose import compose
from archdsl.backends.diagram.dot import Direction, Style, write
from archdsl.backends.diagram.html import heading, legend
from archdsl.backends.diagram.insets import Inset, insets
from archdsl.backends.diagram.look import Look
from archdsl.backends.diagram.measure import Ruler
from archdsl.backends.diagram.pen import Pen
from archdsl.backends.diagram.renames import hidden_labels, refuse_hidden, unknown_labels
from archdsl.backends.diagram.rooms import with_room
from archdsl.backends.diagram.tooltips import Description, describe, described_box
from archdsl.backends.diagram.view import View
from archdsl.diagnostics import Diagnostic, listing, note
from archdsl.graph import Graph
from archdsl.outline.choose import Choice, choose, ways_to
from archdsl.outline.fold import MOST_BOXES
from archdsl.outline.labels import number_text, shape_text
from archdsl.outline.reader import Outline, outline
from archdsl.outline.theme import THEMES, ThemeName
from archdsl.source import whole_of

__all__ = ["Choice", "Direction", "Look", "ThemeName", "diagram", "folded"]

LONGEST_FIGURE = 60
"""Maximum number of letters of a cost that depends on symbolic sizes."""
MOST_INPUTS = 4
"""The shapes of more inputs are left to the picture."""
ABOUT = 0.98
"""Sizes are estimates; what shrinks less than this is as large as was asked for."""
FEWER_BOXES = (MOST_BOXES, 20, 16, 12, 8)
"""How many boxes a picture may have, until its letters are large enough."""


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
    found = outline(graph)
    if unknown := unknown_labels(found, look.labels):
        return "", unknown
    best, refused = _best(found, choice, look)
    if best is None:
        return "", refused
    picture, page = best
    if hidden := hidden_labels(page.views, look.labels):
        ways = {path: _way_to(path, found, choice, look) for path in hidden}
        return "", refuse_hidden(found, page.views, ways)
    return _write(found, picture, page, look, magnified), list(_smaller(found, page, choice, look))


def _best(
    found: Outline, choice: Choice, look: Look
) -> tuple[tuple[_Picture, Page] | None, list[Diagnostic]]:
    """The picture whose page is read best; errors if a scope to open does not exist."""
    sheet, ruler = look.sheet, Ruler(is_level=look.direction == "LR")
    pages: list[tuple[_Picture, Page]] = []
    for limit in FEWER_BOXES if choice.is_folded else (MOST_BOXES,):
        picture, refused = _picture(found, choice, limit, look)
        if refused:
            return None, refused
        page = arrange(picture.view, picture.insets, sheet, ruler)
        pages.append((picture, page))
        if page.is_legible(sheet) and picture.explains(page) and not page.has_stray:
            break
    # What can be read comes first, then what is explained and whole, then what shows much.
    best = max(
        pages,
        key=lambda both: (
            both[1].is_legible(sheet),
            both[0].explains(both[1]),
            both[1].is_legible(sheet) and not both[1].has_stray,
            both[0].size,
        ),
    )
    return best, []


def _way_to(path: str, found: Outline, choice: Choice, look: Look) -> str:
    """The first option with which a picture has a box or a frame of this path; or empty."""
    label = [each for each in look.labels if each[0] == path]
    for option, opened in ways_to(path, choice):
        best, _ = _best(found, opened, look)
        if best and not hidden_labels(best[1].views, label):
            return option
    return ""


def folded(graph: Graph) -> View:
    """The folded picture of a network as a value, before anything is laid out."""
    picture, _ = _picture(outline(graph), Choice(), MOST_BOXES, Look())
    return picture.view


def _picture(
    found: Outline, choice: Choice, limit: int, look: Look
) -> tuple[_Picture, list[Diagnostic]]:
    cells, diagnostics = choose(found, choice, limit, dict(look.labels))
    main = compose(found.root, found, cells, found.graph.outputs, look.wording)
    inner = insets(found, cells, look.wording)
    views, usual = abbreviate([main, *[inset.view for inset in inner]])
    main, *views = map(with_room, views) if look.direction == "TB" else views
    shortened = [replace(inset, view=each) for inset, each in zip(inner, views, strict=True)]
    return _Picture(main, tuple(shortened), usual), diagnostics


def _write(found: Outline, picture: _Picture, page: Page, look: Look, magnified: int) -> str:
    pen = Pen(THEMES[look.theme], magnified * look.larger)
    names = dict(look.labels)
    title = (
        (found.graph.name, " · ".join(_figures(found, names, look.costs))) if look.title else None
    )
    entries = legend(page.views, picture.usual, look.costs, pen) if look.legend else ()
    text = heading(title, list(entries), page.width, 72 * look.sheet.width, pen)
    return write(page, text, _described(found, picture), Style(pen, look.direction, look.width))


def _described(found: Outline, picture: _Picture) -> Description:
    boxes = [box for box in picture.view.boxes if not box.is_end]
    return describe(found.costs, [described_box(box.text, box.path) for box in boxes])


def _figures(found: Outline, names: Mapping[str, str], costs: bool) -> list[str]:
    graph, multiplications = found.graph, number_text(macs(found.costs))
    figures = [
        f"{number_text(params(found.costs))} parameters",
        *[f"{multiplications} MACs"] * (len(multiplications) <= LONGEST_FIGURE),
    ]
    inputs = [
        f"{names.get(name, name)} {shape_text(graph.shape(port))}"
        for name, port in graph.inputs.items()
    ]
    several = [f"{len(inputs)} inputs"] if len(inputs) > MOST_INPUTS else inputs
    return [*(figures if costs else []), *several]


def _smaller(found: Outline, page: Page, choice: Choice, look: Look) -> Iterator[Diagnostic]:
    """A note where the figure shrinks to its width, and its letters with it."""
    if look.font_size is not None and look.width is not None and _shrinks(page, look):
        points = look.font_size * 72 * look.sheet.width / page.width
        message = f"letters are about {points:.1f} points high, smaller than {look.font_size:g}"
        folded = None if choice.is_folded else _best(found, Choice(), look)[0]
        if folded and not _shrinks(folded[1], look):
            help = f"without {listing(choice.options)} the network is folded until it fits"
        else:
            help = f"no folding of this network fits {look.width:.3g} inches with larger letters"
        yield note("N0945", message, whole_of("--font-size"), help=help)


def _shrinks(page: Page, look: Look) -> bool:
    return 72 * look.sheet.width / page.width < ABOUT
