"""`archdsl predict`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.cli.arguments import ALLOW_EXTERN, FORMAT, OPEN_SIZES, SET
from archdsl.cli.report import finish, print_json, show
from archdsl.cli.specs import FILE
from archdsl.cli.trained import attempted, trained
from archdsl.cli.weights import Checkpoint, checkpoint_of, weights_options
from archdsl.diagnostics import Diagnostic, error
from archdsl.render import printable
from archdsl.source import whole_of

if TYPE_CHECKING:
    from archdsl.training.evaluation import Answer

Prediction = dict[str, Any]
"""An image, and its best classes; none if the image cannot be read."""


@click.command()
@FILE
@click.argument(
    "images",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True),
    metavar="IMAGES...",
)
@click.option(
    "--top",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Print so many classes for each image.",
)
@weights_options(required=True)
@OPEN_SIZES
@SET
@ALLOW_EXTERN
@FORMAT
def predict(
    file: str,
    images: tuple[Path, ...],
    top: int,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
    externs: tuple[str, ...],
    form: str,
    **weights: Any,
) -> None:
    """Print the most probable classes of images.

    Of a folder, all images in it are looked at.

    Images are prepared as they were for its training; weights of `archdsl train` say how.
    """
    checkpoint = checkpoint_of(weights)
    tried = attempted(lambda: _predicted(file, images, top, sizes, values, checkpoint, externs))
    found, diagnostics = tried[0] or [], tried[1]
    if form == "json":
        print_json(diagnostics, predictions=found)
    else:
        show(diagnostics, sys.stderr)
        for each in found:
            click.echo(_line(each))
    finish(diagnostics)


def _predicted(
    file: str,
    images: tuple[Path, ...],
    top: int,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
    checkpoint: Checkpoint,
    externs: tuple[str, ...],
) -> tuple[list[Prediction], list[Diagnostic]]:
    from archdsl.training.evaluation import predicted
    from archdsl.training.faults import unread

    network, diagnostics = trained(file, sizes, values, checkpoint, externs=externs)
    if network is None:
        return [], diagnostics
    how = network.preparation
    answers = [*predicted(network.module, network.name, images, how, network.shape)]
    if all(each.probabilities is None for each in answers):
        span = whole_of(network.name)
        return [], [*diagnostics, error("E0961", "none of the images can be read", span)]
    unreadable = {each.image for each in answers if each.probabilities is None}
    return [_best(each, top, how.classes) for each in answers], diagnostics + unread(
        network.name, unreadable
    )


def _best(answer: Answer, top: int, classes: tuple[str, ...]) -> Prediction:
    if answer.probabilities is None:
        return {"image": answer.image, "classes": []}
    values, numbers = answer.probabilities.topk(min(top, len(classes)))
    pairs = zip(values.tolist(), numbers.tolist(), strict=True)
    best = [{"name": classes[n], "number": n, "probability": value} for value, n in pairs]
    return {"image": answer.image, "classes": best}


def _line(found: Prediction) -> str:
    best = [f"{each['name']} {each['probability']:.1%}" for each in found["classes"]]
    return printable(f"{found['image']}: {', '.join(best) or 'cannot be read'}")
