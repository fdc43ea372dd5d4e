"""`archdsl evaluate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.cli.arguments import ALLOW_EXTERN, FORMAT, OPEN_SIZES, SET
from archdsl.cli.report import finish, print_json, show
from archdsl.cli.specs import FILE
from archdsl.cli.tables import print_tables
from archdsl.cli.trained import Trained, attempted, trained
from archdsl.cli.weights import Checkpoint, checkpoint_of, weights_options
from archdsl.diagnostics import Diagnostic

if TYPE_CHECKING:
    from archdsl.training.evaluation import Evaluation


@click.command()
@FILE
@click.option(
    "--data",
    "place",
    required=True,
    metavar="digits|FOLDER",
    help="Look at the digits that `train` holds out, or at a folder with val/CLASS/*.jpg or "
    "CLASS/*.jpg.",
)
@weights_options(required=True)
@OPEN_SIZES
@SET
@ALLOW_EXTERN
@FORMAT
def evaluate(
    file: str,
    place: str,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
    externs: tuple[str, ...],
    form: str,
    **weights: Any,
) -> None:
    """Print the accuracy of a trained network on a folder of images.

    Images are prepared as they were for its training; weights of `archdsl train` say how.
    """
    checkpoint = checkpoint_of(weights)
    found, diagnostics = attempted(
        lambda: _evaluated(file, place, sizes, values, checkpoint, externs)
    )
    if form == "json":
        print_json(diagnostics, **(_as_data(found) if found else {}))
    else:
        show(diagnostics, sys.stderr)
        if found:
            _print(found)
    finish(diagnostics)


def _evaluated(
    file: str,
    place: str,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
    checkpoint: Checkpoint,
    externs: tuple[str, ...],
) -> tuple[Evaluation | None, list[Diagnostic]]:
    from archdsl.training.evaluation import evaluated
    from archdsl.training.faults import unread

    channels = () if place == "digits" else (1, 3)
    network, diagnostics = trained(file, sizes, values, checkpoint, channels, externs)
    if network is None:
        return None, diagnostics
    data = _data(place, network)
    found = evaluated(network.module, network.name, data, network.preparation, network.shape)
    return found, diagnostics + unread(data.name, found.skipped)


def _data(place: str, network: Trained) -> Any:
    """The data that `--data` names, with the classes of the network."""
    from archdsl.training.evaluation import digits_of, folder_of

    if place == "digits":
        return digits_of(network.preparation)
    return folder_of(Path(place), network.preparation, network.is_named)


def _print(found: Evaluation) -> None:
    """Print the accuracy, and that of every class."""
    from archdsl.backends.table.grid import Grid, Heading

    click.echo(f"accuracy {found.accuracy:.2%} of {found.images:,} images, loss {found.loss:.4f}")
    numbers = [Heading(name, name, is_number=True) for name in ("images", "accuracy")]
    rows = [(each.name, each.images, f"{each.right / each.images:.2%}") for each in found.scores]
    print_tables("text", {"": Grid("", [Heading("class", "class"), *numbers], rows)}, [])


def _as_data(found: Evaluation) -> dict[str, Any]:
    return {
        "accuracy": found.accuracy,
        "loss": found.loss,
        "images": found.images,
        "skipped": sorted(found.skipped),
        "classes": [
            {"name": each.name, "images": each.images, "accuracy": each.right / each.images}
            for each in found.scores
        ],
    }
