"""What it costs that generated code is its networks, with any arguments, as a share of `compile`.

Every shipped spec is compiled in this process. Times are CPU seconds, the least of several runs,
in which holding code against graphs, and drawing and building the samples, are timed apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import process_time
from typing import Any, TypeVar
from unittest import mock

from archdsl.backends import torch
from archdsl.backends.torch.validation import Validator
from archdsl.driver import compile
from archdsl.files import finder
from archdsl.generalize import Generalization, Variant
from archdsl.source import Source

SPECS = Path(__file__).parents[1] / "specs"
REPEATS = 3
T = TypeVar("T")

Times = tuple[float, float, float]
"""CPU seconds of `compile`, and of validation and samples in it."""


@contextmanager
def timed() -> Iterator[Counter[str]]:
    """The CPU seconds of all validation and of all samples within."""
    seconds: Counter[str] = Counter()

    def measure(name: str, work: Callable[[], T]) -> T:
        begin = process_time()
        try:
            return work()
        finally:
            seconds[name] += process_time() - begin  # type: ignore[assignment]

    class Timed(Validator):
        def __init__(self, *given: Any) -> None:
            measure("validation", lambda: super(Timed, self).__init__(*given))

        def fault(self, *given: Any) -> str | None:
            return measure("validation", lambda: super(Timed, self).fault(*given))

    def samples(self: Generalization, variants: Sequence[Variant]) -> Iterator[Variant]:
        drawn = draw(self, variants)
        while sample := measure("samples", lambda: next(drawn, None)):
            yield sample

    draw = Generalization.samples
    with (
        mock.patch.object(torch, "Validator", Timed),
        mock.patch.object(Generalization, "samples", samples),
    ):
        yield seconds


def measured(path: Path) -> Times:
    """What it takes to compile a spec."""
    source = Source(path.name, path.read_text(encoding="utf-8"))
    with timed() as seconds:
        begin = process_time()
        compile(source, finder(path.parent))
        return process_time() - begin, seconds["validation"], seconds["samples"]


def row(name: str, times: Times) -> str:
    """The figures of a spec, or of all of them; samples are told beside what is without them."""
    whole, validation, samples = times
    shares = f"{validation / whole:10.1%} {samples / (whole - samples):10.1%}"
    return f"{name:20} {whole:10.2f} {validation:10.2f} {samples:10.2f} {shares}"


def main() -> None:
    """Print a row for every spec, and one for all."""
    print(
        f"{'spec':20} {'compile':>10} {'validation':>10} {'samples':>10} {'of it':>10} {'more':>10}"
    )
    least: list[Times] = []
    for path in sorted(SPECS.glob("*.arch")):
        least.append(min(measured(path) for _ in range(REPEATS)))
        print(row(path.stem, least[-1]), flush=True)
    whole, validation, samples = (sum(column) for column in zip(*least, strict=True))
    print(row("all", (whole, validation, samples)))


if __name__ == "__main__":
    main()
