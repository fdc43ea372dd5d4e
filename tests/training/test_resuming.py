"""Runs that are interrupted: at any step, while they write, and for want of room."""

from __future__ import annotations

import os
import resource
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import Result

from archdsl.training import checkpoint, loop
from tests.helpers.training_runs import TINY, losses, records, train, train_apart

SHORT = ("--epochs", "2", "--every", "1")


class Interrupted(BaseException):
    """Stands for the end of the process: nothing of ours handles it."""


@pytest.fixture(autouse=True)
def folder(one_thread: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def interrupted(step: int, *arguments: str) -> None:
    """Train until a step, and no further."""
    learn = loop.learn
    count = 0

    def counted(*given: Any) -> Any:
        nonlocal count
        count += 1
        if count > step:
            raise Interrupted
        return learn(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "learn", counted)
        with pytest.raises(Interrupted):
            train(TINY, *arguments)


@pytest.mark.parametrize(
    ("step", "preset"), [(3, "digits"), (22, "digits"), (30, "digits"), (30, "best")]
)
def test_a_resumed_run_ends_as_one_that_was_not_interrupted(
    step: int, preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "SAVED_EVERY", 5)
    options = [*SHORT, "--preset", preset, "--batch", "64"]
    train(TINY, *options, "-o", "whole")
    interrupted(step, *options, "-o", "parts")
    assert train(TINY, *options, "-o", "parts", "--resume").exit_code == 0
    assert losses("parts") == losses("whole")
    for kind in ("epoch", "end"):
        assert records("parts", kind) == records("whole", kind)
    for name in ("best.safetensors", "weights.safetensors"):
        assert (Path("parts") / name).read_bytes() == (Path("whole") / name).read_bytes()


def test_a_long_epoch_is_saved_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "SAVED_EVERY", 5)
    interrupted(13, *SHORT, "-o", "out")
    saved = torch.load("out/last.pt", weights_only=True)
    assert (saved["at"]["epoch"], saved["at"]["step"]) == (0, 10)


def test_resuming_where_there_is_nothing_begins() -> None:
    assert train(TINY, *SHORT, "--resume", "-o", "out").exit_code == 0
    assert len(losses("out")) == 44


def test_resuming_what_is_finished_changes_nothing() -> None:
    train(TINY, *SHORT, "-o", "out")
    before = Path("out/weights.safetensors").read_bytes()
    assert train(TINY, *SHORT, "-o", "out", "--resume").exit_code == 0
    assert Path("out/weights.safetensors").read_bytes() == before
    assert len(losses("out")) == 44


def test_a_run_is_not_overwritten_by_chance() -> None:
    train(TINY, *SHORT, "-o", "out")
    assert "this folder already contains a run" in refused(train(TINY, *SHORT, "-o", "out"))
    assert train(TINY, *SHORT, "-o", "out", "--force").exit_code == 0


def refused(result: Result) -> str:
    """The message for a run that cannot be resumed."""
    assert (result.exit_code, "error[E0967]" in result.output) == (2, True)
    return result.output


@pytest.mark.parametrize("call", ["mkstemp", "write", "fsync", "replace"])
def test_a_crash_while_writing_leaves_the_old_file(call: str) -> None:
    path = Path("file")
    checkpoint.write(path, lambda file: file.write(b"old"))

    def crash(*_: Any, **__: Any) -> None:
        raise Interrupted

    def fill(file: Any) -> None:
        file.write(b"ne")
        if call == "write":
            raise Interrupted
        file.write(b"w")

    with pytest.MonkeyPatch.context() as patch:
        if call != "write":
            places = {"mkstemp": tempfile, "fsync": os, "replace": Path}
            patch.setattr(places[call], call, crash)
        with pytest.raises(Interrupted):
            checkpoint.write(path, fill)
    assert path.read_bytes() == b"old"
    checkpoint.write(path, lambda file: file.write(b"newer"))
    assert path.read_bytes() == b"newer"
    assert [each.name for each in Path().glob(".*")] == []


KILL = """
import os, pathlib, signal
import archdsl.training.checkpoint as checkpoint
replace = pathlib.Path.replace
def kill(self, target):
    if target.name == "last.pt" and target.exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)
pathlib.Path.replace = kill
"""


def test_a_kill_while_saving_leaves_a_usable_checkpoint() -> None:
    killed = train_apart(TINY, *SHORT, "-o", "out", code=KILL)
    assert killed.returncode == -signal.SIGKILL
    assert [*Path("out").glob(".last.pt.*.partial")]
    assert train(TINY, *SHORT, "-o", "out", "--resume").exit_code == 0
    train(TINY, *SHORT, "-o", "whole")
    assert losses("out") == losses("whole")
    assert not [*Path("out").glob(".*")]


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file may become larger: the system refuses as it does on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("name", ["last.pt", "best.safetensors", "log.jsonl"])
def test_a_full_disk_is_an_error_and_loses_nothing(name: str) -> None:
    train(TINY, *SHORT, "-o", "whole")
    interrupted(30, *SHORT, "-o", "out")
    before = Path("out/last.pt").read_bytes()
    with room_for((Path("out") / name).stat().st_size - 100):
        full = train(TINY, *SHORT, "-o", "out", "--resume")
    assert (full.exit_code, "error[E0965]" in full.output) == (2, True)
    assert Path("out/last.pt").read_bytes() == before
    assert [each.name for each in Path("out").glob(".*")] == []
    assert train(TINY, *SHORT, "-o", "out", "--resume").exit_code == 0
    assert losses("out") == losses("whole")
