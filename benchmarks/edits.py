"""CPU time from an edit in the middle of a spec to all diagnostics, in a warm process."""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from measure import measure

import archdsl
from archdsl.editor.analysis import Analysis

SPECS = sorted((Path(__file__).parents[1] / "specs").glob("*.arch"))
HEADS = {"a block": r"^block ", "a network": r"^network ", "an assert": r"^assert "}
NUMBER = re.compile(r"\b[1-9]\d*\b")


@dataclass(frozen=True)
class Costs:
    """CPU seconds of a check of the same text from scratch, and of edits one after another."""

    fresh: float
    edits: list[float]

    @property
    def high(self) -> float:
        """The 95th percentile."""
        return quantiles(self.edits, n=20)[-1]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row for every spec and kind of edit, and the largest of all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", help="specs; all if there are none")
    parser.add_argument("--edits", type=int, default=20)
    options = parser.parse_args(arguments)
    unit = measure(["-c", "import torch"], times=3).seconds
    print(f"import torch: {unit:.2f} s\n")
    print(
        f"{'spec':20} {'edit in':10} {'check ms':>9} {'edit ms':>8} {'95 %':>7} {'of a check':>11}"
    )
    for path in [path for path in SPECS if not options.names or path.stem in options.names]:
        text = path.read_text(encoding="utf-8")
        for kind, head in HEADS.items():
            if edited := list(_edited(text, head, options.edits)):
                costs = _measured(text, edited)
                middle, ratio = median(costs.edits), median(costs.edits) / costs.fresh
                row = f"{costs.fresh * 1e3:9.0f} {middle * 1e3:8.1f} {costs.high * 1e3:7.1f}"
                print(f"{path.stem:20} {kind:10} {row} {ratio:11.3f}")


def _edited(text: str, head: str, count: int) -> Iterator[str]:
    """Texts with other numbers in the declaration of a kind that is in the middle."""
    starts = [match.start() for match in re.finditer(head, text, re.MULTILINE)]
    if not starts:
        return
    start = starts[len(starts) // 2]
    end = text.find("\n\n", start) % (len(text) + 1)
    numbers = list(NUMBER.finditer(text, start, end))
    for turn in range(count if numbers else 0):
        number = numbers[turn % len(numbers)]
        other = str(int(number[0]) + 1 + turn // len(numbers))
        yield text[: number.start()] + other + text[number.end() :]


def _measured(text: str, edited: Sequence[str]) -> Costs:
    """Each edit is made after the one before was taken back."""
    fresh, analysis = _analysed(text)
    costs = []
    for other in edited:
        cost, analysis = _analysed(other, analysis)
        costs.append(cost)
        _, analysis = _analysed(text, analysis)
    return Costs(fresh, costs)


def _analysed(text: str, previous: Analysis | None = None) -> tuple[float, Analysis]:
    """The CPU seconds until all diagnostics are there."""
    start = time.process_time()
    analysis = archdsl.analyse(text, previous=previous)
    assert isinstance(analysis.diagnostics, tuple)
    return time.process_time() - start, analysis


if __name__ == "__main__":
    main()
