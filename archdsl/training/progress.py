"""Progress of a run: a live bar on a terminal, lines elsewhere, and a table at the end."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any, Protocol, Self, TypeAlias

from archdsl.training.checkpoint import unwritable, write

Record: TypeAlias = dict[str, Any]
"""A line of the log: `kind` is start, step, epoch or end."""

LOG = "log.jsonl"
MOST_ROWS = 20
MOST_CLASSES = 20
"""Maximum number of classes that are listed at the start; the log has all."""


class Watcher(AbstractContextManager["Watcher"], Protocol):
    """Receives the records of a run."""

    def told(self, record: Record) -> None:
        """Handle a record."""


class Silent:
    """Ignores records; used by all processes but the first."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def told(self, record: Record) -> None:
        pass


class Lines(Silent):
    """Prints one line per record, if the output is not a terminal."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def told(self, record: Record) -> None:
        text = described(record)
        if text:
            self.stream.write(f"{text}\n")
            self.stream.flush()


class Bar:
    """A progress bar with figures, and one line per epoch above it."""

    def __init__(self, stream: IO[str]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        self._console = Console(file=stream, highlight=False)
        self._progress = Progress(*columns, console=self._console)
        self._task = self._progress.add_task("begins", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def told(self, record: Record) -> None:
        if record["kind"] == "step":
            done, total = record["step"], record["steps"]
            text = _figures(record)
            self._progress.update(self._task, description=text, completed=done, total=total)
        elif described(record):
            self._console.print(described(record), markup=False)


class Log:
    """The file of JSON records, truncated to the step that a run resumes from.

    `start` is the first record of a run that begins: it is there as soon as the file is, so that a
    run that is killed at once is known for one of ours.
    """

    def __init__(self, folder: Path, step: int, start: Record | None = None) -> None:
        self._path = folder / LOG
        kept = [line for line in read_log(folder) if _is_kept(line, step)] if step else []
        text = "".join(f"{json.dumps(line)}\n" for line in ([start] if start else kept))
        write(self._path, lambda file: file.write(text.encode()))

    def told(self, record: Record) -> None:
        """Append a record and flush it, so that a crash right after it does not lose it."""
        try:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            with os.fdopen(os.open(self._path, flags, 0o666), "a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
        except OSError as error:
            raise unwritable(LOG, error) from error


def _is_kept(record: Record, step: int) -> bool:
    """Whether a run that goes on from a step keeps a record; its end is still to come."""
    return record.get("step", 0) <= step and record.get("kind") != "end"


def read_log(folder: Path) -> list[Record]:
    """The records of a run, without a truncated last line."""
    path = folder / LOG
    if not path.exists():
        return []
    return [r for r in map(_parsed, path.read_text("utf-8", "replace").splitlines()) if r]


def _parsed(line: str) -> Record:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def introduced(start: Mapping[str, Any]) -> Iterator[str]:
    """What is trained on what, and how, before anything is."""
    if start.get("given_up"):
        yield f"begins anew: {start['given_up']}"
    resumed = f", goes on after step {start['resumed']}" if start.get("resumed") else ""
    processes = f" in {start['processes']} processes" if start["processes"] > 1 else ""
    device = f"on the {start['device'].replace('cuda', 'GPU').replace('cpu', 'CPU')}{processes}"
    yield f"network {start['network']}: {start['parameters']:,} parameters, {device}{resumed}"
    if start["weights"]:
        yield f"starts from {start['weights']}"
    train, val = start["splits"]["train"], start["splits"]["val"]
    images = f"{train['images']:,} images to train with, {val['images']:,} to validate"
    yield f"data {start['data']}: {images}{_nested(train, val)}"
    yield f"{len(start['classes'])} classes (images): {_classes(start['classes'], train, val)}"
    ignored = Counter(train["ignored"]) + Counter(val["ignored"])
    if ignored:
        kinds = [f"{count:,} {kind}" for kind, count in sorted(ignored.items())]
        yield f"not read: {', '.join(kinds)}"
    yield f"images are varied: {', '.join(start['augmentation']) or 'not at all'}"
    source = f" ({start['preset_source']})" if start["preset_source"] else ""
    yield f"preset {start['preset']}{source}: {', '.join(_settings(start['recipe']))}"


def _nested(*splits: Mapping[str, Any]) -> str:
    nested = sum(split["nested"] for split in splits)
    return f", {nested:,} of them in sub-folders" if nested else ""


def _classes(names: Sequence[str], train: Mapping[str, Any], val: Mapping[str, Any]) -> str:
    """The classes by name, with how many images of each there are."""
    counts = (
        f"{name} ({train['counts'].get(name, 0):,} + {val['counts'].get(name, 0):,})"
        for name in names[:MOST_CLASSES]
    )
    more = len(names) - MOST_CLASSES
    return ", ".join(counts) + (f", and {more:,} more" if more > 0 else "")


def _settings(recipe: Mapping[str, Any]) -> Iterator[str]:
    """Every setting of a recipe, also those of its augmentation."""
    for name, value in recipe.items():
        if isinstance(value, Mapping):
            yield from _settings(value)
        else:
            shown = "default" if value is None else value
            yield f"{name.replace('_', ' ')} {f'{shown:.6g}' if type(shown) is float else shown}"


def described(record: Mapping[str, Any]) -> str:
    """A record as a line; empty for records meant for programs only."""
    match record["kind"]:
        case "start":
            return "\n".join(introduced(record))
        case "resume":
            before, now = record["epochs_before"], record["epochs"]
            return f"{now} epochs instead of {before}: the learning rate follows the new schedule"
        case "step":
            left = _duration(record["seconds_left"])
            return f"step {record['step']}/{record['steps']}  {_figures(record)}  {left} left"
        case "epoch":
            skipped = f"  {record['skipped']} skipped" if record["skipped"] else ""
            return (
                f"epoch {record['epoch']}/{record['epochs']}  loss {record['loss']:.4f}  "
                f"validation loss {record['val_loss']:.4f}, accuracy {record['val_accuracy']:.2%}"
                f"{skipped}"
            )
    return ""


def _figures(record: Mapping[str, Any]) -> str:
    figures = f"loss {record['loss']:.4f}  accuracy {record['accuracy']:.2%}"
    return f"epoch {record['epoch']}  {figures}  {record['images_per_second']:,.0f} images/s"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def table(records: Iterable[Record], stream: IO[str]) -> None:
    """Print a table of the epochs, shortened if they are very many, with the best one marked."""
    from rich.console import Console
    from rich.table import Table

    epochs = [record for record in records if record["kind"] == "epoch"]
    grid = Table(box=None, pad_edge=False)
    for name in ("epoch", "loss", "accuracy", "val loss", "val accuracy", ""):
        grid.add_column(name, justify="right")
    for record in _some(epochs):
        numbers = [f"{record[name]:.4f}" for name in ("loss", "accuracy", "val_loss")]
        mark = "best" if record is _best(epochs) else ""
        grid.add_row(str(record["epoch"]), *numbers, f"{record['val_accuracy']:.4f}", mark)
    # If the output is not a terminal, columns are never truncated.
    width = None if stream.isatty() else 80
    Console(file=stream, highlight=False, width=width, no_color="NO_COLOR" in os.environ).print(
        grid
    )


def _best(epochs: list[Record]) -> Record | None:
    return max(epochs, key=lambda r: (r["val_accuracy"], -r["val_loss"]), default=None)


def _some(epochs: list[Record]) -> list[Record]:
    every = -(-len(epochs) // MOST_ROWS)
    best, last = _best(epochs), epochs[-1:]
    return [e for n, e in enumerate(epochs, 1) if n % every == 0 or e is best or e in last]
