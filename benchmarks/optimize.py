"""What exact rewrites save: counts, and the CPU time of inference side by side.

usage: python benchmarks/optimize.py [--rounds 9] [NETWORK…]

Old and new network take turns in every round, on one image of the usual size in one thread, after
both were warmed up; a ratio compares the two of one round.
"""

from __future__ import annotations

import argparse
import time

import torch
from measure import Spread
from torch import Tensor, nn

import archdsl
from archdsl.rewriting.optimize import Optimized, optimized
from archdsl.rewriting.proof import filled
from archdsl.runtime import instantiate
from archdsl.shipped import NETWORKS

NAMES = (
    "repvgg:repvgg_a2",
    "mobileone:mobileone_s0",
    "resnet:resnet50",
    "inception_v3:inception_v3",
    "resnext:stage_summed",
    "resnext:stage_concatenated",
    "alexnet:alexnet_two_towers",
    "densenet:densenet121",
)
CALLS = 2
"""Forward passes per round and network."""


def main() -> None:
    """Print a row for every network: its counts, and its times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("networks", nargs="*", default=NAMES)
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print("| network | ops | parameters | ms before | ms after | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    for called in given.networks:
        print(row(called, given.rounds), flush=True)


def row(called: str, rounds: int) -> str:
    """A network: ops, parameters, and milliseconds with their spread."""
    file, _, name = called.partition(":")
    graph = archdsl.read(NETWORKS / f"{file}.arch")[name].graph
    old = archdsl.load(NETWORKS / f"{file}.arch", name)
    filled(old)
    state = {key: value.clone() for key, value in old.state_dict().items()}
    made = optimized(graph, old, called)
    if not isinstance(made, Optimized):
        return f"| {called} | no rewrite applies | | | | |"
    new = instantiate(made.code, made.name)
    new.load_state_dict(made.weights)
    old.float().load_state_dict(state)
    times = _in_turns([old.eval(), new.eval()], _image(graph), rounds)
    ratios = Spread.of([before / after for before, after in zip(*times, strict=True)])
    before, after = [Spread.of([1000 * each for each in several]) for several in times]
    counts = f"{made.before.layers:,} -> {made.after.layers:,}"
    weights = f"{made.before.params:,} -> {made.after.params:,}"
    return f"| {called} | {counts} | {weights} | {before:.0f} | {after:.0f} | {ratios:.2f} |"


def _image(graph: object) -> Tensor:
    (port,) = graph.inputs.values()  # type: ignore[attr-defined]
    return torch.randn(1, *graph.shape(port).sizes)  # type: ignore[attr-defined]


def _in_turns(modules: list[nn.Module], image: Tensor, rounds: int) -> list[list[float]]:
    """CPU seconds of a forward pass, for every module and round; the first round does not count."""
    times: list[list[float]] = [[] for _ in modules]
    with torch.inference_mode():
        for number in range(rounds + 1):
            for module, found in zip(modules, times, strict=True):
                start = time.process_time()
                for _ in range(CALLS):
                    module(image)
                if number:
                    found.append((time.process_time() - start) / CALLS)
    return times


if __name__ == "__main__":
    main()
