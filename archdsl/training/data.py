"""What is learned from: labelled images, and who gets which of them when."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor

from archdsl.training.chance import draws, order
from archdsl.training.recipe import Recipe

Split = Literal["train", "val"]
Shape3 = tuple[int, int, int]
"""Channels, height and width."""


@dataclass(frozen=True)
class BatchRequest:
    """How a batch is wanted: the shape of an image, and the numbers that vary each, if any do."""

    shape: Shape3
    draws: Tensor | None = None
    crop: float = 1.0
    """The least share of the area that is looked at in training."""


@dataclass(frozen=True)
class Batch:
    """Images with values from 0 to 1, or bytes from 0 to 255, labels, and what each counts.

    `weights` are 0 for an image that could not be read, or that is only there to fill up. `draws`
    vary the images, where they are to be varied.
    """

    images: Tensor
    labels: Tensor
    weights: Tensor
    draws: Tensor | None = None


class Data(Protocol):
    """Labelled images; `mean` and `deviation` are those of their values, from 0 to 1."""

    name: str
    classes: tuple[str, ...]
    channels: tuple[int, ...]
    """How many channels an image can have; none for any number."""
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    skipped: set[str]
    """The images that could not be read, so far."""

    def count(self, split: Split) -> int:
        """How many images there are."""

    def fetch(self, split: Split, indices: Tensor, request: BatchRequest) -> Batch:
        """Some images as they are wanted."""


@dataclass(frozen=True)
class Share:
    """One process of several: it takes every `size`-th image, beginning with number `rank`."""

    rank: int = 0
    size: int = 1


def steps(count: int, batch: int) -> int:
    """The steps of an epoch: what does not fill a batch waits for the next epoch."""
    return max(1, count // batch)


def training(
    data: Data, recipe: Recipe, share: Share, epoch: int, first: int, shape: Shape3
) -> Iterator[Batch]:
    """A process's part of every batch of an epoch, from step `first` on."""
    count = data.count("train")
    indices = order(recipe.seed, epoch, count)

    def fetch(step: int) -> Batch:
        rows = indices[step * recipe.batch : (step + 1) * recipe.batch]
        numbers = draws(recipe.seed, epoch, step, len(rows))
        request = BatchRequest(shape, numbers[share.rank :: share.size], recipe.augmentation.crop)
        return data.fetch("train", rows[share.rank :: share.size], request)

    last = steps(count, recipe.batch)
    with ThreadPoolExecutor(1) as ahead:
        # The next batch is made while the network learns from this one.
        waiting = ahead.submit(fetch, first) if first < last else None
        for step in range(first, last):
            assert waiting is not None
            batch = waiting.result()
            waiting = ahead.submit(fetch, step + 1) if step + 1 < last else None
            yield batch


def validation(data: Data, batch: int, share: Share, shape: Shape3) -> Iterator[Batch]:
    """A process's part of all validation images: equally many batches for every process."""
    count = data.count("val")
    padded = -(-count // share.size) * share.size
    most = max(1, batch // share.size) * share.size
    for first in range(0, padded, most):
        rows = torch.arange(first, min(first + most, padded))
        mine = rows[share.rank :: share.size]
        found = data.fetch("val", mine % count, BatchRequest(shape))
        yield Batch(found.images, found.labels, found.weights * (mine < count))
