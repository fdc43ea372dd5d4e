"""`archdsl train`."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.cli.arguments import OPEN_SIZES, SET, open_sizes_of, settings_of
from archdsl.cli.modules import missing
from archdsl.cli.report import finish, is_quiet, say, show
from archdsl.cli.specs import FILE, ambiguous, is_stdin, split
from archdsl.diagnostics import Diagnostic, errors, has_errors
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
    preset: str | None
    epochs: int | None
    batch: int | None
    lr: float | None
    smoothing: float | None
    mixup: float | None
    aux_weight: float | None
    seed: int
    every: int
    gpus: int | None
    shard: bool
    compile: bool
    accumulate: int
    bf16: bool | None
    channels_last: bool | None
    fused: bool
    plot: Path | None


@click.command()
@FILE
@click.option(
    "--data",
    "place",
    default="digits",
    show_default=True,
    metavar="digits|FOLDER",
    help="scikit-learn's digits, or a folder with train/CLASS/*.jpg and val/CLASS/*.jpg.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder for weights, checkpoint and log.  [default: runs/NETWORK]",
)
@click.option("--resume", is_flag=True, help="Continue the run in the folder, if there is one.")
@click.option("--force", is_flag=True, help="Overwrite the run in the folder.")
@click.option(
    "--preset",
    type=click.Choice(["short", "best", "digits"]),
    help="Recipe.  [default: digits for the digits, else short]",
)
@click.option("--epochs", type=click.IntRange(1, 100_000), help="Number of epochs.")
@click.option("--batch", type=click.IntRange(1), help="Images per step, over all processes.")
@click.option("--lr", type=click.FloatRange(0, min_open=True), help="Peak learning rate.")
@click.option("--smoothing", type=click.FloatRange(0, 1, max_open=True), help="Label smoothing.")
@click.option("--mixup", type=click.FloatRange(0), help="Beta parameter of mixup; 0: no mixup.")
@click.option("--aux-weight", type=click.FloatRange(0), help="Weight of auxiliary losses.")
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Random seed of the run."
)
@click.option("--every", type=click.IntRange(1), default=10, help="Steps between log records.")
@click.option("--gpus", type=click.IntRange(1), help="Processes on this machine, one per GPU.")
@click.option(
    "--shard",
    is_flag=True,
    help="Shard the weights over processes (FSDP2): less memory, more traffic.",
)
@click.option(
    "--compile",
    is_flag=True,
    help="Compile the network: takes minutes at first, then faster steps on a GPU.",
)
@click.option(
    "--accumulate",
    type=click.IntRange(1),
    default=1,
    help="Number of parts to compute a batch in: less memory, slower.",
)
@click.option("--bf16/--no-bf16", default=None, help="Mixed precision.  [default: on a GPU]")
@click.option(
    "--channels-last/--no-channels-last",
    default=None,
    help="Memory layout of images.  [default: on a GPU]",
)
@click.option("--fused/--no-fused", default=True, help="Fused optimizer.  [default: fused]")
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="NAME.svg",
    help="Plot losses and errors per epoch.",
)
@OPEN_SIZES
@SET
def train(
    file: str, place: str, sizes: tuple[str, ...], values: tuple[str, ...], **given: Any
) -> None:
    """Train a network on handwritten digits (no download) or on a folder of images.

    Under `torchrun -m archdsl train ...` all processes share the work.
    """
    diagnostics = missing("train", "torch", "safetensors")
    is_own = False
    if not diagnostics:
        from archdsl.training.faults import TrainingError

        try:
            diagnostics = _train(file, place, sizes, values, TrainOptions(**given))
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
    graph, text, diagnostics = _network(file, sizes, values, len(data.classes))
    if graph is None:
        return diagnostics
    with joined(options.shard) as world:
        task, recipe = _task(graph, text, data, options), _recipe(data, options)
        records = _watched(task, recipe, _engine(options, world), world)
    if not world.is_first:
        return []
    return _ended(task, records, options.plot)


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


def _network(
    file: str, sizes: tuple[str, ...], values: tuple[str, ...], classes: int
) -> tuple[Graph | None, str, list[Diagnostic]]:
    """The only network of a file and its code, with `classes` set to fit the data."""
    from archdsl import driver
    from archdsl.training.fitting import is_sized

    spec = split(file)
    name = spec.network
    settings, open_sizes = spec.given(settings_of(values)), open_sizes_of(sizes)
    source, find, diagnostics = spec.open()
    if diagnostics:
        return None, "", diagnostics
    graphs, diagnostics = driver.read(source, find, name, settings)
    if len(graphs) > 1:
        raise click.UsageError(ambiguous(spec, list(graphs)))
    fits = all(is_sized(graph, classes) for graph in graphs.values())
    if "classes" not in settings and not fits:
        fitted = settings | {"classes": classes}
        fitting, refused = driver.read(source, find, name, fitted)
        if not has_errors(refused):
            graphs, settings = fitting, fitted
    graphs, more = driver.at(graphs, open_sizes)
    if not graphs:
        return None, "", errors([*diagnostics, *more])
    (graph,) = graphs.values()
    text, diagnostics = driver.compile(source, find, graph.name, settings)
    return (None if has_errors(diagnostics) else graph), text, errors(diagnostics)


def _task(graph: Graph, text: str, data: Data, options: TrainOptions) -> Task:
    from archdsl.runtime import instantiate
    from archdsl.training.chance import settle
    from archdsl.training.fitting import has_distances, image_shape
    from archdsl.training.loop import Task

    shape = image_shape(graph, data)
    # All processes start with the same weights.
    settle(options.seed)
    module = instantiate(text, graph.name)
    return Task(
        graph.name,
        module,
        data,
        shape,
        has_distances(graph),
        options.output or Path("runs") / graph.name,
        options.every,
        options.resume,
        options.force,
    )


def _recipe(data: Data, options: TrainOptions) -> Recipe:
    from archdsl.training.recipe import chosen

    preset = options.preset or ("digits" if data.name == "digits" else "short")
    names = ("epochs", "batch", "lr", "smoothing", "mixup", "aux_weight", "seed")
    return chosen(preset, {name: getattr(options, name) for name in names})


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
