"""`archdsl draw`."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.cli.arguments import SET, ambiguous, settings_of, split
from archdsl.cli.report import finish, show
from archdsl.diagnostics import Diagnostic, errors, has_errors
from archdsl.render import path_text, printable

if TYPE_CHECKING:
    from archdsl.backends.diagram import Choice, Direction, Look, ThemeName
    from archdsl.drawing.finish import LetterForm
    from archdsl.graph import Graph

INCHES = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "pt": 1 / 72}
"""The units of `--width`."""


class Width(click.ParamType[float]):
    """A length such as `6.9in` or `17.5cm`, as inches."""

    name = "length"

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> float:
        """The length in inches."""
        match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(in|cm|mm|pt)", str(value).strip())
        inches = float(match[1]) * INCHES[match[2]] if match else 0.0
        if not 0.5 <= inches <= 200:
            shown = printable(str(value))
            self.fail(f"`{shown}` is no width of a figure, such as `6.9in` or `175mm`")
        return inches


@dataclass(frozen=True)
class DrawOptions:
    """What to show of networks, how, and with which Graphviz; `width` is in inches."""

    full: bool
    depth: int | None
    paths: tuple[str, ...]
    blocks: tuple[str, ...]
    direction: Direction
    theme: ThemeName
    width: float | None
    text: LetterForm | None
    engine: str | None


@click.command()
@click.argument("file", metavar="FILE[:NETWORK]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="generated/diagrams",
    show_default=True,
    metavar="PATH",
    help="A file (.svg, .png, .pdf or .dot), or a folder for an SVG of every network.",
)
@click.option("--depth", type=click.IntRange(1), help="Open what lies less than so many deep.")
@click.option("--expand", "paths", multiple=True, metavar="PATH", help="Open what has this path.")
@click.option("--expand-type", "blocks", multiple=True, metavar="BLOCK", help="Open this block.")
@click.option("--full", is_flag=True, help="Open everything.")
@click.option("--direction", type=click.Choice(["TB", "LR"]), default="TB", show_default=True)
@click.option("--width", type=Width(), help="How wide the figure may be: 6.9in, 175mm.")
@click.option(
    "--theme", type=click.Choice(["light", "dark", "mono"]), default="light", show_default=True
)
@click.option(
    "--text",
    type=click.Choice(["outlines", "font"]),
    help="How an SVG has its letters: as outlines, right in every program (the default), or as "
    "text with an embedded font, which only browsers open.",
)
@click.option("--engine", type=click.Choice(["pygraphviz", "dot"]), help="Which Graphviz draws.")
@SET
def draw(file: str, output: Path, values: tuple[str, ...], **given: Any) -> None:
    """Draw networks, folded until each is taken in at a glance."""
    from archdsl import driver
    from archdsl.files import open_main
    from archdsl.outputs import picture_form

    options = DrawOptions(**given)
    if options.full and options.depth:
        raise click.UsageError("--full opens everything, so that --depth has nothing to say")
    path, network = split(file)
    settings = settings_of(values)
    is_folder = not output.suffix or output.is_dir()
    if options.text and not is_folder and output.suffix.lower() != ".svg":
        raise click.UsageError("--text is for an SVG; other forms look the same everywhere")
    diagnostics = [] if is_folder else picture_form(output)[1]
    graphs: dict[str, Graph] = {}
    if not diagnostics:
        source, find, diagnostics = open_main(path)
    if not diagnostics:
        graphs, diagnostics = driver.read(source, find, network, settings)
    show(errors(diagnostics), sys.stderr)
    if len(graphs) > 1 and not is_folder:
        raise click.UsageError(ambiguous(path, list(graphs), ", or give a folder"))
    for name, graph in graphs.items():
        diagnostics += _draw(graph, output / f"{name}.svg" if is_folder else output, options)
    finish(diagnostics)


def _draw(graph: Graph, target: Path, options: DrawOptions) -> list[Diagnostic]:
    """Draw one network to a file, and say so; what went wrong."""
    from archdsl.outputs import picture_form, save_file
    from archdsl.pictures import picture

    form, _ = picture_form(target)
    assert form is not None
    choice, look = _request(options)
    content, diagnostics = picture(
        graph, form, choice, look, options.engine, options.text or "outlines"
    )
    if not has_errors(diagnostics):
        diagnostics += save_file(target, content)
    show(diagnostics, sys.stderr)
    if not has_errors(diagnostics):
        click.echo(f"wrote {path_text(target)}")
    return diagnostics


def _request(options: DrawOptions) -> tuple[Choice, Look]:
    from archdsl.backends.diagram import Choice, Look

    choice = Choice(options.full, options.depth, options.paths, options.blocks)
    return choice, Look(options.direction, options.theme, options.width)
