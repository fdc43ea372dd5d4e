"""What the commands cost as processes, beside PyTorch and torchinfo on the same networks."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from measure import ROOT, Cost, Spread, in_rounds

UNIT = "import torch"

BUILD = f"""
import sys
sys.path.insert(0, {str(ROOT / "generated")!r})
from {{file}} import {{name}}
model = {{name}}()
"""
SUMMARIZE = """
import torchinfo
torchinfo.summary(model, (1, 3, {side}, {side}), verbose=0)
"""


@dataclass(frozen=True)
class Subject:
    """A network of a spec: its name there and in Python, and the side of its images."""

    file: str
    network: str
    python: str
    side: int = 224

    @property
    def spec(self) -> str:
        """The path of the spec."""
        return str(ROOT / "specs" / f"{self.file}.arch")

    def rows(self, folder: str) -> Iterator[tuple[str, list[str]]]:
        """Commands for the whole file or the network, then the network in PyTorch."""
        archdsl, network = ["-m", "archdsl"], f"{self.spec}:{self.network}"
        picture = f"{folder}/{self.network}.svg"
        yield f"check {self.file}.arch", [*archdsl, "check", self.spec]
        yield f"compile {self.file}.arch", [*archdsl, "compile", self.spec, "-o", folder]
        yield f"summary of {self.network}", [*archdsl, "summary", network]
        yield f"draw {self.network}", [*archdsl, "draw", network, "-o", picture]
        build = BUILD.format(file=self.file, name=self.python)
        yield f"  build {self.network} in PyTorch", ["-c", build]
        summarize = SUMMARIZE.format(side=self.side)
        yield f"  build {self.network}, torchinfo", ["-c", build + summarize]


SUBJECTS = [
    Subject("resnet", "resnet50", "resnet50"),
    Subject("densenet", "densenet121", "densenet121"),
    Subject("inception_v4", "inception_v4", "InceptionV4", side=299),
    Subject("mobilenet_v3", "mobilenet_v3_large", "mobilenet_v3_large"),
]


def all_specs(folder: str) -> Iterator[tuple[str, list[str]]]:
    """Every command for all specs at once, in one process."""
    specs = str(ROOT / "specs")
    for command in ("check", "compile", "summary", "draw"):
        output = ["-o", folder] if command in ("compile", "draw") else []
        yield f"{command} all specs", ["-m", "archdsl", command, specs, *output]


def processes(folder: str) -> dict[str, list[str]]:
    """The arguments of Python for every row."""
    rows = {
        "python, nothing else": ["-c", "pass"],
        "archdsl --version": ["-m", "archdsl", "--version"],
        UNIT: ["-c", "import torch"],
    }
    for subject in SUBJECTS:
        rows |= subject.rows(folder)
    return rows | dict(all_specs(folder))


def row(name: str, costs: Sequence[Cost], units: Sequence[Cost]) -> str:
    """The figures of a row; its ratios are to the unit in the same round."""
    seconds = f"{Spread.of(cost.seconds for cost in costs):.2f}"
    pairs = zip(costs, units, strict=True)
    ratios = f"{Spread.of(cost.seconds / unit.seconds for cost, unit in pairs):.2f}"
    memory = Spread.of(cost.mebibytes for cost in costs).median
    return f"{name:36} {seconds:>20} {ratios:>20} {memory:6.0f}"


def main() -> None:
    """Print a row for every process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often every row is run")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        costs = in_rounds(processes(folder), rounds)
    print(f"{'median (least-most)':36} {'CPU s':>20} {f'/ {UNIT}':>20} {'MiB':>6}")
    for name, each in costs.items():
        print(row(name, each, costs[UNIT]))


if __name__ == "__main__":
    main()
