"""What holding generated code against its graphs costs, as a share of `compile`.

Every shipped spec is compiled in this process. Times are CPU seconds, the least of several runs,
in which all that validation does is timed apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import process_time
from unittest import mock

from archdsl.backends import torch
from archdsl.diagnostics import Diagnostic
from archdsl.driver import compile
from archdsl.elaborate import Variant
from archdsl.files import finder
from archdsl.graph import Graph
from archdsl.source import Source

SPECS = Path(__file__).parents[1] / "specs"
REPEATS = 3

Times = tuple[float, float]
"""CPU seconds of `compile`, and of the validation in it."""


@contextmanager
def timed_validation() -> Iterator[list[float]]:
    """The CPU seconds of every validation within."""
    found: list[float] = []
    validate = torch.mismatches

    def timed(text: str, graphs: Sequence[Graph], variants: Sequence[Variant]) -> list[Diagnostic]:
        begin = process_time()
        result = validate(text, graphs, variants)
        found.append(process_time() - begin)
        return result

    with mock.patch.object(torch, "mismatches", timed):
        yield found


def measured(path: Path) -> Times:
    """What it takes to compile a spec."""
    source = Source(path.name, path.read_text(encoding="utf-8"))
    with timed_validation() as found:
        begin = process_time()
        compile(source, finder(path.parent))
        return process_time() - begin, sum(found)


def row(name: str, times: Times) -> str:
    """The figures of a spec, or of all of them."""
    whole, part = times
    return f"{name:20} {whole:8.2f} {part:8.2f} {part / whole:8.1%}"


def main() -> None:
    """Print a row for every spec, and one for all."""
    print(f"{'spec':20} {'compile':>8} {'of it':>8} {'share':>8}")
    least: list[Times] = []
    for path in sorted(SPECS.glob("*.arch")):
        least.append(min(measured(path) for _ in range(REPEATS)))
        print(row(path.stem, least[-1]))
    print(row("all", (sum(w for w, _ in least), sum(p for _, p in least))))


if __name__ == "__main__":
    main()
