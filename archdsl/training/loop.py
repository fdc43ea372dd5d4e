"""Training, from top to bottom: epochs of steps, each validated and saved."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from archdsl.diagnostics import error
from archdsl.source import whole_of
from archdsl.training.checkpoint import (
    BEST,
    FINISHED,
    LAST,
    Position,
    parameters,
    restore,
    save,
    save_weights,
    unwritable,
)
from archdsl.training.data import Data, Shape3, steps, training
from archdsl.training.engine import Engine, World
from archdsl.training.faults import TrainingError, computing
from archdsl.training.learner import Learner, learner
from archdsl.training.progress import Log, Record, Watcher, read_log
from archdsl.training.recipe import Recipe
from archdsl.training.schedule import rate, side
from archdsl.training.step import Setting, evaluate, learn, takes

SAVED_EVERY = 1000
"""Steps after which a long epoch is saved too."""


@dataclass(frozen=True)
class Task:
    """A network, its data, and the folder for results.

    `shape` is the shape of an image; `is_distance`: the smallest output names the class. A record
    is written every `every` steps. `resume` continues the run in the folder; `force` overwrites it.
    """

    network: str
    module: nn.Module
    data: Data
    shape: Shape3
    is_distance: bool
    folder: Path
    every: int = 10
    resume: bool = False
    force: bool = False


@dataclass(eq=False)
class TrainingRun:
    """State of a run: its position, and the sums since the last record."""

    task: Task
    setting: Setting
    learner: Learner
    watchers: Sequence[Watcher | Log]
    at: Position
    since: Tensor
    grows: bool = False
    """Whether image sizes grow from epoch to epoch."""
    clock: float = field(default_factory=time.perf_counter)

    @property
    def done(self) -> int:
        """Steps since the start of the run."""
        return self.at.epoch * self.setting.per_epoch + self.at.step

    def tell(self, record: Record) -> None:
        """Pass a record to all watchers."""
        for watcher in self.watchers:
            watcher.told(record)


def train(
    task: Task, recipe: Recipe, engine: Engine, world: World, watcher: Watcher
) -> list[Record]:
    """Train a network; returns all records of the run, including those before a resume."""
    run = _begin(task, recipe, engine, world, watcher)
    shape = task.shape
    while run.at.epoch < recipe.epochs:
        sides = _sides(recipe, run.at.epoch, shape) if run.grows else shape[1:]
        _epoch(run, (shape[0], *sides))
        _judge(run)
    save_weights(task.folder / FINISHED, run.learner, world)
    run.tell({"kind": "end", "step": run.done, "best": run.at.best})
    return read_log(task.folder) if world.is_first else []


def _begin(
    task: Task, recipe: Recipe, engine: Engine, world: World, watcher: Watcher
) -> TrainingRun:
    """A run at its start, or at the point where it was interrupted."""
    per_epoch = steps(task.data.count("train"), recipe.batch)
    setting = Setting(task.data, recipe, engine, world, per_epoch, task.is_distance)
    least = world.share.size * engine.accumulate
    if setting.batch < least:
        message = f"a batch of {setting.batch} images cannot be divided into {least} parts"
        help = "increase --batch"
        raise TrainingError(error("E0969", message, whole_of("--batch"), help=help))
    _claim(task, world)
    smallest = (task.shape[0], *_sides(recipe, 0, task.shape))
    grows = recipe.rising < 1 and takes(task.module, smallest)
    with _computing(task, setting):
        made = learner(task.module, recipe, engine, world, per_epoch * recipe.epochs)
    at = (restore(task.folder, made, recipe, world) if task.resume else None) or Position()
    since = torch.zeros(3, dtype=torch.float64, device=world.device)
    run = TrainingRun(task, setting, made, [watcher], at, since, grows)
    if world.is_first:
        run.watchers = [watcher, Log(task.folder, run.done)]
    if run.done == 0:
        run.tell(_start(run))
    return run


def _start(run: TrainingRun) -> Record:
    """The record of the start."""
    task, setting = run.task, run.setting
    return {
        "kind": "start",
        "network": task.network,
        "data": task.data.name,
        "parameters": parameters(run.learner.module),
        "processes": setting.world.share.size,
        "recipe": asdict(setting.recipe),
    }


def _claim(task: Task, world: World) -> None:
    """Create the folder; an existing run is not overwritten by accident."""
    try:
        task.folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise unwritable(task.folder.name, refused) from refused
    is_taken = world.told((task.folder / LAST).exists())
    if is_taken and not task.resume and not task.force:
        help = "--resume continues it, --force overwrites it, -o writes elsewhere"
        message = "this folder already contains a run"
        raise TrainingError(error("E0967", message, whole_of(LAST), help=help))


def _epoch(run: TrainingRun, shape: Shape3) -> None:
    """Take the remaining steps of an epoch."""
    setting, at = run.setting, run.at
    share = setting.world.share
    for batch in training(setting.data, setting.recipe, share, at.epoch, at.step, shape):
        with _computing(run.task, setting):
            run.since += learn(run.learner, batch, setting, (at.epoch, at.step), shape)
        at.step += 1
        is_saved = run.done % SAVED_EVERY == 0
        if run.done % run.task.every == 0 or is_saved or at.step == setting.per_epoch:
            _account(run)
        if is_saved:
            save(run.task.folder, run.learner, setting.recipe, at, setting.world)


def _computing(task: Task, setting: Setting) -> AbstractContextManager[None]:
    """Turn PyTorch's errors into diagnostics that name the images per process and a remedy."""
    help = "try without --compile" if setting.engine.compile else ""
    help = "increase --batch" if setting.at_once == 1 else help
    return computing(task.network, setting.at_once, help)


def _account(run: TrainingRun) -> None:
    """Record the last steps; a loss that is not finite ends the run before saving."""
    at, setting, now = run.at, run.setting, time.perf_counter()
    loss, right, images = setting.world.total(run.since).tolist()
    run.since.zero_()
    if not math.isfinite(loss):
        message = f"the loss is {loss} in epoch {at.epoch + 1}, at step {run.done}"
        help = "try a lower --lr; earlier saves are intact"
        raise TrainingError(error("E0966", message, whole_of(run.task.network), help=help))
    at.loss, at.right, at.images = at.loss + loss, at.right + right, at.images + images
    speed = images / max(now - run.clock, 1e-9)
    run.clock = now
    total = setting.per_epoch * setting.recipe.epochs
    left = (total - run.done) * setting.recipe.batch / max(speed, 1e-9)
    run.tell(
        {"kind": "step", "epoch": at.epoch + 1, "step": run.done, "steps": total}
        | {"loss": loss / max(images, 1), "accuracy": right / max(images, 1)}
        | {"lr": rate(setting.recipe, run.done - 1, setting.per_epoch)}
        | {"images_per_second": round(speed, 1), "seconds_left": round(left, 1)}
    )


def _judge(run: TrainingRun) -> None:
    """Validate and save after an epoch: best weights first, then the position."""
    at, setting, task = run.at, run.setting, run.task
    skipped = setting.world.gathered(setting.data.skipped)
    setting.data.skipped |= skipped
    if not at.images:
        span = whole_of(setting.data.name)
        raise TrainingError(error("E0961", "no image can be read", span))
    with _computing(task, setting):
        loss, accuracy = evaluate(run.learner, setting, task.shape)
    record = {"kind": "epoch", "epoch": at.epoch + 1, "epochs": setting.recipe.epochs}
    record |= {"step": run.done, "loss": at.loss / at.images, "accuracy": at.right / at.images}
    record |= {"val_loss": loss, "val_accuracy": accuracy, "skipped": len(skipped)}
    if accuracy > at.best:
        save_weights(task.folder / BEST, run.learner, setting.world)
    run.at = Position(at.epoch + 1, best=max(at.best, accuracy))
    run.tell(record)
    save(task.folder, run.learner, setting.recipe, run.at, setting.world)
    run.clock = time.perf_counter()


def _sides(recipe: Recipe, epoch: int, shape: Shape3) -> tuple[int, int]:
    """Height and width of the images in an epoch."""
    _, height, width = shape
    return side(recipe, epoch, height), side(recipe, epoch, width)
