"""CPU time of the language server from a character typed to diagnostics and hints; its memory."""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median, quantiles

from lsprotocol.types import Position, Range

from archdsl.server import changing, reading
from archdsl.server.documents import Documents
from archdsl.work import rest

SPECS = sorted((Path(__file__).parents[1] / "specs").glob("*.arch"))
TYPED = "0123456789abcdefghijklmnopqrstuvwxyz ()[],:=@->\n"
WHOLE = Range(Position(0, 0), Position(10**6, 0))
URI = "untitled:net.arch"
EVERY = 1000
"""After so many edits the memory is looked at."""
PAUSE = 100
"""After so many edits somebody thinks for a second, in which the server tidies up."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row for every spec, or with `--memory` one for every thousand edits of one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", help="specs; all if there are none")
    parser.add_argument("--edits", type=int, default=60)
    parser.add_argument("--memory", action="store_true", help="only memory, with 10,000 edits")
    options = parser.parse_args(arguments)
    chosen = [path for path in SPECS if not options.names or path.stem in options.names]
    if options.memory:
        _memory(chosen[0].read_text(encoding="utf-8"), 10_000)
        return
    print(f"{'spec':24} {'check ms':>9} {'edit ms':>8} {'95 %':>7} {'of a check':>11}")
    for path in chosen:
        _latency(path.stem, path.read_text(encoding="utf-8"), options.edits)


def _latency(name: str, text: str, count: int) -> None:
    """A row: a check of the text from scratch, and edits of it one after another."""
    fresh = median(_answered(Documents(), text) for _ in range(3))
    documents = Documents()
    _answered(documents, text)
    costs = [_answered(documents, edited) for edited in _edits(text, count)]
    middle, high = median(costs), quantiles(costs, n=20)[-1]
    row = f"{fresh * 1e3:9.1f} {middle * 1e3:8.1f} {high * 1e3:7.1f} {middle / fresh:11.3f}"
    print(f"{name:24} {row}", flush=True)


def _memory(text: str, count: int) -> None:
    """The memory of this process after so many edits."""
    documents = Documents()
    print(f"{'edits':>6} {'MiB':>6}")
    for number, edited in enumerate(_edits(text, count)):
        if number % EVERY == 0:
            print(f"{number:6} {_resident():6.1f}", flush=True)
        _answered(documents, edited)
        if number % PAUSE == 0:
            rest()
    print(f"{count:6} {_resident():6.1f}")


def _edits(text: str, count: int) -> Iterator[str]:
    """Texts in which a character is typed or deleted, and taken back again by the next edit."""
    chance = random.Random(0)  # noqa: S311
    for number in range(count):
        if number % 2:
            yield text
            continue
        at = chance.randrange(len(text))
        is_typed = chance.random() < 0.5
        yield text[:at] + (chance.choice(TYPED) if is_typed else "") + text[at + (not is_typed) :]


def _answered(documents: Documents, text: str) -> float:
    """The CPU seconds until diagnostics and hints of a version of the text are there."""
    start = time.process_time()
    documents.put(URI, text)
    document = documents.get(URI)
    assert document is not None
    changing.diagnostics(document)
    reading.hints(document, WHOLE)
    return time.process_time() - start


def _resident() -> float:
    """The resident memory of this process in MiB, as Linux has it."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
