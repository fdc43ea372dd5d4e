"""Tasks in several processes side by side, as many as a deadline allows."""

from __future__ import annotations

import multiprocessing
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, cast

Work = Callable[[Any], Any]


@dataclass(frozen=True)
class Outcome:
    """What became of a task: "ok", "error", "stopped" by the deadline or "not begun"."""

    state: str
    seconds: float = 0.0
    result: Any = None


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    task: int | None = None
    since: float = 0.0

    def give(self, number: int, task: object) -> None:
        self.task, self.since = number, time.monotonic()
        with suppress(ConnectionError):  # Of a process that died, `outcome` tells.
            self.pipe.send(task)

    def outcome(self) -> Outcome:
        """What the process answers; it may have died instead."""
        try:
            state, result = self.pipe.recv()
        except (EOFError, ConnectionError):
            self.process.join()
            state, result = "error", f"the process ends with {self.process.exitcode}"
        return Outcome(state, time.monotonic() - self.since, result)

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def run_all(work: Work, tasks: Sequence[Any], processes: int, until: float) -> list[Outcome]:
    """The outcome of every task, begun in their order; `until` is a time of `time.monotonic`.

    A process takes one task after another, but ends with one that fails: an error on a GPU
    can outlast its task.
    """
    outcomes = [Outcome("not begun")] * len(tasks)
    waiting = iter(range(len(tasks)))
    busy: dict[Connection, _Worker] = {}
    for number in islice(waiting, processes):
        _begin(_worker(work), number, tasks, busy)
    while busy and (left := until - time.monotonic()) > 0:
        for pipe in wait(list(busy), left):
            worker = busy.pop(cast(Connection, pipe))
            assert worker.task is not None
            outcomes[worker.task] = outcome = worker.outcome()
            following = next(waiting, None)
            if outcome.state != "ok" or following is None:
                worker.end()
            if following is not None:
                worker = worker if outcome.state == "ok" else _worker(work)
                _begin(worker, following, tasks, busy)
    for worker in busy.values():
        assert worker.task is not None
        outcomes[worker.task] = Outcome("stopped", time.monotonic() - worker.since)
        worker.end()
    return outcomes


def _begin(
    worker: _Worker, number: int, tasks: Sequence[Any], busy: dict[Connection, _Worker]
) -> None:
    worker.give(number, tasks[number])
    busy[worker.pipe] = worker


def _worker(work: Work) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(work, theirs), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _serve(work: Work, pipe: Connection) -> None:
    while True:
        task = pipe.recv()
        try:
            answer = ("ok", work(task))
        except Exception:
            answer = ("error", traceback.format_exc())
        pipe.send(answer)
