"""The outcomes of a long search in a file, a JSON object per line, so that it can be resumed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from tools.outcomes import Outcome


class SearchLog:
    """Outcomes by seed, the last one of each, and the commit that it was found with."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.commit = current_commit()
        self.outcomes: dict[int, tuple[str, Outcome]] = {}
        if file is not None and file.exists():
            for commit, outcome in _read(file):
                self.outcomes[outcome.seed] = commit, outcome

    def is_done(self, seed: int) -> bool:
        """Whether a seed has passed before; one that has failed is tried again."""
        return seed in self.outcomes and not self.outcomes[seed][1].has_failed

    def add(self, outcome: Outcome) -> None:
        """Keep an outcome, in the file too."""
        self.outcomes[outcome.seed] = self.commit, outcome
        if self.file is not None:
            record = asdict(replace(outcome, kinds=frozenset())) | {"kinds": sorted(outcome.kinds)}
            with self.file.open("a") as lines:
                lines.write(json.dumps({"commit": self.commit} | record) + "\n")


def current_commit() -> str:
    """The commit of the checkout, with a mark if it was changed since."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    folder = Path(__file__).parent
    run = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)  # noqa: S603
    return run.stdout.strip() or "unknown"


def _read(file: Path) -> Iterator[tuple[str, Outcome]]:
    for line in file.read_text().splitlines():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue  # The line that a search was ended in.
        commit = record.pop("commit")
        yield commit, Outcome(**record | {"kinds": frozenset(record["kinds"])})
