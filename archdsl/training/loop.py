"""Training, from top to bottom: epochs of steps, each validated and saved."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, get_args

import torch
from torch import Tensor, nn

from archdsl.diagnostics import error
from archdsl.source import whole_of
from archdsl.training.checkpoint import (
    BEST,
    FINISHED,
    LAST,
    Position,
    restore,
    save,
    save_weights,
)
from archdsl.training.data import Data, Shape3, Split, steps, training
from archdsl.training.engine import Engine, World
from archdsl.training.faults import TrainingError, computing
from archdsl.training.identity import RunIdentity
from archdsl.training.learner import Learner, learner, parameters
from archdsl.training.preparation import preparation
from archdsl.training.progress import Log, Record, Watcher, read_log
from archdsl.training.recipe import SOURCES, Recipe
from archdsl.training.run_folder import claimed, discard
from archdsl.training.saved import VERSION, compare, read
from archdsl.training.schedule import rate, side
from archdsl.training.step import Setting, evaluate, learn, takes

SAVED_EVERY = 1000
"""Steps after which a long epoch is saved too."""


@dataclass(frozen=True)
class Task:
    """A network, its data, and the folder for results.

    `shape` is the shape of an image; `is_distance`: the smallest output names the class. A record
    is written every `every` steps. `resume` continues the run in the folder; `force` overwrites it,
    or with `resume`, overwrites it if it cannot be continued. `preset` and `layers` name the recipe
    and describe the network, for comparison; `weights` says which the run starts from.
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
    preset: str = ""
    layers: tuple[str, ...] = ()
    weights: str = ""


@dataclass(eq=False)
class TrainingRun:
    """State of a run: its position, and the sums since the last record."""

    task: Task
    setting: Setting
    learner: Learner
    watchers: Sequence[Watcher | Log]
    at: Position
    since: Tensor
    identity: RunIdentity
    is_sized: bool = False
    """Whether training images have other sizes than the network's input."""
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
    with claimed(task.folder, task.resume, task.force, world):
        run = _begin(task, recipe, engine, world, watcher)
        shape = task.shape
        while run.at.epoch < recipe.epochs:
            sides = _sides(recipe, run.at.epoch, shape) if run.is_sized else shape[1:]
            _epoch(run, (shape[0], *sides))
            _judge(run)
        _save_weights(run, FINISHED)
        end = {"kind": "end", "step": run.done, "best": run.at.best, "best_loss": run.at.best_loss}
        run.tell(end)
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
    is_sized = recipe.is_sized and _takes_sizes(task, recipe)
    with _computing(task, setting):
        made = learner(task.module, recipe, engine, world, per_epoch * recipe.epochs)
    identity = _identity(task, recipe, world)
    content, given_up = _saved(task, made, identity, per_epoch, world)
    at = restore(content, made) if content else Position()
    since = torch.zeros(3, dtype=torch.float64, device=world.device)
    run = TrainingRun(task, setting, made, [watcher], at, since, identity, is_sized)
    _tell_start(run, content, given_up)
    return run


def _identity(task: Task, recipe: Recipe, world: World) -> RunIdentity:
    images = task.data.listing() if world.is_first else {}
    classes = task.data.classes
    return RunIdentity(task.network, task.layers, classes, images, task.preset, recipe)


def _saved(
    task: Task, made: Learner, identity: RunIdentity, per_epoch: int, world: World
) -> tuple[dict[str, Any] | None, str]:
    """What the run in the folder has saved, if it is gone on with, or why it was given up."""
    content, given_up = None, ""
    if world.is_first and task.resume:
        try:
            content = read(task.folder / LAST)
            if content:
                compare(content, identity, made, per_epoch)
        except TrainingError as fault:
            if not task.force:
                raise
            content, given_up = None, fault.diagnostic.message
    if world.is_first and not content:
        discard(task.folder)
    content, given_up = world.told((content, given_up))  # type: ignore[misc]
    return content, given_up


def _tell_start(run: TrainingRun, content: dict[str, Any] | None, given_up: str) -> None:
    """Tell what is trained; log it if the run begins, and if it goes on, with more epochs only."""
    task, is_first = run.task, run.setting.world.is_first
    start = started(run, given_up)
    log = [Log(task.folder, run.done, None if content else start)] if is_first else []
    run.tell(start)
    run.watchers = [*run.watchers, *log]
    before = content["identity"]["recipe"]["epochs"] if content else run.setting.recipe.epochs
    if before != run.setting.recipe.epochs:
        epochs = run.setting.recipe.epochs
        run.tell({"kind": "resume", "step": run.done, "epochs": epochs, "epochs_before": before})


def started(run: TrainingRun, given_up: str = "") -> Record:
    """The record of the start: what is trained on what, and how."""
    task, setting = run.task, run.setting
    data, recipe = task.data, asdict(setting.recipe)
    splits = {split: asdict(data.contents(split)) for split in get_args(Split)}
    for split in splits:
        splits[split]["images"] = data.count(split)
    return {
        "kind": "start",
        "network": task.network,
        "parameters": parameters(run.learner.module),
        "weights": task.weights,
        "device": setting.world.device.type,
        "processes": setting.world.share.size,
        "data": data.name,
        "classes": [*data.classes],
        "splits": splits,
        "images": asdict(preparation(data, task.shape, task.is_distance)),
        "augmentation": setting.recipe.varied(run.is_sized),
        "preset": task.preset,
        "preset_source": SOURCES.get(task.preset, ""),
        "recipe": recipe,
        **({"given_up": given_up} if given_up else {}),
        **({"resumed": run.done} if run.done else {}),
    }


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
            _save(run)


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
    best = (at.best, at.best_loss)
    if (accuracy, -loss) > (at.best, -at.best_loss):
        _save_weights(run, BEST)
        best = (accuracy, loss)
    run.at = Position(at.epoch + 1, 0, *best)
    run.tell(record)
    _save(run)
    run.clock = time.perf_counter()


def _save(run: TrainingRun) -> None:
    saved = {"version": VERSION, "identity": run.identity.as_data(), "at": asdict(run.at)}
    save(run.task.folder, run.learner, saved, run.setting.world)


def _save_weights(run: TrainingRun, name: str) -> None:
    task = run.task
    about = asdict(preparation(task.data, task.shape, task.is_distance))
    save_weights(task.folder / name, run.learner, run.setting.world, about)


def _takes_sizes(task: Task, recipe: Recipe) -> bool:
    """Whether the network works for the images of the first and of the last epoch."""
    epochs = (0, recipe.epochs - 1)
    sides = {_sides(recipe, epoch, task.shape) for epoch in epochs}
    return all(takes(task.module, (task.shape[0], *each)) for each in sides)


def _sides(recipe: Recipe, epoch: int, shape: Shape3) -> tuple[int, int]:
    """Height and width of the images in an epoch."""
    _, height, width = shape
    return side(recipe, epoch, height), side(recipe, epoch, width)
