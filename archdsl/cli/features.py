"""`archdsl features`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.cli.arguments import ALLOW_EXTERN, FORMAT, OPEN_SIZES, SET
from archdsl.cli.modules import missing
from archdsl.cli.report import finish, print_json, say, show
from archdsl.cli.specs import FILE
from archdsl.cli.trained import attempted, trained
from archdsl.cli.weights import Checkpoint, checkpoint_of, weights_options
from archdsl.diagnostics import Diagnostic, has_errors
from archdsl.render import path_text, printable

if TYPE_CHECKING:
    from archdsl.attribution.findings import Findings


@click.command()
@FILE
@click.option(
    "--image",
    default="digits",
    show_default=True,
    metavar="IMAGE|digits[:N]",
    help="Look at this image, or at one of the digits that `train` holds out.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="NAME.svg|png|html",
    help="Write the figure to this file.  [default: NETWORK-features.svg]",
)
@click.option(
    "--layers",
    default="",
    metavar="NAME,...",
    help="Show these layers, by their paths, or patterns such as 'layer*'.  [default: the last one"
    " of every resolution]",
)
@click.option(
    "--units",
    default="3",
    show_default=True,
    metavar="COUNT|[UNIT,...]",
    help="Show so many of the strongest units of a layer, or these.",
)
@click.option(
    "--class",
    "label",
    metavar="NAME|NUMBER",
    help="Explain this class.  [default: the most probable]",
)
@click.option(
    "--methods",
    default="",
    metavar="NAME,...",
    help="Show these only: maps, deconvolution, occlusion, gradients, gradcam, filters.",
)
@click.option(
    "--square",
    type=click.IntRange(1),
    metavar="PIXELS",
    help="Occlude with a square of this side.  [default: a fifth of the image's]",
)
@weights_options(required=True)
@OPEN_SIZES
@SET
@ALLOW_EXTERN
@FORMAT
def features(
    file: str,
    image: str,
    output: Path | None,
    layers: str,
    units: str,
    label: str | None,
    methods: str,
    square: int | None,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
    externs: tuple[str, ...],
    form: str,
    **weights: Any,
) -> None:
    """Draw what a trained network looks at in an image.

    One figure has the image with receptive fields, the class's probability while a grey square
    covers a part of it (occlusion), gradients, Grad-CAM, the filters of the first layer, and for
    some layers the maps of the strongest units with what they lead back to (deconvolution).
    """
    checkpoint = checkpoint_of(weights)
    asked = {"layers": _names(layers), "units": _units(units), "label": label, "square": square}
    diagnostics = missing("features", "torch", "safetensors", "captum", "matplotlib")
    diagnostics = diagnostics or (_refused(output) if output else [])
    found: Findings | None = None
    if not diagnostics:
        where = file, image, sizes, values, externs
        found, diagnostics = attempted(lambda: _found(where, checkpoint, asked, _names(methods)))
    if found:
        path = output or Path(f"{found.network}-features.svg")
        diagnostics = diagnostics + _written(found, path, says=form == "text")
    if form == "json":
        print_json(diagnostics, **(_data(found) if found else {}))
    else:
        show(diagnostics, sys.stderr)
    finish(diagnostics)


def _refused(output: Path) -> list[Diagnostic]:
    from archdsl.attribution.page import FORMS
    from archdsl.outputs import check_plot

    return check_plot(output, FORMS)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _units(text: str) -> int | tuple[int, ...]:
    """How many units, or which."""
    from archdsl.cli.literals import read_literal

    found = read_literal(text)
    if type(found) is int and found > 0:
        return found
    listed = found if isinstance(found, tuple) else ()
    numbers = tuple(each for each in listed if type(each) is int)
    if numbers and len(numbers) == len(listed):
        return numbers
    raise click.UsageError(f"--units takes a number or a [list] of units, not `{printable(text)}`")


def _found(
    where: tuple[str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]],
    checkpoint: Checkpoint,
    asked: dict[str, Any],
    methods: tuple[str, ...],
) -> tuple[Findings | None, list[Diagnostic]]:
    """What the network of a file sees in an image, with these sizes, parameters and packages."""
    from archdsl.attribution.findings import METHODS, Asked, find
    from archdsl.attribution.picture import is_built_in, picture_of
    from archdsl.training.faults import computing

    if unknown := [name for name in methods if name not in METHODS]:
        listed = ", ".join(METHODS)
        raise click.UsageError(f"--methods knows {listed}, not `{printable(unknown[0])}`")
    file, image, sizes, values, externs = where
    channels = () if is_built_in(image) else (1, 3)
    network, diagnostics = trained(
        file, sizes, values, checkpoint, channels, externs, is_classifier=False
    )
    if network is None:
        return None, diagnostics
    picture = picture_of(image, network.preparation, network.shape)
    with computing(network.name, 1):
        found, notes = find(
            network.module,
            network.graph,
            picture,
            network.preparation,
            Asked(methods=methods, **asked),
        )
    return found, diagnostics + notes


def _written(found: Findings, path: Path, says: bool) -> list[Diagnostic]:
    """Write the figure or the page to a file, and say so."""
    from archdsl.attribution.page import written
    from archdsl.outputs import save_file

    diagnostics = save_file(path, written(found, path))
    if says and not has_errors(diagnostics):
        say(f"wrote {path_text(path)}")
    return diagnostics


def _data(found: Findings) -> dict[str, Any]:
    from archdsl.attribution.page import data

    return {"features": data(found)}
