"""The memory of a training step as `archdsl fit` has it, next to all storages that live in one.

A CPU has no counter of memory, so every tensor that an operation makes is noted until its storage
is freed. `archdsl bench` does the same on a GPU, with PyTorch's own counter.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import archdsl
from archdsl.analysis.training_memory import Step, training_memory
from archdsl.examples import random_inputs
from tests.helpers.living import peak_of_step

NETWORKS = {
    "lenet5": 64,
    "resnet20": 16,
    "resnet18": 2,
    "mobilenet_v2": 2,
    "mobilenet_v3_small": 2,
    "densenet_bc_cifar": 4,
    "googlenet": 2,
    "mixer_s16_224": 1,
}
"""Shipped networks with their batches."""


def main() -> None:
    """Print a row for every network."""
    print("| network | batch | MiB lived | MiB expected | ratio |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, batch in NETWORKS.items():
        graph = archdsl.read(name)[name].graph
        shapes = [graph.shape(port) for port in graph.inputs.values()]
        inputs = random_inputs(shapes, batch, torch.Generator().manual_seed(0))
        make = partial(torch.optim.SGD, lr=1e-3, momentum=0.9)
        lived = peak_of_step(archdsl.load(name).train(), inputs, make)
        expected = training_memory(graph, Step(batch)).peak
        sizes = f"{lived / 2**20:.1f} | {expected / 2**20:.1f}"
        print(f"| {name} | {batch} | {sizes} | {expected / lived:.4f} |", flush=True)


if __name__ == "__main__":
    main()
