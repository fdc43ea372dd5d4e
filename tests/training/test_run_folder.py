"""The folder of a run: nothing of anybody else's is overwritten, and one run writes to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from archdsl.training import loop, progress
from archdsl.training.checkpoint import write
from tests.helpers.paths import ROOT
from tests.helpers.training_runs import ENVIRONMENT, TINY, records, train

QUICK = ("--epochs", "1", "-o", "out")
WRITTEN = ("last.pt", "best.safetensors", "weights.safetensors", "log.jsonl")


@pytest.fixture(autouse=True)
def folder(one_thread: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("out").mkdir()


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("arguments", [(), ("--resume",)])
def test_files_of_nobody_we_know_are_kept(name: str, arguments: tuple[str, ...]) -> None:
    path = Path("out", name)
    path.write_text("my own work")
    result = train(TINY, *QUICK, *arguments)
    assert (result.exit_code, "error[E0967]" in result.output) == (2, True), result.output
    assert "--force" in result.output
    assert path.read_text() == "my own work"
    assert [each.name for each in Path("out").iterdir()] == [name]
    assert train(TINY, *QUICK, "--force").exit_code == 0
    assert path.read_bytes() != b"my own work"


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("kind", ["a link", "a broken link", "a folder", "a pipe"])
def test_links_and_other_things_are_refused(name: str, kind: str) -> None:
    path = Path("out", name)
    Path("mine").write_text("my own work")
    match kind:
        case "a link":
            path.symlink_to("../mine")
        case "a broken link":
            path.symlink_to("../nowhere")
        case "a folder":
            path.mkdir()
        case _:
            os.mkfifo(path)
    result = train(TINY, *QUICK, "--force")
    assert (result.exit_code, "is not a regular file" in result.output) == (2, True), result.output
    assert Path("mine").read_text() == "my own work"
    assert not Path("nowhere").exists()


def test_temporary_files_have_names_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mine").write_text("my own work")
    for name in WRITTEN:
        Path("out", f".{name}.partial").symlink_to("../mine")
    assert train(TINY, *QUICK).exit_code == 0
    assert Path("mine").read_text() == "my own work"
    assert {path.name for path in Path("out").glob(".*")} == {f".{n}.partial" for n in WRITTEN}


def test_what_killed_processes_left_is_removed_and_nothing_else() -> None:
    for name in (".last.pt.abcdefgh.partial", ".last.pt.mine", ".other.abcdefgh.partial"):
        Path("out", name).write_text("half")
    assert train(TINY, *QUICK).exit_code == 0
    assert {path.name for path in Path("out").glob(".*")} == {
        ".last.pt.mine",
        ".other.abcdefgh.partial",
    }


def test_files_may_be_read_by_those_whom_the_user_lets() -> None:
    before = os.umask(0o027)
    try:
        write(Path("a"), lambda file: file.write(b""))
    finally:
        os.umask(before)
    assert Path("a").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("call", ["introduced", "training"])
def test_a_run_that_is_killed_at_its_start_can_be_resumed(
    call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: Any) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(progress if call == "introduced" else loop, call, kill)
        with pytest.raises(Killed):
            train(TINY, *QUICK)
    assert [record["kind"] for record in progress.read_log(Path("out"))] == ["start"]
    assert train(TINY, *QUICK, "--resume").exit_code == 0
    assert len(records("out", "start")) == 1


def test_an_empty_log_is_nobodys() -> None:
    Path("out/log.jsonl").touch()
    assert train(TINY, *QUICK, "--resume").exit_code == 0


HOLD = """
import sys
from archdsl.training import loop
learn = loop.learn
def held(*given):
    print("learning", flush=True)
    sys.stdin.read()
    return learn(*given)
loop.learn = held
from archdsl.cli import main
main()
"""


def test_the_second_of_two_runs_is_refused_until_the_first_is_gone() -> None:
    Path("net.arch").write_text(TINY)
    command = [sys.executable, "-c", HOLD, "train", "net.arch", *QUICK]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    first = subprocess.Popen(command, env=ENVIRONMENT, **pipes)  # type: ignore[call-overload]
    while first.stdout.readline().strip() != "learning":
        assert first.poll() is None
    for arguments in ((), ("--resume",), ("--force",)):
        result = train(TINY, *QUICK, *arguments)
        assert result.exit_code == 2
        assert "another run is writing to this folder" in result.output
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert train(TINY, *QUICK, "--resume").exit_code == 0


def test_a_folder_is_free_again_after_a_run_in_the_same_process() -> None:
    for _ in range(2):
        assert train(TINY, *QUICK, "--resume").exit_code == 0


def test_a_run_that_is_given_up_is_gone_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert train(TINY, *QUICK).exit_code == 0

    class Interrupted(BaseException):
        pass

    def interrupt(*_: Any) -> None:
        raise Interrupted

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "learn", interrupt)
        with pytest.raises(Interrupted):
            train(TINY, *QUICK, "--force", "--seed", "1")
    # Nobody goes on with the run of before, and its weights pass for nothing.
    assert [each.name for each in Path("out").iterdir()] == ["log.jsonl"]
    assert train(TINY, *QUICK, "--seed", "1", "--every", "1").exit_code == 0


def test_of_equal_accuracies_the_lower_loss_is_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    results = iter([(2.0, 0.5), (1.0, 0.5), (1.5, 0.5), (9.0, 0.4)])
    evaluate = loop.evaluate
    monkeypatch.setattr(loop, "evaluate", lambda *given: (evaluate(*given), next(results))[1])
    kept: list[bytes] = []
    judge = loop._judge

    def judged(run: loop.TrainingRun) -> None:
        judge(run)
        kept.append(Path("out/best.safetensors").read_bytes())

    monkeypatch.setattr(loop, "_judge", judged)
    result = train(TINY, *QUICK, "--epochs", "4")
    assert result.exit_code == 0, result.output
    assert kept[0] != kept[1] == kept[2] == kept[3]
    (end,) = records("out", "end")
    assert (end["best"], end["best_loss"]) == (0.5, 1.0)
    (row,) = (line for line in result.output.splitlines() if line.endswith("  best"))
    assert row.split()[0] == "2"


def test_kills_at_random_moments_lose_nothing() -> None:
    """One process is killed twice, and then two at once."""
    few = ["--series", "0:1", "--kills", "2", "--epochs", "3", "--processes", "1", "2"]
    command = [sys.executable, "-m", "tools.kill_training", *few]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env=ENVIRONMENT, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("2 series, 4 kills (")
    assert done.stdout.endswith("), 0 differ\n")
