"""`archdsl evaluate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.cli.arguments import FORMAT, OPEN_SIZES, SET
from archdsl.cli.modules import missing
from archdsl.cli.report import finish, print_json, show
from archdsl.cli.specs import FILE
from archdsl.cli.trained import Trained, trained
from archdsl.cli.weights import Checkpoint, checkpoint_of, weights_options
from archdsl.diagnostics import Diagnostic
from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.training.evaluation import Evaluation


@click.command()
@FILE
@click.option(
    "--data",
    "place",
    required=True,
    metavar="digits|FOLDER",
    help="scikit-learn's digits, or a folder with CLASS/*.jpg or val/CLASS/*.jpg.",
)
@weights_options(required=True)
@OPEN_SIZES
@SET
@FORMAT
def evaluate(
    file: str,
    place: str,
    sizes: tuple[str, ...],
    values: tuple[str, ...],
    form: str,
    **weights: Any,
) -> None:
    """Print the accuracy of a trained network on a folder of images.

    Images are prepared as they were in training, which the weights of `archdsl train` say.
    """
    diagnostics = missing("train", "torch", "safetensors")
    found = None
    if not diagnostics:
        from archdsl.training.faults import TrainingError

        try:
            found, diagnostics = _evaluated(file, place, sizes, values, checkpoint_of(weights))
        except TrainingError as error:
            diagnostics = [error.diagnostic]
    if form == "json":
        print_json(diagnostics, **(_as_data(found) if found else {}))
    else:
        show(diagnostics, sys.stderr)
        if found:
            _print(found)
    finish(diagnostics)


def _evaluated(
    file: str, place: str, sizes: tuple[str, ...], values: tuple[str, ...], checkpoint: Checkpoint
) -> tuple[Evaluation | None, list[Diagnostic]]:
    from archdsl.training.evaluation import evaluated
    from archdsl.training.faults import unread

    network, diagnostics = trained(
        file, sizes, values, checkpoint, () if place == "digits" else (1, 3)
    )
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
    from rich.console import Console
    from rich.table import Table

    click.echo(f"accuracy {found.accuracy:.2%} of {found.images:,} images, loss {found.loss:.4f}")
    grid = Table(box=None, pad_edge=False)
    grid.add_column("class")
    for name in ("images", "accuracy"):
        grid.add_column(name, justify="right")
    for each in found.scores:
        accuracy = f"{each.right / each.images:.2%}"
        grid.add_row(printable(each.name), f"{each.images:,}", accuracy)
    width = None if sys.stdout.isatty() else 80
    Console(file=sys.stdout, highlight=False, width=width, markup=False).print(grid)


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
