"""`archdsl draw`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.cli.arguments import SET, settings_of
from archdsl.cli.figure_options import (
    DrawOptions,
    TitleOption,
    Width,
    refuse_figure_options,
    request_of,
)
from archdsl.cli.pictures import FORM, PictureTarget, targets
from archdsl.cli.program import STDIN
from archdsl.cli.report import finish, print_file, say, show
from archdsl.cli.specs import FILES, ambiguous, several
from archdsl.cli.watch import WATCH, Watch, repeat
from archdsl.diagnostics import Diagnostic, errors, has_errors
from archdsl.fonts import GREATEST_POINTS, LEAST_POINTS
from archdsl.render import path_text, printable

if TYPE_CHECKING:
    from archdsl.graph import Graph
    from archdsl.outputs import Form
    from archdsl.specs import RequestedSpec
    from archdsl.viewer import PageCode

MOST_COMPILED = 20_000
"""Pages of networks with more layers show no code, which would take longer than all the rest."""


@click.command()
@FILES
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    default="generated/diagrams",
    show_default=True,
    metavar="PATH",
    help="Write to a folder, to a .svg, .png, .pdf or .dot file, to a .html page to look into or"
    " its .json, or to standard output (`-`).",
)
@FORM
@click.option("--depth", type=click.IntRange(1), help="Expand blocks up to this depth.")
@click.option(
    "--expand", "paths", multiple=True, metavar="PATH", help="Expand the block at this path."
)
@click.option(
    "--expand-type",
    "blocks",
    multiple=True,
    metavar="BLOCK",
    help="Expand every copy of this block.",
)
@click.option("--full", is_flag=True, help="Expand everything.")
@click.option(
    "--direction",
    type=click.Choice(["TB", "LR"]),
    default="TB",
    show_default=True,
    help="Set the direction of data flow.",
)
@click.option("--width", type=Width(), help="Limit the width of the figure: 6.9in, 175mm.")
@click.option(
    "--theme",
    type=click.Choice(["light", "dark", "mono"]),
    default="light",
    show_default=True,
    help="Set the colours.",
)
@click.option(
    "--text",
    type=click.Choice(["outlines", "font"]),
    help="Store the letters of an SVG as outlines, which look the same in every program, or as "
    "text with an embedded font, which only browsers read.  [default: outlines]",
)
@click.option(
    "--font-size",
    type=click.FloatRange(LEAST_POINTS, GREATEST_POINTS),
    help="Set the size of letters, in points.",
)
@click.option("--no-title", is_flag=True, help="Omit the title line.")
@click.option("--no-legend", is_flag=True, help="Omit the legend.")
@click.option("--no-costs", is_flag=True, help="Omit parameters and MACs.")
@click.option(
    "--label",
    "labels",
    type=TitleOption(),
    multiple=True,
    metavar="PATH=TEXT",
    help='Rename a box: layer1="Stage 1".',
)
@click.option(
    "--engine",
    type=click.Choice(["pygraphviz", "dot"]),
    help="Choose how Graphviz runs.  [default: whichever is installed]",
)
@SET
@WATCH
def draw(
    files: tuple[str, ...],
    output: str,
    form: str | None,
    values: tuple[str, ...],
    is_watching: bool,
    **given: Any,
) -> None:
    """Draw networks as diagrams, folded to fit a page."""
    options = DrawOptions(**given)
    named = [path for path, _ in options.labels]
    if twice := next((path for path in named if named.count(path) > 1), None):
        raise click.UsageError(f"--label has `{printable(twice)}` twice")
    if options.full and options.depth:
        raise click.UsageError("--full opens everything, so that --depth has nothing to say")
    settings_of(values)
    if is_watching and output == STDIN:
        raise click.UsageError("--watch writes files, so it does not take `-o -`")

    def drawn(watch: Watch) -> list[list[Diagnostic]]:
        specs = several(files, wants_networks=True)
        target = _target(specs, output, form, options)
        return [watch.changed(spec, lambda spec: one(spec, watch, target)) for spec in specs]

    def one(spec: RequestedSpec, watch: Watch, target: PictureTarget) -> list[Diagnostic]:
        return _draw_spec(spec, watch, target, values, options)

    repeat(is_watching, files, drawn)


def _target(
    specs: list[RequestedSpec], output: str, form: str | None, options: DrawOptions
) -> PictureTarget:
    """Where the pictures go; ends the program where they cannot go there."""
    target, diagnostics = targets(specs, output, form)
    if diagnostics:
        show(diagnostics, sys.stderr)
        finish(diagnostics)
    if target.form in ("html", "json"):
        refuse_figure_options()
    if options.text and target.form != "svg":
        raise click.UsageError("--text is for an SVG; other forms look the same everywhere")
    return target


def _draw_spec(
    spec: RequestedSpec,
    watch: Watch,
    target: PictureTarget,
    values: tuple[str, ...],
    options: DrawOptions,
) -> list[Diagnostic]:
    """Draw the networks of a spec; what went wrong."""
    from archdsl import driver

    graphs: dict[str, Graph] = {}
    source, find, diagnostics = watch.open(spec)
    if not diagnostics:
        graphs, diagnostics = driver.read(
            source, find, spec.network, spec.given(settings_of(values)), watch.history
        )
    show(errors(diagnostics), sys.stderr)
    if len(graphs) > 1 and not target.is_folder:
        raise click.UsageError(ambiguous(spec, list(graphs), ", or give a folder"))
    code = _code(spec, graphs, values) if target.form == "html" else None
    for name, graph in graphs.items():
        path = target.of(name)
        # A network that an edit did not change is the same object.
        if path is None or watch.finished.get(path) is not graph:
            found = _draw(graph, path, target.form, options, code)
            if path is not None and not has_errors(found):
                watch.finished[path] = graph
            diagnostics += found
    return diagnostics


def _code(
    spec: RequestedSpec, graphs: Mapping[str, Graph], values: tuple[str, ...]
) -> PageCode | None:
    """The Python file that pages show; None without one, which `compile` explains."""
    from archdsl import driver
    from archdsl.outputs import seal
    from archdsl.viewer import PageCode

    if not graphs or sum(map(len, graphs.values())) > MOST_COMPILED:
        return None
    source, find, _ = spec.open()
    settings = spec.given(settings_of(values))
    code, _ = driver.generated(source, find, spec.network, settings)
    if code is None or not code.text:
        return None
    stem = source.name.rpartition("/")[2].removesuffix(".arch")
    return PageCode(f"{stem}.py", seal(code.text, source.name), code.classes)


def _draw(
    graph: Graph,
    target: Path | None,
    form: Form,
    options: DrawOptions,
    code: PageCode | None,
) -> list[Diagnostic]:
    """Draw one network to a file or to standard output, and say so; what went wrong."""
    from archdsl.pictures import picture, save_picture

    choice, look = request_of(options)
    how = options.engine, options.text or "outlines", code
    if target is not None:
        diagnostics = save_picture(graph, target, choice, look, *how)
    else:
        content, diagnostics = picture(graph, form, choice, look, *how)
        if not has_errors(diagnostics):
            print_file(content)
    show(diagnostics, sys.stderr)
    if target is not None and not has_errors(diagnostics):
        say(f"wrote {path_text(target)}")
    return diagnostics
