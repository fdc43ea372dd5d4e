"""Options of figures: their types, and what they ask of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.backends.diagram import Choice, Direction, Look, ThemeName
    from archdsl.drawing.finish import LetterForm


class Width(click.ParamType[float]):
    """A length such as `6.9in` or `17.5cm`, as inches."""

    name = "length"

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> float:
        """The length in inches."""
        from archdsl.pictures import inches

        found = inches(str(value))
        if found is None:
            shown = printable(str(value))
            self.fail(f"`{shown}` is not the width of a figure, such as `6.9in` or `175mm`")
        return found


class TitleOption(click.ParamType[tuple[str, str]]):
    """The path of a box and its title, as `layer1=Stage 1`."""

    name = "label"

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> tuple[str, str]:
        """The path and the title."""
        from archdsl.pictures import is_unwritable

        path, equals, text = str(value).partition("=")
        if not equals or not path.strip() or not text.strip():
            shown = printable(str(value))
            self.fail(f"`{shown}` gives no title to a path, as `layer1=Stage 1` does")
        if is_unwritable(text):
            self.fail(f"`{printable(text)}` has characters that no figure can show")
        return path.strip(), text.strip()


FIGURE_OPTIONS = {
    "direction": "--direction",
    "theme": "--theme",
    "width": "--width",
    "text": "--text",
    "no_title": "--no-title",
    "no_legend": "--no-legend",
    "no_costs": "--no-costs",
    "font_size": "--font-size",
    "labels": "--label",
    "engine": "--engine",
}
"""The options that say how a figure looks, by the names of their parameters."""


@dataclass(frozen=True)
class DrawOptions:
    """Options of `draw`: what to show, how, and with which Graphviz.

    `width` is in inches, `font_size` in points.
    """

    full: bool
    depth: int | None
    paths: tuple[str, ...]
    blocks: tuple[str, ...]
    direction: Direction
    theme: ThemeName
    width: float | None
    text: LetterForm | None
    no_title: bool
    no_legend: bool
    no_costs: bool
    font_size: float | None
    labels: tuple[tuple[str, str], ...]
    engine: str | None


def refuse_figure_options() -> None:
    """Refuse options of figures on paper, which a page has no use for."""
    context = click.get_current_context()
    for name, option in FIGURE_OPTIONS.items():
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option} is for figures; a page has no fixed size and look")


def request_of(options: DrawOptions) -> tuple[Choice, Look]:
    """What the options ask a picture to show, and its look."""
    from archdsl.backends.diagram import Choice, Look

    choice = Choice(options.full, options.depth, options.paths, options.blocks)
    look = Look(
        direction=options.direction,
        theme=options.theme,
        width=options.width,
        title=not options.no_title,
        legend=not options.no_legend,
        costs=not options.no_costs,
        font_size=options.font_size,
        labels=options.labels,
    )
    return choice, look
