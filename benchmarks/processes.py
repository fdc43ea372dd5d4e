"""What the commands cost on resnet.arch, beside what PyTorch needs for the same five networks."""

from __future__ import annotations

import tempfile
from pathlib import Path

from measure import measure

ROOT = Path(__file__).parents[1]
SPEC = str(ROOT / "specs" / "resnet.arch")
NETWORKS = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]

BUILD = f"""
import sys
sys.path.insert(0, {str(ROOT / "generated")!r})
import resnet
models = [getattr(resnet, name)() for name in {NETWORKS}]
"""
SUMMARIZE = """
import torchinfo
for model in models:
    torchinfo.summary(model, (1, 3, 224, 224), verbose=0)
"""


def main() -> None:
    """Print one row for every command."""
    with tempfile.TemporaryDirectory() as folder:
        rows = {
            "python, nothing else": ["-c", "pass"],
            "archdsl --version": ["-m", "archdsl", "--version"],
            "archdsl check resnet.arch": ["-m", "archdsl", "check", SPEC],
            "archdsl summary resnet.arch": ["-m", "archdsl", "summary", SPEC],
            "archdsl compile resnet.arch": ["-m", "archdsl", "compile", SPEC, "-o", folder],
            "import torch": ["-c", "import torch"],
            "build the five networks": ["-c", BUILD],
            "build, and torchinfo.summary": ["-c", BUILD + SUMMARIZE],
        }
        costs = {name: measure(arguments) for name, arguments in rows.items()}
    unit = costs["archdsl check resnet.arch"].seconds
    print(f"{'process':30} {'CPU s':>7} {'/ check':>8} {'MiB':>6}")
    for name, cost in costs.items():
        print(f"{name:30} {cost.seconds:7.3f} {cost.seconds / unit:8.2f} {cost.mebibytes:6.0f}")


if __name__ == "__main__":
    main()
