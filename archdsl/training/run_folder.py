"""The folder of a run: whose it is, and that no other run writes to it at the same time."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from archdsl import integrity
from archdsl.diagnostics import Diagnostic, error
from archdsl.source import whole_of
from archdsl.training.checkpoint import BEST, FINISHED, LAST, unwritable
from archdsl.training.engine import World
from archdsl.training.faults import TrainingError
from archdsl.training.progress import LOG, read_log

WRITTEN = (LAST, BEST, FINISHED, LOG)
LEFTOVER = re.compile(
    rf"\.({'|'.join(map(re.escape, WRITTEN))})\.[a-z0-9_]{{8}}{re.escape(integrity.SUFFIX)}"
)
"""What a process that was killed while it wrote leaves behind."""


@contextmanager
def claimed(folder: Path, resume: bool, force: bool, world: World) -> Iterator[None]:
    """Hold the folder of a run, which is made if need be.

    Files of no run of ours are kept unless `force`, and a run unless `resume` or `force`. The lock
    is the system's, so that a process that is killed leaves none behind.
    """
    handle = -1
    refused: Diagnostic | None = None
    if world.is_first:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(folder, os.O_RDONLY)
            refused = _locked(handle) or _irregular(folder) or _taken(folder, resume, force)
        except OSError as fault:
            refused = unwritable(folder.name, fault).diagnostic
    try:
        refused = world.told(refused)  # type: ignore[assignment]
        if refused:
            raise TrainingError(refused)
        if world.is_first:
            _tidy(folder)
        yield
    finally:
        if handle >= 0:
            os.close(handle)


def discard(folder: Path) -> None:
    """Remove the files of a run that is given up, so that nobody goes on with it by mistake."""
    for name in WRITTEN:
        with suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def _locked(handle: int) -> Diagnostic | None:
    """Lock a folder, where the system can; an error if another process has locked it."""
    try:
        import fcntl
    except ModuleNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        help = "wait until it ends, or write elsewhere with -o"
        return error("E0967", "another run is writing to this folder", whole_of(LAST), help=help)
    except OSError:
        # Some network file systems lock no folders.
        return None
    return None


def _irregular(folder: Path) -> Diagnostic | None:
    for name in WRITTEN:
        path = folder / name
        if path.is_symlink() or (path.exists() and not path.is_file()):
            message = f"`{name}` already exists and is not a regular file"
            help = "move it away, or write elsewhere with -o"
            return error("E0965", message, whole_of(name), help=help)
    return None


def _taken(folder: Path, resume: bool, force: bool) -> Diagnostic | None:
    """An error if something would be overwritten that nobody asked to overwrite."""
    if force:
        return None
    if (folder / LAST).exists():
        if resume:
            return None
        help = "--resume continues it, --force overwrites it, -o writes elsewhere"
        message = "this folder already contains a run"
        return error("E0967", message, whole_of(LAST), help=help)
    kinds = [record.get("kind") for record in read_log(folder)]
    # A run that ended before it saved anything has a log, and perhaps its first best weights.
    if kinds[:1] == ["start"] and (resume or kinds == ["start"]):
        return None
    for name in (BEST, FINISHED, LOG):
        path = folder / name
        # An empty log is what earlier versions left if they were killed at their start.
        if path.exists() and (name != LOG or path.stat().st_size):
            help = "--force overwrites it, -o writes elsewhere"
            message = f"`{name}` is already in this folder, without a run that could be resumed"
            return error("E0967", message, whole_of(name), help=help)
    return None


def _tidy(folder: Path) -> None:
    with suppress(OSError):
        for entry in os.scandir(folder):
            if LEFTOVER.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                Path(entry.path).unlink()
