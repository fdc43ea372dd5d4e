"""How a picture looks."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.backends.diagram.arrange import PAGE_WIDTH, Sheet
from archdsl.backends.diagram.dot import Direction
from archdsl.outline.labels import Wording
from archdsl.outline.measure import SMALL
from archdsl.outline.theme import ThemeName


@dataclass(frozen=True)
class Look:
    """How a picture looks.

    `width` is how wide it may be, in inches, None for as it comes. `title`, `legend` and `costs`
    are there or not. `font_size` is that of its letters in points, None for what fits. `labels`
    are other titles: the path of a box, and the text.
    """

    direction: Direction = "TB"
    theme: ThemeName = "light"
    width: float | None = None
    title: bool = True
    legend: bool = True
    costs: bool = True
    font_size: float | None = None
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def sheet(self) -> Sheet:
        """The limits that the picture has to fit."""
        sheet = Sheet(self.width or PAGE_WIDTH)
        return sheet.for_letters(self.font_size) if self.font_size else sheet

    @property
    def wording(self) -> Wording:
        """The options for the text of boxes."""
        return Wording(self.costs, dict(self.labels))

    @property
    def larger(self) -> float:
        """How much larger than usual all of it is."""
        return (self.font_size or SMALL) / SMALL
