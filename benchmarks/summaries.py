"""What summaries cost: beside torchinfo's with PyTorch, and as a network grows."""

from __future__ import annotations

import tempfile
from pathlib import Path

from measure import Cost, measure

ROOT = Path(__file__).parents[1]
NETWORKS = {"resnet152": "resnet", "densenet201": "densenet"}
COLUMNS = "output,params,macs,weights,activations,saved,live,field,stride,centres"
SIZES = (100, 1_000, 10_000)

TORCHINFO = """
import sys
sys.path.insert(0, {folder!r})
import {file}, torchinfo
print(torchinfo.summary({file}.{name}(), (1, 3, 224, 224), verbose=0))
"""


def summary(spec: str, *options: str) -> Cost:
    """The cost of a summary of a spec."""
    return measure(["-m", "archdsl", "summary", spec, *options], times=3)


def beside_torchinfo() -> None:
    """Print a row for every network and way."""
    print(f"{'network':12} {'process':22} {'CPU s':>7} {'MiB':>6}")
    for name, file in NETWORKS.items():
        spec = f"{ROOT / 'specs' / file}.arch:{name}"
        code = TORCHINFO.format(folder=str(ROOT / "generated"), file=file, name=name)
        costs = {
            "archdsl summary": summary(spec),
            "with all columns": summary(spec, "--columns", COLUMNS),
            "torchinfo, torch": measure(["-c", code], times=3),
        }
        for way, cost in costs.items():
            print(f"{name:12} {way:22} {cost.seconds:7.2f} {cost.mebibytes:6.0f}", flush=True)


def as_it_grows() -> None:
    """Print the cost of all columns for chains of layers."""
    print(f"\n{'layers':>12} {'CPU s':>7} {'ms/layer':>8} {'MiB':>6}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain.arch"
        for layers in SIZES:
            body = f"repeat({layers // 2}, conv(8, 3) -> relu)"
            path.write_text(f"network n: [8, 32, 32] = {body}\n", encoding="utf-8")
            cost = summary(str(path), "--columns", COLUMNS)
            each = 1000 * cost.seconds / layers
            print(f"{layers:12,} {cost.seconds:7.2f} {each:8.3f} {cost.mebibytes:6.0f}", flush=True)


if __name__ == "__main__":
    beside_torchinfo()
    as_it_grows()
