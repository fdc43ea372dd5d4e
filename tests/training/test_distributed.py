"""Several processes learn what one does."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from safetensors.torch import load_file
from torch.distributed import run as launcher
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError, ProcessFailure

from tests.helpers.training_runs import ENVIRONMENT, SAME, TINY, losses, records, train, train_apart

SHORT = ["--epochs", "1", "--every", "1", "--batch", "62"]
BEST = ["norm.arch", *SHORT, "--preset", "best", "--shard"]
JOBS: list[tuple[list[str], int | None]] = [
    (["same.arch", *SHORT, "-o", "two"], None),
    (["same.arch", *SHORT, "-o", "sharded", "--accumulate", "2", "--shard"], None),
    (["same.arch", *SHORT, "-o", "moved", "--accumulate", "2"], 15),
    # With dropout, whose numbers differ between processes.
    (["net.arch", *SHORT, "-o", "whole"], None),
    (["net.arch", *SHORT, "-o", "parts"], 15),
    (["net.arch", *SHORT, "-o", "parts", "--resume"], None),
    # With running means and averages of weights.
    ([*BEST, "-o", "norm"], None),
    ([*BEST, "-o", "norm_parts"], 15),
    ([*BEST, "-o", "norm_parts", "--resume"], None),
]
"""What two processes do, with the step at which each is interrupted."""


def free_ports(count: int) -> Iterator[int]:
    """Ports that nobody has, below those that systems give to connections by themselves."""
    port = 20000 + os.getpid() % 1000 * 10
    while count:
        port += 1
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            count -= 1
            yield port


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which two processes did all jobs."""
    folder = tmp_path_factory.mktemp("runs")
    norm = TINY.replace("groupnorm(4)", "bn")
    for name, spec in ("net", TINY), ("same", SAME), ("norm", norm):
        (folder / f"{name}.arch").write_text(spec)
    ports = list(free_ports(len(JOBS)))
    where = {"MASTER_ADDR": "127.0.0.1", "WORLD_SIZE": "2"}
    command = [
        sys.executable,
        "-m",
        "tests.helpers.training_worker",
        json.dumps([[*job, port] for job, port in zip(JOBS, ports, strict=True)]),
    ]
    workers = []
    for rank in range(2):
        own = {**ENVIRONMENT, **where, "RANK": str(rank), "LOCAL_RANK": str(rank)}
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        workers.append(subprocess.Popen(command, cwd=folder, env=own, **streams))
    try:
        outputs = [worker.communicate(timeout=600)[0] for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    assert [worker.returncode for worker in workers] == [0, 0], "\n".join(outputs)
    assert outputs[1] == ""
    return folder


@pytest.fixture(autouse=True)
def working(one_thread: None, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(runs)


@pytest.fixture(scope="module")
def alone(runs: Path) -> list[float]:
    """The losses of one process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(runs)
        assert train(SAME, *SHORT, "-o", "one").exit_code == 0
        return losses("one")


@pytest.mark.parametrize("name", ["two", "sharded"])
def test_several_processes_have_the_losses_of_one(name: str, alone: list[float]) -> None:
    found = losses(name)
    assert len(found) == len(alone) == 23
    assert found[:20] == pytest.approx(alone[:20], abs=1e-6, rel=0)
    ((mine,), (theirs,)) = records(name, "epoch"), records("one", "epoch")
    assert mine["val_loss"] == pytest.approx(theirs["val_loss"], abs=1e-4)
    weights, wanted = (load_file(f"{run}/weights.safetensors") for run in (name, "one"))
    assert weights.keys() == wanted.keys()
    for key, value in weights.items():
        assert (value - wanted[key]).abs().max() < 1e-2


def test_one_process_can_be_told_to_divide_its_weights(alone: list[float]) -> None:
    # With the layout that a GPU would choose.
    flags = ["--shard", "--channels-last"]
    assert train(SAME, *SHORT, "-o", "one_sharded", *flags).exit_code == 0
    assert losses("one_sharded")[:20] == pytest.approx(alone[:20], abs=1e-6, rel=0)


def test_a_run_goes_on_with_another_number_of_processes(alone: list[float]) -> None:
    assert len(losses("moved")) == 14
    assert train(SAME, *SHORT, "-o", "moved", "--resume").exit_code == 0
    assert len(losses("moved")) == 23
    assert losses("moved")[:20] == pytest.approx(alone[:20], abs=1e-6, rel=0)


@pytest.mark.parametrize(("parts", "whole"), [("parts", "whole"), ("norm_parts", "norm")])
def test_processes_go_on_as_if_they_had_not_been_interrupted(parts: str, whole: str) -> None:
    # The running means of several processes are made one when they are saved.
    is_exact = parts == "parts"
    precision = 0 if is_exact else 1e-5
    assert losses(parts) == pytest.approx(losses(whole), abs=precision, rel=0)
    for kind in ("epoch", "end"):
        assert records(parts, kind) == records(whole, kind)


def test_processes_are_started_by_torchrun(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(launcher, "main", started.append)
    monkeypatch.setattr(sys, "argv", ["archdsl", "train", "net.arch", "--gpus", "2"])
    assert train(TINY, "--gpus", "2").exit_code == 0
    assert started == [
        ["--standalone", "--nproc-per-node=2", "-m", "archdsl", "train", "net.arch", "--gpus", "2"]
    ]


def test_processes_say_once_what_is_wrong() -> None:
    done = train_apart(TINY, "--gpus", "2", "--batch", "1")
    assert done.returncode == 2
    assert done.stdout == ""
    message = "--batch: error[E0969]: a batch of 1 images cannot be divided into 2 parts\n"
    assert done.stderr == f"{message}   = help: increase --batch\n"


def test_a_signal_ends_all_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    def main(arguments: list[str]) -> None:
        raise SignalException("Process 7 got signal: 15", signal.SIGTERM)

    monkeypatch.setattr(launcher, "main", main)
    result = train(TINY, "--gpus", "2")
    assert (result.exit_code, result.output) == (143, "")


def test_a_process_that_is_ended_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def main(arguments: list[str]) -> None:
        failure = ProcessFailure(local_rank=1, pid=7, exitcode=-9, error_file="<N/A>")
        raise ChildFailedError("archdsl", {1: failure})

    monkeypatch.setattr(launcher, "main", main)
    result = train(TINY, "--gpus", "2")
    assert result.exit_code == 1
    assert "error[E0983]: process 1 was killed by SIGKILL\n" in result.output
