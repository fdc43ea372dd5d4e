"""A long search: random specs by seed, each compared with PyTorch.

usage: python -m tools.random_specs --seeds 0:20000 --jobs 2 [--minutes M] [--out FOLDER]
                                    [--without KIND]…

Prints a line per failure and per hundred specs, and at the end a table of the kinds of constructs
drawn. A seed gives the same spec in every run. Failing specs are written to FOLDER, and every
outcome to FOLDER/outcomes.jsonl with its commit: a search with the same FOLDER goes on where an
earlier one ended, and tries again what failed. Specs with a KIND that is known to fail can be left
out.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from archdsl.testing import KINDS, seeded
from tools.outcomes import FINE, REFUSED, Outcome, outcome_of
from tools.search_log import SearchLog

SPECS_OF_A_PROCESS = 400
"""Specs per process: a process is replaced then, because generated code stays loaded."""
LONGEST_MESSAGE = 160
SPECS_OF_A_LINE = 100
"""Specs after which a line says how far the search is."""


@dataclass
class Table:
    """The number of specs with each kind, and their outcomes."""

    drawn: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    compared: int = 0
    refused_sets: int = 0
    seconds: float = 0.0
    commits: Counter[str] = field(default_factory=Counter)

    def add(self, commit: str, outcome: Outcome) -> None:
        """Count a spec."""
        self.commits[commit] += 1
        self.names[outcome.name] += 1
        self.drawn.update(outcome.kinds)
        self.refused.update(outcome.kinds if outcome.name == REFUSED else ())
        self.failed.update(outcome.kinds if outcome.has_failed else ())
        self.compared += outcome.compared
        self.refused_sets += outcome.refused
        self.seconds += outcome.seconds

    def lines(self) -> Iterator[str]:
        """The table as text."""
        total = self.names.total()
        yield f"{'kind':42}{'drawn':>8}{'refused':>9}{'failed':>8}"
        for kind in KINDS:
            counts = self.drawn[kind], self.refused[kind], self.failed[kind]
            yield "{:42}{:8}{:9}{:8}".format(kind, *counts)
        yield f"{total} specs: " + ", ".join(f"{n} {name}" for name, n in self.names.most_common())
        yield f"{self.compared} sets of other arguments compared, {self.refused_sets} refused"
        yield f"{self.seconds / max(total, 1):.3f} s for a spec, {self.seconds:.0f} s in all"
        yield "at " + ", ".join(f"{commit}: {n}" for commit, n in self.commits.items())


def main(arguments: Sequence[str]) -> int:
    """Run the search; returns 1 if a spec failed."""
    options = _options(arguments)
    first, end = map(int, options.seeds.split(":"))
    seeds = [seed for seed in range(first, end) if _is_wanted(seed, options.without)]
    log = SearchLog(_log_file(options.out))
    _search([seed for seed in seeds if not log.is_done(seed)], log, options)
    table = Table()
    for seed in seeds:
        if seed in log.outcomes:
            table.add(*log.outcomes[seed])
    print("\n".join(table.lines()))
    return int(any(name not in (FINE, REFUSED) for name in table.names))


def _is_wanted(seed: int, without: Sequence[str]) -> bool:
    return not without or not seeded(seed).kinds & {*without}


def _log_file(folder: Path | None) -> Path | None:
    if folder is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "outcomes.jsonl"


def _search(seeds: Sequence[int], log: SearchLog, options: argparse.Namespace) -> None:
    """Judge specs until all are done or the time is over, and log every outcome at once."""
    start, failed = time.monotonic(), 0
    for count, outcome in enumerate(_outcomes(seeds, options.jobs), 1):
        log.add(outcome)
        if outcome.has_failed:
            failed += 1
            _report(outcome, options.out)
        if count % SPECS_OF_A_LINE == 0:
            print(f"{count} of {len(seeds)} specs, {failed} failed", flush=True)
        if options.minutes and time.monotonic() - start > 60 * options.minutes:
            break


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Hold random specs against PyTorch.")
    parser.add_argument("--seeds", default="0:1000", help="first seed, and the one after the last")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--minutes", type=float, help="stop after this time")
    parser.add_argument("--out", type=Path, help="a folder for failing specs")
    parser.add_argument("--without", action="append", default=[], choices=KINDS, metavar="KIND")
    return parser.parse_args(arguments)


def _outcomes(seeds: Iterable[int], jobs: int) -> Iterator[Outcome]:
    context = multiprocessing.get_context("spawn")
    with context.Pool(jobs, _prepare, maxtasksperchild=SPECS_OF_A_PROCESS) as pool:
        yield from pool.imap_unordered(outcome_of, seeds)


def _prepare() -> None:
    import torch

    torch.set_num_threads(1)


def _report(outcome: Outcome, folder: Path | None) -> None:
    message = " ".join(outcome.message.split())[:LONGEST_MESSAGE]
    print(f"{outcome.seed}: {outcome.name}: {message}", flush=True)
    if folder is not None:
        stem = outcome.name.replace(" ", "_")
        comment = f"# {outcome.name}: {message}\n"
        (folder / f"{stem}_{outcome.seed}.arch").write_text(comment + seeded(outcome.seed).text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
