"""A network in training: weights, their average, the optimizer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import SGD, AdamW, Optimizer

from archdsl.training.engine import Engine, World
from archdsl.training.recipe import Recipe

MOMENTUM = 0.9
GRAPHS = 64
"""Limit on recompilations.

PyTorch's default of 8 is too low: parts that share a `forward`, and image sizes, each need a graph.
"""


class Average:
    """Exponential moving average of weights: the newest counts `1 - decay`.

    At first it averages fewer steps, so that the initial weights are forgotten soon.
    """

    def __init__(self, module: nn.Module, steps: float) -> None:
        self.decay = 1 - 1 / max(1.0, steps)
        self.values = {name: value.clone() for name, value in _floats(module)}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Update the average after a step, counted from 0."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, value in _floats(module):
            self.values[name].mul_(decay).add_(value, alpha=1 - decay)

    @torch.no_grad()
    def read(self, module: nn.Module) -> None:
        """Copy the values of a module."""
        for name, value in _floats(module):
            self.values[name].copy_(value)

    @contextmanager
    def shown(self, module: nn.Module) -> Iterator[None]:
        """Temporarily replace a module's weights by the averages."""
        own = {name: value.clone() for name, value in _floats(module)}
        _write(module, self.values)
        try:
            yield
        finally:
            _write(module, own)


def _floats(module: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Weights and running statistics; integer counters cannot be averaged."""
    for name, value in (*module.named_parameters(), *module.named_buffers()):
        if value.is_floating_point():
            yield name, value.detach()


@torch.no_grad()
def _write(module: nn.Module, values: dict[str, Tensor]) -> None:
    for name, value in _floats(module):
        value.copy_(values[name])


@dataclass(frozen=True, eq=False)
class Learner:
    """`module` has the keys of the generated code; training calls `forward`."""

    module: nn.Module
    forward: nn.Module
    optimizer: Optimizer
    average: Average | None

    @contextmanager
    def finished(self) -> Iterator[nn.Module]:
        """The trained network, with averaged weights if there are any."""
        if self.average is None:
            yield self.module
            return
        with self.average.shown(self.module):
            yield self.module


def parameters(module: nn.Module) -> int:
    """The number of trainable numbers."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def learner(module: nn.Module, recipe: Recipe, engine: Engine, world: World, steps: int) -> Learner:
    """Move a network to its device and layout, and distribute it over the processes.

    The layout is set first, because DDP builds its buckets for the strides it finds. FSDP2 shards
    only contiguous weights; then only images have the layout, and convolutions follow it.
    """
    module.to(world.device)
    if engine.channels_last and not engine.shard:
        module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if engine.compile:
        _compile([*module.children()] if engine.shard else [module])
    if engine.shard:
        _shard(module)
    forward = module
    if world.share.size > 1 and not engine.shard:
        from torch.nn.parallel import DistributedDataParallel

        forward = DistributedDataParallel(module)
    average = Average(module, recipe.average * steps) if recipe.average else None
    return Learner(module, forward, _optimizer(module, recipe, engine), average)


def _compile(parts: Sequence[nn.Module]) -> None:
    """Compile the parts of a network separately; FSDP2 gathers their weights in between."""
    from torch._dynamo import config

    config.cache_size_limit = max(config.cache_size_limit, GRAPHS)
    for part in parts:
        # `part.compile()` would compile nothing if `forward` is that of `nn.Sequential`.
        part.forward = torch.compile(part.forward)


def _shard(module: nn.Module) -> None:
    """Shard the weights of every part of the network over all processes."""
    from torch.distributed.fsdp import fully_shard

    for child in module.children():
        if any(True for _ in child.parameters()):
            fully_shard(child)
    fully_shard(module)


def _optimizer(module: nn.Module, recipe: Recipe, engine: Engine) -> Optimizer:
    """An optimizer with weight decay for weights, but not for gains and biases, which are 1-D."""
    parameters = [p for p in module.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if recipe.optimizer == "adamw":
        return AdamW(groups, lr=recipe.lr, fused=engine.fused)
    # PyTorch has no fused SGD for sharded weights.
    fused = engine.fused and not engine.shard
    nesterov = recipe.nesterov
    return SGD(groups, lr=recipe.lr, momentum=MOMENTUM, nesterov=nesterov, fused=fused)
