"""A network that learns: its weights, their average, and what changes them."""

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
"""PyTorch gives a function up after 8 graphs; parts that share theirs, and sizes, make more."""


class Average:
    """Weights averaged over the last steps: the newest counts `1 - decay`.

    At the beginning fewer steps are averaged, so that the first weights are soon forgotten.
    """

    def __init__(self, module: nn.Module, steps: float) -> None:
        self.decay = 1 - 1 / max(1.0, steps)
        self.values = {name: value.clone() for name, value in _floats(module)}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Take in the weights after a step, from 0."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, value in _floats(module):
            self.values[name].mul_(decay).add_(value, alpha=1 - decay)

    @torch.no_grad()
    def read(self, module: nn.Module) -> None:
        """Take the values that a module has."""
        for name, value in _floats(module):
            self.values[name].copy_(value)

    @contextmanager
    def shown(self, module: nn.Module) -> Iterator[None]:
        """The averages instead of a module's own weights, for a while."""
        own = {name: value.clone() for name, value in _floats(module)}
        _write(module, self.values)
        try:
            yield
        finally:
            _write(module, own)


def _floats(module: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Weights and running means; counters cannot be averaged."""
    for name, value in (*module.named_parameters(), *module.named_buffers()):
        if value.is_floating_point():
            yield name, value.detach()


@torch.no_grad()
def _write(module: nn.Module, values: dict[str, Tensor]) -> None:
    for name, value in _floats(module):
        value.copy_(values[name])


@dataclass(frozen=True, eq=False)
class Learner:
    """`module` has the keys of the generated code; `forward` is what is called in training."""

    module: nn.Module
    forward: nn.Module
    optimizer: Optimizer
    average: Average | None

    @contextmanager
    def finished(self) -> Iterator[nn.Module]:
        """The network as it would be used now, with averages if there are any."""
        if self.average is None:
            yield self.module
            return
        with self.average.shown(self.module):
            yield self.module


def learner(module: nn.Module, recipe: Recipe, engine: Engine, world: World, steps: int) -> Learner:
    """Put a network on its device, in its layout, and between its processes.

    The layout comes first: DDP makes its buckets for the strides that it finds. FSDP2 divides no
    weights but contiguous ones; then images alone have the layout, which convolutions follow.
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
    """Compile parts of a network, each by itself; between them FSDP2 collects their weights."""
    from torch._dynamo import config

    config.cache_size_limit = max(config.cache_size_limit, GRAPHS)
    for part in parts:
        # `part.compile()` would compile nothing where `forward` is that of `nn.Sequential`.
        part.forward = torch.compile(part.forward)


def _shard(module: nn.Module) -> None:
    """Divide the weights of every part of the network between all processes."""
    from torch.distributed.fsdp import fully_shard

    for child in module.children():
        if any(True for _ in child.parameters()):
            fully_shard(child)
    fully_shard(module)


def _optimizer(module: nn.Module, recipe: Recipe, engine: Engine) -> Optimizer:
    """Weights decay; gains and biases, which have one dimension, do not."""
    parameters = [p for p in module.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if recipe.optimizer == "adamw":
        return AdamW(groups, lr=recipe.lr, fused=engine.fused)
    # PyTorch has no fused SGD for weights that are divided.
    fused = engine.fused and not engine.shard
    return SGD(groups, lr=recipe.lr, momentum=MOMENTUM, nesterov=True, fused=fused)
