"""One network in one configuration: its steps, their rate, and their peak memory."""

from __future__ import annotations

import copy
import math
import time
from functools import cached_property
from itertools import chain, repeat
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from archdsl.bench.device import DEVICE, allocated, synchronize
from archdsl.bench.memory import saved_bytes
from archdsl.bench.subjects import Subject
from archdsl.bench.ways import Way
from archdsl.examples import random_inputs

ROUND_SECONDS = 0.2
"""The duration of a round of a fast network, which sets its number of steps: clocks are coarse."""


class Placed:
    """A copy of a network on the device, with weights and images in one layout."""

    def __init__(self, subject: Subject, layout: str, batch: int) -> None:
        formats = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
        to: Any = {"device": DEVICE, "memory_format": formats[layout]}
        self.module = copy.deepcopy(subject.module).to(**to)
        self.are_last = subject.are_last
        generator = torch.Generator().manual_seed(0)
        inputs = random_inputs(subject.inputs.values(), batch, generator)
        # Only images have a layout.
        self.inputs = [x.to(**to) if x.dim() == 4 else x.to(DEVICE) for x in inputs]
        self.optimizer = torch.optim.SGD(self.module.parameters(), lr=1e-3, momentum=0.9)

    def bytes(self, training: bool) -> int:
        """Bytes of weights, buffers and inputs, and in training of the optimizer state."""
        held = [*self.module.parameters(), *self.module.buffers(), *self.inputs]
        if training:
            states = self.optimizer.state.values()
            held += [each for state in states for each in state.values() if torch.is_tensor(each)]
        return sum(tensor.numel() * tensor.element_size() for tensor in held)


class TimedRun:
    """A placed network in one configuration."""

    def __init__(self, placed: Placed, way: Way, batch: int) -> None:
        self.placed = placed
        self.way = way
        self.batch = batch
        self.steps = 1
        self.peak: int | None = None
        self.saved: int | None = None
        self.targets: dict[torch.Size, Tensor] = {}

    @cached_property
    def call(self) -> Any:
        """The network, or its compiled form; a graph break is an error."""
        module = self.placed.module
        return torch.compile(module, fullgraph=True) if self.way.mode == "compile" else module

    def prepare(self) -> None:
        """Compile, and measure the time and memory of a step."""
        self.timed(2)
        before = allocated(forget_peak=True)
        seconds = self.timed(1)
        is_training = self.way.task == "training"
        if DEVICE.type == "cuda":
            self.peak = allocated(peak=True) - before + self.placed.bytes(is_training)
        elif is_training and self.way.mode == "eager":
            self.saved = self._kept()
        self.steps = max(1, math.ceil(ROUND_SECONDS / seconds))

    def _kept(self) -> int:
        """The bytes kept for the gradient when the network has run."""
        self.placed.module.train()
        with self._precision():
            return saved_bytes(self.placed.module, lambda: self.call(*self.placed.inputs))

    def rate(self) -> float:
        """Images per second in a round of steps."""
        return self.steps * self.batch / self.timed(self.steps)

    def timed(self, steps: int) -> float:
        """Seconds for a number of steps."""
        is_training = self.way.task == "training"
        self.placed.module.train(is_training)
        step = self.train if is_training else self.forward
        synchronize()
        start = time.perf_counter()
        for _ in range(steps):
            step()
        synchronize()
        seconds = time.perf_counter() - start
        # Other runs are measured without these gradients.
        self.placed.optimizer.zero_grad(set_to_none=True)
        return seconds

    def forward(self) -> None:
        """Compute the outputs in inference mode."""
        with torch.no_grad(), self._precision():
            self.call(*self.placed.inputs)

    def train(self) -> None:
        """Take one training step."""
        self.placed.optimizer.zero_grad(set_to_none=True)
        with self._precision():
            loss = self.loss(self.call(*self.placed.inputs))
        loss.backward()  # type: ignore[no-untyped-call]
        self.placed.optimizer.step()

    def loss(self, output: Any) -> Tensor:
        """The summed cross-entropy of all outputs, whose channels are classes."""
        outputs = output if isinstance(output, tuple) else (output,)
        are_last = chain(self.placed.are_last, repeat(False))
        pairs = zip(outputs, are_last, strict=False)
        entropies = [self._entropy(each, last) for each, last in pairs if each is not None]
        return torch.stack(entropies).sum()

    def _entropy(self, output: Tensor, is_last: bool) -> Tensor:
        output = output.movedim(-1, 1) if is_last else output
        batch, _, *sides = output.shape
        if output.shape not in self.targets:
            self.targets[output.shape] = torch.zeros(
                batch, *sides, dtype=torch.long, device=output.device
            )
        return functional.cross_entropy(output, self.targets[output.shape])

    def _precision(self) -> torch.autocast:
        return torch.autocast(DEVICE.type, torch.bfloat16, enabled=self.way.precision == "bf16")
