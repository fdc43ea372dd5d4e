"""Training steps in bf16 and channels_last on a GPU: which networks run them, and how fast.

Without a GPU the same runs on the CPU, which shows that the benchmark works and no more.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import traceback
from collections import Counter
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import nn
from training import (
    COMPARED,
    DEVICE,
    Network,
    Trainer,
    in_order,
    pair,
)
from workers import Outcome, run_all

from archdsl.bench.device import allocated, release, synchronize

MODES = {"eager": False, "compiled": True}
Rows = list[dict[str, Any]]


def train(task: tuple[Network, str, int]) -> list[float]:
    """The losses of two training steps, which must be finite, and so must all gradients."""
    network, mode, batch = task
    torch._dynamo.reset()
    trainer = Trainer(network, MODES[mode], batch)
    losses = []
    for _ in range(2):
        losses.append(trainer.step().item())
        if not torch.tensor(losses).isfinite().all():
            raise ArithmeticError(f"losses: {losses}")
        if bad := trainer.bad_gradients():
            raise ArithmeticError(f"weights without a finite gradient: {bad}")
    del trainer
    release()
    return losses


def steps(options: argparse.Namespace) -> Rows:
    """Every network takes two training steps, as it is and compiled, as time allows."""
    chosen = [n for n in in_order() if not options.only or n.name in options.only]
    tasks = [(network, mode, options.batch or 8) for mode in options.modes for network in chosen]
    until = time.monotonic() + options.seconds
    outcomes = run_all(train, tasks, options.processes, until)
    table = {(n, mode): outcome for (n, mode, _), outcome in zip(tasks, outcomes, strict=True)}
    print(f"{'file':16} {'network':28}", *(f"{mode:>34}" for mode in options.modes))
    for network in chosen:
        cells = (cell(table[network, mode]) for mode in options.modes)
        print(f"{network.file:16} {network.name:28}", *(f"{text:>34}" for text in cells))
    for mode in options.modes:
        states = Counter(outcome.state for (_, m), outcome in table.items() if m == mode)
        counts = ", ".join(f"{count} {state}" for state, count in states.items())
        print(f"{mode}: {len(chosen)} networks: {counts}")
    for (network, mode), outcome in table.items():
        if outcome.state == "error":
            print(f"\n{network.file}.{network.name}, {mode}:\n{outcome.result}")
    return [
        {"file": n.file, "network": n.name, "mode": mode, **vars(outcome)}
        for (n, mode), outcome in table.items()
    ]


def cell(outcome: Outcome) -> str:
    """What a table says of an outcome: both losses if there are any, and the time."""
    losses = " ".join(f"{x:.3f}" for x in outcome.result) if outcome.state == "ok" else ""
    return f"{losses} {outcome.state} {outcome.seconds:5.1f} s"


def prepare(options: argparse.Namespace) -> Rows:
    """Compiles side by side what `throughput` compiles, which then finds it in PyTorch's cache."""
    names = options.only or reversed(COMPARED)
    tasks = [(network, "compiled", batch(options)) for n in names for network in pair(n).values()]
    until = time.monotonic() + options.seconds
    outcomes = run_all(train, tasks, options.processes, until)
    for (network, *_), outcome in zip(tasks, outcomes, strict=True):
        error = outcome.result if outcome.state == "error" else ""
        print(f"{network.file:18} {network.name:12} {cell(outcome)}\n{error}".rstrip())
    return []


def batch(options: argparse.Namespace) -> int:
    """The images in a step whose time is taken."""
    size: int = options.batch or 128
    return size


class Timed:
    """A trainer whose rate is measured round by round; its first step, and the memory of one."""

    def __init__(self, network: Network, compiled: bool, size: int) -> None:
        release()
        warm_up()
        before = allocated()
        self.size = size
        self.trainer = Trainer(network, compiled, size)
        self.first = size / self.rate(1)
        self.rate(3)
        allocated(forget_peak=True)
        self.rate(1)
        self.mebibytes = round((allocated(peak=True) - before) / 2**20)
        self.rates: list[float] = []

    def rate(self, count: int) -> float:
        """Images a second, over some steps."""
        synchronize()
        start = time.perf_counter()
        for _ in range(count):
            self.trainer.step()
        synchronize()
        return count * self.size / (time.perf_counter() - start)


def warm_up() -> None:
    """Let PyTorch's libraries take the workspaces that they keep: they are no network's memory."""
    layer = nn.Linear(64, 64, device=DEVICE)
    with torch.autocast(DEVICE.type, torch.bfloat16):
        product = layer(torch.ones(64, 64, device=DEVICE, requires_grad=True))
    product.sum().backward()
    synchronize()


def throughput(options: argparse.Namespace) -> Rows:
    """Rates and peak memory of some networks beside those of torchvision's, in turns."""
    torch.backends.cudnn.benchmark = True
    until = time.monotonic() + options.seconds
    rows: Rows = []
    print(f"{'network':14} {'mode':9} {'whose':12} images/s    least     most    MiB first s")
    for mode in options.modes:
        for name in options.only or COMPARED:
            if time.monotonic() > until:
                print(f"{name:14} {mode:9} not begun")
                continue
            try:
                rows += compare(name, mode, options)
            except Exception:
                print(f"{name:14} {mode:9} error\n{traceback.format_exc()}", flush=True)
    return rows


def compare(name: str, mode: str, options: argparse.Namespace) -> Rows:
    """The rows of one network in one mode."""
    torch._dynamo.reset()
    timed = {w: Timed(n, MODES[mode], batch(options)) for w, n in pair(name).items()}
    for _ in range(options.rounds):
        for each in timed.values():
            each.rates.append(each.rate(options.steps))
    for whose, each in timed.items():
        row = f"{name:14} {mode:9} {whose:12} {spread(each.rates, 0)}"
        print(f"{row} {each.mebibytes:6} {each.first:7.1f}", flush=True)
    if len(timed) == 2:
        ours, theirs = (each.rates for each in timed.values())
        ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
        print(f"{name:14} {mode:9} {'ratio':12} {spread(ratios, 3)}", flush=True)
    return [
        {"network": name, "mode": mode, "whose": whose, "batch": each.size}
        | {"rates": each.rates, "mebibytes": each.mebibytes, "first": each.first}
        for whose, each in timed.items()
    ]


def spread(numbers: list[float], digits: int) -> str:
    """The median, the least and the most."""
    three = (statistics.median(numbers), min(numbers), max(numbers))
    return " ".join(f"{number:8.{digits}f}" for number in three)


COMMANDS = {"steps": steps, "prepare": prepare, "throughput": throughput}


def arguments() -> argparse.Namespace:
    """The command and its options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--modes", nargs="+", choices=MODES, default=list(MODES))
    parser.add_argument("--only", nargs="+", metavar="NETWORK")
    parser.add_argument("--batch", type=int, help="default: 8 for steps, else 128")
    parser.add_argument("--processes", type=int, default=1, help="of steps and prepare")
    parser.add_argument("--seconds", type=float, default=1e6, help="nothing begins after them")
    parser.add_argument("--rounds", type=int, default=7, help="of throughput")
    parser.add_argument("--steps", type=int, default=8, help="in each of these rounds")
    parser.add_argument("--json", type=Path, help="where all results go too")
    return parser.parse_args()


def main() -> None:
    """Run one of the commands."""
    options = arguments()
    card = torch.cuda.get_device_name() if DEVICE.type == "cuda" else "no GPU"
    vision = (
        f"torchvision {version('torchvision')}" if find_spec("torchvision") else "no torchvision"
    )
    print(f"{card}, PyTorch {torch.__version__}, {vision}", flush=True)
    rows = COMMANDS[options.command](options)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
