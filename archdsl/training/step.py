"""One training step: images in the network's format, losses, and weight updates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.distributed.fsdp import FSDPModule
from torch.nn.functional import cross_entropy
from torch.nn.parallel import DistributedDataParallel

from archdsl.training.augment import erased, resized, varied
from archdsl.training.chance import settle
from archdsl.training.data import Batch, Data, Shape3, validation
from archdsl.training.engine import Engine, World
from archdsl.training.learner import Learner
from archdsl.training.mixing import Mix, mix_of
from archdsl.training.recipe import Recipe
from archdsl.training.schedule import rate

AUXILIARY = {1: 0.4}
AUXILIARY_OF_SEVERAL = 0.3
"""Weights of heads that exist only in training.

Inception v3 has one, with weight 0.4 (as in torchvision's reference); GoogLeNet has two, with
weight 0.3 (Szegedy et al., CVPR 2015, section 5).
"""

EVALUATED = 256
"""Images per validation batch over all processes, unless the training batch is larger."""


@dataclass(frozen=True)
class Setting:
    """Constants of a run; `per_epoch` is the number of steps per epoch.

    `is_distance`: the smallest output of the network names the class, not the largest.
    """

    data: Data
    recipe: Recipe
    engine: Engine
    world: World
    per_epoch: int
    is_distance: bool

    @property
    def batch(self) -> int:
        """The images of a step, over all processes."""
        return min(self.recipe.batch, self.data.count("train"))

    @property
    def at_once(self) -> int:
        """The maximum number of images that one process computes at once."""
        return math.ceil(self.batch / (self.world.share.size * self.engine.accumulate))

    def scores(self, results: Tensor) -> Tensor:
        """Outputs as scores, of which the largest names the class.

        LeNet-5's loss is their cross-entropy with an additional class for images that are no
        character (LeCun et al., 1998, equation 9).
        """
        return -results if self.is_distance else results


def images_for(batch: Batch, setting: Setting, shape: Shape3) -> Tensor:
    """The images of a batch on the device: augmented, resized, normalised, with all channels."""
    channels, size = shape[0], shape[1:]
    device, how = setting.world.device, setting.recipe.augmentation
    images = batch.images.to(device, non_blocking=True)
    images = images.float() / 255 if images.dtype == torch.uint8 else images
    draws = None if batch.draws is None else batch.draws.to(device)
    if draws is not None:
        images = varied(images, draws, how, size)
    images = _normalised(resized(images, size), setting.data)
    if draws is not None:
        images = erased(images, draws, how)
    layout = torch.channels_last if setting.engine.channels_last else torch.contiguous_format
    return images.expand(-1, channels, -1, -1).contiguous(memory_format=layout)


def _normalised(images: Tensor, data: Data) -> Tensor:
    # A grey image has the statistics of the second channel, green.
    kept = slice(0, None) if images.shape[1] == 3 else slice(len(data.mean) // 2, None, 3)
    mean, deviation = (
        torch.tensor(value[kept], device=images.device).reshape(-1, 1, 1)
        for value in (data.mean, data.deviation)
    )
    return (images - mean) / deviation


def learn(
    learner: Learner, batch: Batch, setting: Setting, position: tuple[int, int], shape: Shape3
) -> Tensor:
    """Update the weights once; returns this process's loss, correct answers and images, as sums.

    `position` is the epoch and its step. Processes average their gradients, so each loss is divided
    by the images of all processes and multiplied by the number of processes.
    """
    recipe, (epoch, step), world = setting.recipe, position, setting.world
    found = torch.zeros(3, dtype=torch.float64, device=world.device)
    mix = mix_of(recipe, epoch, step, shape[1:])
    learner.forward.train()
    parts = list(_parts(batch, setting.engine.accumulate))
    for number, part in enumerate(parts):
        settle(recipe.seed, epoch, step, world.share.rank, number)
        images, labels = images_for(part, setting, shape), part.labels.to(world.device)
        with _together(learner.forward, number == len(parts) - 1), _precision(setting):
            losses, sums = _losses(learner.forward, images, labels, part, mix, setting)
            (losses.sum() * (world.share.size / setting.batch)).backward()  # type: ignore[no-untyped-call]
        found += sums
    _change(learner, recipe, epoch * setting.per_epoch + step, setting.per_epoch)
    return found


def _change(learner: Learner, recipe: Recipe, step: int, per_epoch: int) -> None:
    for group in learner.optimizer.param_groups:
        group["lr"] = rate(recipe, step, per_epoch)
    learner.optimizer.step()
    learner.optimizer.zero_grad()
    if learner.average is not None:
        learner.average.update(learner.module, step)


def _parts(batch: Batch, count: int) -> Iterator[Batch]:
    """A batch in parts that are computed one after the other."""
    if count == 1:
        yield batch
        return
    for rows in torch.arange(len(batch.labels)).chunk(count):
        draws = None if batch.draws is None else batch.draws[rows]
        yield Batch(batch.images[rows], batch.labels[rows], batch.weights[rows], draws)


def _losses(
    forward: nn.Module, images: Tensor, labels: Tensor, part: Batch, mix: Mix, setting: Setting
) -> tuple[Tensor, Tensor]:
    """The loss per image, and the sums of losses, correct answers and images counted.

    Every image is mixed with its neighbour in the same process, and the losses of both are combined
    in the same shares (Zhang et al., ICLR 2018, equation 2); an answer is correct if it is the
    first image's class.
    """
    recipe, others, weights = setting.recipe, labels.roll(1), part.weights.to(images.device)
    if not mix.is_pure:
        weights = weights * weights.roll(1)
    outputs = forward(mix.of(images))
    main, *heads = outputs if isinstance(outputs, tuple) else (outputs,)
    main = setting.scores(main)
    losses = _loss(main, labels, others, mix.share, recipe)
    for head in heads:
        losses = losses + head_weight(recipe, len(heads)) * _loss(
            head, labels, others, mix.share, recipe
        )
    right = (main.argmax(1) == labels) * weights
    losses = losses * weights
    sums = torch.stack(
        [losses.detach().double().sum(), right.double().sum(), weights.double().sum()]
    )
    return losses, sums


def _loss(scores: Tensor, labels: Tensor, others: Tensor, share: float, recipe: Recipe) -> Tensor:
    def of(wanted: Tensor) -> Tensor:
        smoothing = recipe.smoothing
        return cross_entropy(scores.float(), wanted, reduction="none", label_smoothing=smoothing)

    return of(labels) if share == 1 else share * of(labels) + (1 - share) * of(others)


def head_weight(recipe: Recipe, heads: int) -> float:
    """The weight of an auxiliary head's loss, given the number of heads."""
    if recipe.aux_weight is not None:
        return recipe.aux_weight
    return AUXILIARY.get(heads, AUXILIARY_OF_SEVERAL)


def _precision(setting: Setting) -> torch.autocast:
    kind = setting.world.device.type
    return torch.autocast(kind, dtype=torch.bfloat16, enabled=setting.engine.bf16)


def _together(forward: nn.Module, is_last: bool) -> AbstractContextManager[None]:
    """Average gradients between processes only with the last part of a batch."""
    if isinstance(forward, FSDPModule):
        forward.set_requires_gradient_sync(is_last)
    if isinstance(forward, DistributedDataParallel) and not is_last:
        return forward.no_sync()
    return nullcontext()


@torch.no_grad()
def evaluate(learner: Learner, setting: Setting, shape: Shape3) -> tuple[float, float]:
    """Mean loss and accuracy on all validation images."""
    world = setting.world
    world.agree(learner.module)
    found = torch.zeros(3, dtype=torch.float64, device=world.device)
    together = min(EVALUATED, setting.at_once * world.share.size)
    with learner.finished() as module:
        for scores, labels, weights in answers(module, setting, shape, together):
            losses = cross_entropy(scores, labels, reduction="none")
            right = scores.argmax(1) == labels
            found += torch.stack([losses * weights, right * weights, weights]).double().sum(1)
    loss, right, count = world.total(found).tolist()
    return loss / max(count, 1.0), right / max(count, 1.0)


@torch.no_grad()
def answers(
    module: nn.Module, setting: Setting, shape: Shape3, together: int
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Scores, labels and weights of this process's validation images, batch by batch.

    All processes together look at `together` images at once.
    """
    world = setting.world
    module.eval()
    for batch in validation(setting.data, together, world.share, shape):
        with _precision(setting):
            results = module(images_for(batch, setting, shape))
            scores = setting.scores(results).float()
        yield scores, batch.labels.to(world.device), batch.weights.to(world.device)


@torch.no_grad()
def takes(module: nn.Module, shape: Shape3) -> bool:
    """Whether a network works for images of another shape."""
    module.eval()
    try:
        module(torch.zeros(1, *shape))
    except RuntimeError:
        return False
    return True
