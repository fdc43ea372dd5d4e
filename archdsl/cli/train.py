"""`archdsl train`."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.cli.arguments import ALLOW_EXTERN, OPEN_SIZES, SET
from archdsl.cli.fitted import fitted
from archdsl.cli.modules import missing
from archdsl.cli.recipe_options import recipe_options, settings_of_recipe
from archdsl.cli.report import finish, is_quiet, say, show
from archdsl.cli.specs import FILE, is_stdin
from archdsl.cli.weights import Checkpoint, checkpoint_of, weights_options
from archdsl.diagnostics import Diagnostic, has_errors
from archdsl.render import printable

if TYPE_CHECKING:
    from archdsl.graph import Graph
    from archdsl.training.data import Data
    from archdsl.training.engine import Engine, World
    from archdsl.training.loop import Task
    from archdsl.training.progress import Record, Watcher
    from archdsl.training.recipe import Recipe

GRACE = 10
"""Seconds that the first process of a machine has to report an error."""


@dataclass(frozen=True)
class TrainOptions:
    """How to train, and what to write; None leaves the choice to the recipe or the device."""

    output: Path | None
    resume: bool
    force: bool
    every: int
    gpus: int | None
    shard: bool
    compile: bool
    accumulate: int
    bf16: bool | None
    channels_last: bool | None
    fused: bool
    plot: Path | None
    externs: tuple[str, ...]
    settings: dict[str, Any]
    checkpoint: Checkpoint


@click.command()
@FILE
@click.option(
    "--data",
    "place",
    default="digits",
    show_default=True,
    metavar="digits|FOLDER",
    help="Train on scikit-learn's digits, or on train/CLASS/*.jpg and val/CLASS/*.jpg in a folder.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write weights, checkpoint and log to this folder.  [default: runs/NETWORK]",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Continue the run in the folder, if there is one; with more --epochs if wished.",
)
@click.option("--force", is_flag=True, help="Overwrite what is in the folder.")
@recipe_options
@weights_options()
@click.option(
    "--every",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Log every so many steps.",
)
@click.option(
    "--gpus", type=click.IntRange(1), help="Run so many processes on this machine, one per GPU."
)
@click.option(
    "--shard",
    is_flag=True,
    help="Distribute the weights over processes (FSDP2): less memory, more traffic.",
)
@click.option(
    "--compile",
    is_flag=True,
    help="Compile the network: slow to start, then faster steps on a GPU.",
)
@click.option(
    "--accumulate",
    type=click.IntRange(1),
    default=1,
    help="Compute each batch in this many parts: less memory, slower.",
)
@click.option(
    "--bf16/--no-bf16", default=None, help="Train in mixed precision.  [default: on a GPU]"
)
@click.option(
    "--channels-last/--no-channels-last",
    default=None,
    help="Store images in channels-last layout.  [default: on a GPU]",
)
@click.option("--fused/--no-fused", default=True, help="Use the fused optimizer.  [default: fused]")
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="NAME.svg",
    help="Plot losses and errors per epoch.",
)
@OPEN_SIZES
@SET
@ALLOW_EXTERN
def train(
    file: str, place: str, sizes: tuple[str, ...], values: tuple[str, ...], **given: Any
) -> None:
    """Train a network on handwritten digits or a folder of images.

    The digits come with scikit-learn, without a download. A preset has a value for every setting;
    options replace single ones, and the first lines of the output list them all.

    Under `torchrun -m archdsl train ...` all processes share the work.
    """
    diagnostics = missing("train", "torch", "safetensors")
    is_own = False
    settings, checkpoint = settings_of_recipe(given), checkpoint_of(given)
    options = TrainOptions(settings=settings, checkpoint=checkpoint, **given)
    if not diagnostics:
        from archdsl.training.faults import TrainingError

        try:
            diagnostics = _train(file, place, sizes, values, options)
        except TrainingError as error:
            diagnostics, is_own = [error.diagnostic], error.is_own
    _say(diagnostics, is_own)
    finish(diagnostics)


def _say(diagnostics: list[Diagnostic], is_own: bool) -> None:
    """Print diagnostics in a machine's first process, or where only this process met the error."""
    if is_own or os.environ.get("LOCAL_RANK", "0") == "0":
        show(diagnostics, sys.stderr)
    elif diagnostics:
        # When one process ends, torchrun stops all others, and the first one has yet to report.
        time.sleep(GRACE)


def _train(
    file: str, place: str, sizes: tuple[str, ...], values: tuple[str, ...], options: TrainOptions
) -> list[Diagnostic]:
    """Train and print progress; returns errors of the spec and notes."""
    from archdsl.outputs import check_plot
    from archdsl.training.engine import is_worker, joined, launch

    if (options.gpus or is_worker()) and is_stdin(file):
        raise click.UsageError("several processes read the spec, so it has to be a file")
    if options.plot and (refused := check_plot(options.plot)):
        return refused
    if options.gpus and not is_worker():
        sys.exit(launch(options.gpus, sys.argv[1:]))
    data = _opened(place)
    graph, text, diagnostics = fitted(file, sizes, values, len(data.classes), options.externs)
    if graph is None:
        return diagnostics
    with joined(options.shard) as world:
        preset, recipe = _recipe(place, options)
        task, diagnostics = _task(graph, text, data, preset, options)
        if task is None or has_errors(diagnostics):
            return diagnostics
        records = _watched(task, recipe, _engine(options, world), world)
    if not world.is_first:
        return []
    return diagnostics + _ended(task, records, options.plot)


def _watched(task: Task, recipe: Recipe, engine: Engine, world: World) -> list[Record]:
    from archdsl.training.loop import train
    from archdsl.training.progress import Bar, Lines, Silent

    watcher: Watcher = Silent()
    if world.is_first and not is_quiet():
        watcher = Bar(sys.stdout) if sys.stdout.isatty() else Lines(sys.stdout)
    with watcher:
        return train(task, recipe, engine, world, watcher)


def _ended(task: Task, records: list[Record], plot: Path | None) -> list[Diagnostic]:
    """Print the table, the files written and the images skipped."""
    from archdsl.training.checkpoint import BEST, FINISHED
    from archdsl.training.faults import unread
    from archdsl.training.progress import table

    if not is_quiet():
        table(records, sys.stdout)
    folder = printable(task.folder.name if task.folder.is_absolute() else str(task.folder))
    say(f"wrote {folder}/{FINISHED}, {BEST}")
    found = unread(task.data.name, task.data.skipped)
    return found + (_plot(records, plot) if plot else [])


def _plot(records: list[Record], path: Path) -> list[Diagnostic]:
    from archdsl.backends.plot import plot_epochs
    from archdsl.outputs import save_file

    content, refused = plot_epochs([r for r in records if r["kind"] == "epoch"])
    return refused or save_file(path, content)


def _opened(place: str) -> Data:
    """The data named by `--data`."""
    from archdsl.training.digits import Digits
    from archdsl.training.folder import Folder

    return Digits() if place == "digits" else Folder(Path(place))


def _task(
    graph: Graph, text: str, data: Data, preset: str, options: TrainOptions
) -> tuple[Task | None, list[Diagnostic]]:
    """What is trained, from the weights that were asked for; errors, or notes on these."""
    from archdsl.externs.signatures import made
    from archdsl.runtime import instantiate
    from archdsl.training.chance import settle
    from archdsl.training.fitting import has_distances, image_shape, layers
    from archdsl.training.loop import Task

    shape = image_shape(graph, data)
    # All processes start with the same weights.
    settle(options.settings["seed"])
    module, diagnostics = made(partial(instantiate, text, graph.name, options.externs), graph)
    if module is None:
        return None, diagnostics
    diagnostics = options.checkpoint.load(module, graph)
    task = Task(
        graph.name,
        module,
        data,
        shape,
        has_distances(graph),
        options.output or Path("runs") / graph.name,
        options.every,
        options.resume,
        options.force,
        preset,
        layers(graph),
        options.checkpoint.name,
    )
    return task, diagnostics


def _recipe(place: str, options: TrainOptions) -> tuple[str, Recipe]:
    """The preset and the recipe that comes of it."""
    from archdsl.training.recipe import chosen

    settings = dict(options.settings)
    preset = settings.pop("preset") or ("digits" if place == "digits" else "short")
    return preset, chosen(preset, settings)


def _engine(options: TrainOptions, world: World) -> Engine:
    """How to compute; open choices depend on the device."""
    from archdsl.training.engine import Engine

    has_gpu = world.device.type == "cuda"
    return Engine(
        options.accumulate,
        options.shard,
        options.compile,
        has_gpu if options.bf16 is None else options.bf16,
        has_gpu if options.channels_last is None else options.channels_last,
        options.fused,
    )
